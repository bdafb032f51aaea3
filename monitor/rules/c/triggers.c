#define PY_SSIZE_T_CLEAN
#include "triggers.h"

#include "found.h"

#define CHARACTERS 0x110000
#define UNKNOWN 0xFF
#define MOST_TRIGGERS ((Py_ssize_t)1 << 28)

/* ------------------------------------------------------------------------- characters */

/* Asks Python, once for each character: what is in a word is decided in one place. */
static int
mark_of(const Triggers *triggers, Py_UCS4 character)
{
    PyObject *letter = PyUnicode_FromOrdinal((int)character);
    PyObject *said = letter ? PyObject_CallOneArg(triggers->in_word, letter) : NULL;
    int yes = said ? PyObject_IsTrue(said) : -1;
    Py_XDECREF(letter);
    Py_XDECREF(said);
    if (yes < 0)
        return -1;
    return triggers->known[character] = yes ? WORD : character == '\n' ? LINE : 0;
}

uint8_t *
triggers_marks(const Triggers *triggers, int kind, const void *data, Py_ssize_t size)
{
    uint8_t *marks = PyMem_Malloc((size_t)size + 1);
    if (!marks) {
        PyErr_NoMemory();
        return NULL;
    }
    int before = 0;
    for (Py_ssize_t i = 0; i < size; i++) {
        Py_UCS4 character = PyUnicode_READ(kind, data, i);
        int mark = triggers->known[character];
        if (mark == UNKNOWN && (mark = mark_of(triggers, character)) < 0) {
            PyMem_Free(marks);
            return NULL;
        }
        marks[i] = (uint8_t)(mark | (before & ~mark & WORD) << 1 | (mark & ~before & WORD) << 2);
        before = mark;
    }
    marks[size] = (uint8_t)(LINE | (before & WORD) << 1);
    return marks;
}

/* ----------------------------------------------------------------------------- making */

/* The entry for the first characters of a trigger; made if there is none yet. */
static Entry *
entry_for(Triggers *triggers, uint64_t hash, uint32_t offset, int kind, uint32_t length)
{
    const void *text = triggers->pool + offset;
    uint32_t tag = tag_of(hash);
    size_t slot = slot_of(triggers, hash);
    for (; triggers->slots[slot].entry != NONE; slot = slot_behind(triggers, slot)) {
        Entry *entry = &triggers->entries[triggers->slots[slot].entry];
        if (triggers->slots[slot].tag == tag && entry->hash == hash && entry->length == length &&
            entry_stands(triggers, entry, kind, text, 0))
            return entry;
    }
    triggers->slots[slot] = (Slot){tag, triggers->entry_count};
    Entry *entry = &triggers->entries[triggers->entry_count++];
    *entry = (Entry){hash, offset, length, {NONE, NONE}, (uint8_t)kind, 0, 0, NONE};
    return entry;
}

typedef struct { /* as it is put in */
    PyObject *text;
    const uint8_t *marks;
    uint32_t number;
    uint8_t edges;
} Trigger;

/* Bytes that a text takes in the pool, so that the next one is aligned. */
static size_t
bytes_of(PyObject *text)
{
    return ((size_t)PyUnicode_GET_LENGTH(text) * PyUnicode_KIND(text) + 3) & ~(size_t)3;
}

/* Checks a trigger; adds the entries that it may need and the bytes of its text. */
static int
count(const Trigger *trigger, size_t *entries, size_t *bytes)
{
    Py_ssize_t size = PyUnicode_GET_LENGTH(trigger->text);
    const uint8_t *marks = trigger->marks;
    if (!size || trigger->edges > (LEFT | RIGHT) || (trigger->edges & LEFT && !(marks[0] & WORD)) ||
        (trigger->edges & RIGHT && !(marks[size - 1] & WORD)) ||
        PyUnicode_FindChar(trigger->text, '\n', 0, size, 1) >= 0) {
        PyErr_Format(PyExc_ValueError, "not a trigger: %R with the edges %d", trigger->text,
                     trigger->edges);
        return -1;
    }
    *entries += 1;
    for (Py_ssize_t length = 1; length < size && length <= LONGEST_READ; length++)
        *entries += is_checkpoint(length) || (marks[length] & END) != 0;
    *bytes += bytes_of(trigger->text);
    return 0;
}

static int
put(Triggers *triggers, const Trigger *trigger, uint32_t offset)
{
    int kind = PyUnicode_KIND(trigger->text);
    const void *data = PyUnicode_DATA(trigger->text);
    Py_ssize_t size = PyUnicode_GET_LENGTH(trigger->text);
    Family *family = &triggers->families[trigger->edges & LEFT];
    uint64_t hash = family->seed, window = 0;
    Entry *beginning = NULL;
    memcpy(triggers->pool + offset, data, (size_t)size * (size_t)kind);
    for (Py_ssize_t length = 1; length <= size; length++) {
        Py_UCS4 character = PyUnicode_READ(kind, data, length - 1);
        hash = hashed(hash, character);
        if (length <= anchor_lengths[0])
            window |= (uint64_t)(character & 0xFF) << (8 * (length - 1));
        if (length < size && length <= LONGEST_READ &&
            (is_checkpoint(length) || trigger->marks[length] & END)) {
            beginning = entry_for(triggers, hash, offset, kind, (uint32_t)length);
            beginning->longer = length < LONGEST_READ;
        }
    }
    int anchor = trigger->edges & LEFT ? 0 : LONGEST_ANYWHERE;
    while (anchor_lengths[anchor] > size)
        anchor++;
    family->lengths |= 1 << anchor;
    bits_put(&family->anchors, anchor_of(window, anchor_lengths[anchor]));
    if (!(trigger->edges & RIGHT))
        bits_put(&family->open, hash);
    uint32_t entries = triggers->entry_count;
    Entry *entry = entry_for(triggers, hash, offset, kind, (uint32_t)size);
    if (size > LONGEST_READ && triggers->entry_count > entries) { /* it is a new one */
        entry->next = beginning->next;
        beginning->next = entries;
    }
    int right = (trigger->edges & RIGHT) != 0;
    if (entry->number[right] != NONE) {
        PyErr_Format(PyExc_ValueError, "the trigger %R is there twice", trigger->text);
        return -1;
    }
    entry->number[right] = trigger->number;
    if (triggers->beside[trigger->number])
        entry->picky |= (uint8_t)(1 << right);
    return 0;
}

/* Checks and counts all triggers while there is no pool yet, then puts them in. */
static int
each(Triggers *triggers, PyObject *texts, const uint8_t *edges, size_t *entries, size_t *bytes)
{
    size_t offset = 0;
    for (uint32_t number = 0; number < triggers->count; number++) {
        PyObject *text = PyTuple_GET_ITEM(texts, number);
        if (!PyUnicode_Check(text)) {
            PyErr_SetString(PyExc_TypeError, "triggers are strings");
            return -1;
        }
        uint8_t *marks = triggers_marks(triggers, PyUnicode_KIND(text), PyUnicode_DATA(text),
                                        PyUnicode_GET_LENGTH(text));
        if (!marks)
            return -1;
        Trigger trigger = {text, marks, number, edges[number]};
        int done = triggers->pool ? put(triggers, &trigger, (uint32_t)offset)
                                  : count(&trigger, entries, bytes);
        PyMem_Free(marks);
        if (done < 0)
            return -1;
        offset += bytes_of(text);
    }
    return 0;
}

/* Room for so many entries, and texts of so many bytes. */
static int
make_room(Triggers *triggers, const uint8_t *edges, size_t entries, size_t bytes)
{
    if (entries >= NONE / 4 || bytes >= NONE) {
        PyErr_SetString(PyExc_OverflowError, "too many triggers");
        return -1;
    }
    int size = 4;
    while (((size_t)1 << size) < 2 * entries)
        size++;
    triggers->slot_shift = 64 - size;
    triggers->slots = PyMem_New(Slot, (size_t)1 << size);
    triggers->entries = PyMem_New(Entry, entries + 1);
    triggers->pool = PyMem_Malloc(bytes + 1);
    if (!triggers->slots || !triggers->entries || !triggers->pool) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t slot = 0; slot < (size_t)1 << size; slot++)
        triggers->slots[slot].entry = NONE;
    size_t all[2] = {0, 0}, open[2] = {0, 0};
    for (uint32_t number = 0; number < triggers->count; number++) {
        all[edges[number] & LEFT]++;
        open[edges[number] & LEFT] += !(edges[number] & RIGHT);
    }
    for (int i = 0; i < 2; i++) {
        Family *family = &triggers->families[i];
        family->seed = i ? UINT64_C(0x2545F4914F6CDD1D) : UINT64_C(0x94D049BB133111EB);
        if (bits_make(&family->anchors, all[i]) < 0 || bits_make(&family->open, open[i]) < 0)
            return -1;
    }
    return 0;
}

static int
put_neighbours(Triggers *triggers, const Py_buffer *beside, const Py_buffer *neighbours)
{
    size_t kinds = (size_t)neighbours->len / sizeof(Neighbours);
    int fits = (size_t)beside->len == triggers->count * sizeof(uint32_t);
    for (uint32_t number = 0; fits && number < triggers->count; number++)
        fits = ((const uint32_t *)beside->buf)[number] < kinds;
    if (!fits) {
        PyErr_SetString(PyExc_ValueError, "not the columns of a block");
        return -1;
    }
    triggers->neighbours = PyMem_Malloc((size_t)neighbours->len + 1);
    triggers->beside = PyMem_Malloc((size_t)beside->len + 1);
    if (!triggers->neighbours || !triggers->beside) {
        PyErr_NoMemory();
        return -1;
    }
    if (kinds)
        memcpy(triggers->neighbours, neighbours->buf, (size_t)neighbours->len);
    if (triggers->count)
        memcpy(triggers->beside, beside->buf, (size_t)beside->len);
    return 0;
}

int
triggers_make(Triggers *triggers, PyObject *texts, const Py_buffer *edges, const Py_buffer *beside,
              const Py_buffer *neighbours, PyObject *in_word)
{
    Py_ssize_t count = PyTuple_GET_SIZE(texts);
    if (edges->len != count || count > MOST_TRIGGERS) {
        PyErr_SetString(PyExc_ValueError, "as many edges as texts are needed");
        return -1;
    }
    triggers->count = (uint32_t)count;
    triggers->in_word = Py_NewRef(in_word);
    triggers->known = PyMem_Malloc(CHARACTERS);
    if (!triggers->known) {
        PyErr_NoMemory();
        return -1;
    }
    memset(triggers->known, UNKNOWN, CHARACTERS);
    if (put_neighbours(triggers, beside, neighbours) < 0)
        return -1;
    size_t entries = 0, bytes = 0;
    if (each(triggers, texts, edges->buf, &entries, &bytes) < 0 ||
        make_room(triggers, edges->buf, entries, bytes) < 0 ||
        each(triggers, texts, edges->buf, NULL, NULL) < 0)
        return -1;
    /* Triggers share many entries. */
    Entry *kept = PyMem_Realloc(triggers->entries, (triggers->entry_count + 1) * sizeof(Entry));
    if (kept)
        triggers->entries = kept;
    return 0;
}

void
triggers_clear(Triggers *triggers)
{
    Py_CLEAR(triggers->in_word);
    for (int i = 0; i < 2; i++) {
        PyMem_Free(triggers->families[i].anchors.words);
        PyMem_Free(triggers->families[i].open.words);
    }
    PyMem_Free(triggers->known);
    PyMem_Free(triggers->pool);
    PyMem_Free(triggers->entries);
    PyMem_Free(triggers->slots);
    PyMem_Free(triggers->neighbours);
    PyMem_Free(triggers->beside);
}

/* ----------------------------------------------------------------------------- asking */

static int
holds(const uint32_t *letters, uint64_t asked)
{
    return !(asked & ~(letters[0] | (uint64_t)letters[1] << 32));
}

uint32_t
triggers_number(const Triggers *triggers, PyObject *text, int edges, uint64_t before,
                uint64_t behind)
{
    int kind = PyUnicode_KIND(text), right = (edges & RIGHT) != 0;
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t size = PyUnicode_GET_LENGTH(text);
    uint64_t hash = triggers->families[edges & LEFT].seed;
    for (Py_ssize_t i = 0; i < size; i++)
        hash = hashed(hash, PyUnicode_READ(kind, data, i));
    for (size_t slot = slot_of(triggers, hash); triggers->slots[slot].entry != NONE;
         slot = slot_behind(triggers, slot)) {
        const Entry *entry = &triggers->entries[triggers->slots[slot].entry];
        uint32_t number = entry->number[right];
        if (entry->hash != hash || (Py_ssize_t)entry->length != size || number == NONE ||
            !entry_stands(triggers, entry, kind, data, 0))
            continue;
        if (!(entry->picky >> right & 1))
            return number;
        const Neighbours *letters = &triggers->neighbours[triggers->beside[number]];
        return holds(letters->before, before) && holds(letters->behind, behind) ? number : NONE;
    }
    return NONE;
}
