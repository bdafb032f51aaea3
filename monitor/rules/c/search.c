/* Where triggers stand in a text.

   A trigger is hashed from its first character on. At each place of the text where one may begin
   (where a word begins, for those with a left edge), a bit array tells by the next characters
   whether one does; if it may, the text is hashed on from there, character by character, and
   looked up

   - at each end of a word and at lengths of 16, 32 and 64 ("checkpoints"), where an entry must say
     that some trigger is longer, or the way ends;
   - where another bit array says that a trigger without a right edge may have this hash.

   The few triggers that are longer than 64 are compared with the text where they begin like it.

   So each word costs a few steps a letter and one look-up, however many triggers there are, and
   no look-up depends on the one before: that is what makes it quicker than an automaton, whose
   every step waits for memory. A hash only suggests; what is found has been compared. */

#define PY_SSIZE_T_CLEAN
#include "search.h"

#include <string.h>

/* A place at which triggers may begin, and how far the text has been read from there. */
typedef struct {
    uint64_t hash; /* of what stands between the two */
    Py_ssize_t start;
    Py_ssize_t place;
} Way;

#define WAYS 256 /* followed together */

typedef struct {
    const Triggers *triggers;
    const void *data;
    Py_ssize_t size;
    const uint8_t *marks;
    Found *found;
    const Family *family;
    int ways;
    Way way[WAYS];
} Search;

/* Whether a trigger may begin with these characters: 0 or 1. */
static inline int
may_begin(const Bits *anchors, int lengths, uint64_t window)
{
    int may = 0;
    for (int i = 0; i < ANCHOR_LENGTHS; i++)
        if (lengths >> i & 1)
            may |= bits_may_hold(anchors, anchor_of(window, anchor_lengths[i]));
    return may;
}

/* Read on to where an entry is to be looked up; 0: there is none, no trigger has a line feed. */
static inline int
advance(const Search *search, int kind, Way *way)
{
    const uint8_t *marks = search->marks;
    const Bits *open = &search->family->open;
    uint64_t hash = way->hash;
    Py_ssize_t start = way->start, place = way->place;
    while (!(marks[place] & LINE)) {
        hash = hashed(hash, PyUnicode_READ(kind, search->data, place));
        place++;
        if (marks[place] & END || bits_may_hold(open, hash) || is_checkpoint(place - start)) {
            way->hash = hash;
            way->place = place;
            return 1;
        }
    }
    return 0;
}

static inline int
may_stand_beside(const uint32_t *letters, Py_UCS4 character)
{
    return letters[character >> 5 & 1] >> (character & 31) & 1 || !Py_UNICODE_ISALPHA(character);
}

/* Whether the letters beside a trigger are some that may stand there. */
static inline int
has_neighbours(const Search *search, int kind, const Way *way, uint32_t number)
{
    const Triggers *triggers = search->triggers;
    const Neighbours *letters = &triggers->neighbours[triggers->beside[number]];
    return (way->place == search->size ||
            may_stand_beside(letters->behind, PyUnicode_READ(kind, search->data, way->place))) &&
           (way->start == 0 ||
            may_stand_beside(letters->before, PyUnicode_READ(kind, search->data, way->start - 1)));
}

/* Put down a trigger that stands there. 0, or -1 with an error. */
static inline int
put_down(Search *search, int kind, const Way *way, const Entry *entry, int right)
{
    uint32_t number = entry->number[right];
    if (number == NONE || (entry->picky >> right & 1 && !has_neighbours(search, kind, way, number)))
        return 0;
    return found_add(search->found, number, way->start, way->place);
}

/* Put down the triggers longer than LONGEST_READ that stand there and begin like an entry. 0, or -1
   with an error. */
static int
put_down_long(Search *search, int kind, const Way *way, const Entry *beginning)
{
    const Triggers *triggers = search->triggers;
    const Entry *entry;
    for (uint32_t next = beginning->next; next != NONE; next = entry->next) {
        entry = &triggers->entries[next];
        if ((Py_ssize_t)entry->length > search->size - way->start ||
            !entry_stands(triggers, entry, kind, search->data, way->start))
            continue;
        Way whole = {entry->hash, way->start, way->start + (Py_ssize_t)entry->length};
        if (put_down(search, kind, &whole, entry, 0) < 0 ||
            (!(search->marks[whole.place] & WORD) &&
             put_down(search, kind, &whole, entry, 1) < 0))
            return -1;
    }
    return 0;
}

/* Look up what has been read; whether to go on. -1: no memory. */
static inline int
look_up(Search *search, int kind, const Way *way)
{
    const Triggers *triggers = search->triggers;
    int mark = search->marks[way->place];
    Py_ssize_t length = way->place - way->start;
    int longer = !(mark & END || is_checkpoint(length));
    uint32_t tag = tag_of(way->hash);
    for (size_t slot = slot_of(triggers, way->hash); triggers->slots[slot].entry != NONE;
         slot = slot_behind(triggers, slot)) {
        if (triggers->slots[slot].tag != tag)
            continue;
        const Entry *entry = &triggers->entries[triggers->slots[slot].entry];
        if (entry->hash != way->hash || (Py_ssize_t)entry->length != length)
            continue;
        longer |= entry->longer;
        if (entry->next != NONE && put_down_long(search, kind, way, entry) < 0)
            return -1;
        int end = !(mark & WORD);
        if ((entry->number[0] == NONE && (entry->number[1] == NONE || !end)) ||
            !entry_stands(triggers, entry, kind, search->data, way->start))
            continue;
        if (put_down(search, kind, way, entry, 0) < 0 ||
            (end && put_down(search, kind, way, entry, 1) < 0))
            return -1;
    }
    return longer;
}

/* Follow all ways to their ends, a step of each in turn. A step needs memory that is in no cache,
   but none that the step of another way gives: so all of it is fetched together, first the slots,
   then the entries. */
static inline int
follow(Search *search, int kind)
{
    const Triggers *triggers = search->triggers;
    while (search->ways) {
        int ways = 0;
        for (int i = 0; i < search->ways; i++) {
            Way way = search->way[i];
            if (advance(search, kind, &way)) {
                FETCH(&triggers->slots[slot_of(triggers, way.hash)]);
                search->way[ways++] = way;
            }
        }
        for (int i = 0; i < ways; i++) {
            uint64_t hash = search->way[i].hash;
            Slot slot = triggers->slots[slot_of(triggers, hash)];
            if (slot.entry != NONE && slot.tag == tag_of(hash))
                FETCH(&triggers->entries[slot.entry]);
        }
        search->ways = 0;
        for (int i = 0; i < ways; i++) {
            int longer = look_up(search, kind, &search->way[i]);
            if (longer < 0)
                return -1;
            if (longer)
                search->way[search->ways++] = search->way[i];
        }
    }
    return 0;
}

/* A byte of each of the eight characters from a place on. */
static inline uint64_t
window_at(const Search *search, int kind, Py_ssize_t place)
{
    uint64_t window = 0;
#if PY_LITTLE_ENDIAN
    if (kind == PyUnicode_1BYTE_KIND && search->size - place >= 8) {
        memcpy(&window, (const char *)search->data + place, 8);
        return window;
    }
#endif
    for (int i = 0; i < 8 && place + i < search->size; i++)
        window |= (uint64_t)(PyUnicode_READ(kind, search->data, place + i) & 0xFF) << (8 * i);
    return window;
}

/* Of the places of the text from ``*place`` on, up to WAYS at which a trigger may begin that may
   begin anywhere. */
static inline int
starts_anywhere(const Search *search, int kind, const Bits anchors, int lengths,
                Py_ssize_t *place, Py_ssize_t *starts)
{
    Py_ssize_t at = *place, size = search->size;
    int count = 0;
#if PY_LITTLE_ENDIAN
    if (kind == PyUnicode_1BYTE_KIND) /* no step has to wait for the one before */
        for (uint64_t window; at + 8 <= size && count < WAYS; at++) {
            memcpy(&window, (const char *)search->data + at, 8);
            if (may_begin(&anchors, lengths, window))
                starts[count++] = at;
        }
#endif
    uint64_t window = window_at(search, kind, at) << 8;
    for (; at < size && count < WAYS; at++) {
        uint64_t last = at + 7 < size ? PyUnicode_READ(kind, search->data, at + 7) : 0;
        window = window >> 8 | last << 56;
        if (may_begin(&anchors, lengths, window))
            starts[count++] = at;
    }
    *place = at;
    return count;
}

/* The same for those that begin where a word begins. These places are counted, not asked for one
   by one: the processor would guess wrong. */
static inline int
starts_of_words(const Search *search, int kind, const Bits anchors, int lengths,
                Py_ssize_t *place, Py_ssize_t *starts)
{
    const uint8_t *marks = search->marks;
    Py_ssize_t at = *place, size = search->size;
    int count = 0, kept = 0;
    for (; at < size && count < WAYS; at++) {
        starts[count] = at;
        count += (marks[at] & BEGIN) != 0;
    }
    for (int i = 0; i < count; i++) {
        starts[kept] = starts[i];
        kept += may_begin(&anchors, lengths, window_at(search, kind, starts[i]));
    }
    *place = at;
    return kept;
}

/* All triggers of one family. */
static inline int
find_family(Search *search, int kind, int left)
{
    const Family *family = &search->triggers->families[left];
    if (!family->lengths)
        return 0;
    search->family = family;
    const int usual = 1 << LONGEST_ANYWHERE;
    Py_ssize_t starts[WAYS], place = 0;
    while (place < search->size) {
        int count;
        if (left)
            count = starts_of_words(search, kind, family->anchors, family->lengths, &place, starts);
        else if (family->lengths == usual) /* a constant, which is quicker */
            count = starts_anywhere(search, kind, family->anchors, usual, &place, starts);
        else
            count = starts_anywhere(search, kind, family->anchors, family->lengths, &place, starts);
        for (int i = 0; i < count; i++) {
            search->way[search->ways++] = (Way){family->seed, starts[i], starts[i]};
            if (search->ways == WAYS && follow(search, kind) < 0)
                return -1;
        }
    }
    return follow(search, kind);
}

static inline int
find_all(Search *search, int kind)
{
    int done = find_family(search, kind, LEFT);
    return done ? done : find_family(search, kind, 0);
}

int
search_text(const Triggers *triggers, PyObject *text, const uint8_t *marks, Found *found)
{
    Search search;
    search.triggers = triggers;
    search.data = PyUnicode_DATA(text);
    search.size = PyUnicode_GET_LENGTH(text);
    search.marks = marks;
    search.found = found;
    search.ways = 0;
    switch (PyUnicode_KIND(text)) { /* one copy of the search for each width of a character */
    case PyUnicode_1BYTE_KIND:
        return find_all(&search, PyUnicode_1BYTE_KIND);
    case PyUnicode_2BYTE_KIND:
        return find_all(&search, PyUnicode_2BYTE_KIND);
    default:
        return find_all(&search, PyUnicode_4BYTE_KIND);
    }
}
