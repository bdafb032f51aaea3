/* Where the triggers of all rules stand in an article, and which rules they wake, in one pass.

   The same as ``PlainIndex`` in ``index.py``, many times quicker where there are many rules; the
   tests hold the two against each other. Built where there is a C compiler (``hatch_build.py``),
   and done without where there is none.

   How it works. A trigger is hashed from its first character on. At each place of the text where
   one may begin (where a word begins, for those with a left edge), four characters and a bit
   array tell whether one does begin so; if it does, the text is hashed on from there, character
   by character, and looked up

   - at each end of a word and at lengths of 16, 32, 64 and so on ("checkpoints"), where an entry
     must say that some trigger is longer, or the way ends;
   - where another bit array says that a trigger without a right edge has this hash.

   So each word costs a few steps a letter and one look-up, however many triggers there are, and
   no look-up depends on the one before: that is what makes it quicker than an automaton, whose
   every step waits for memory. A hash only suggests; what is found has been compared. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define RIGHT 2
#define NONE UINT32_MAX
#define FIRST_CHECKPOINT 16
#define CHARACTERS 0x110000
#define UNKNOWN 0xFF
#define MOST_TRIGGERS ((Py_ssize_t)1 << 28)

#if defined(__GNUC__)
#define FETCH(address) __builtin_prefetch(address)
#else
#define FETCH(address) ((void)(address))
#endif

/* ------------------------------------------------------------------ hashes and bit arrays */

static inline uint64_t
hashed(uint64_t hash, Py_UCS4 character)
{
    return (hash ^ character) * UINT64_C(0x9E3779B97F4A7C15);
}

static inline uint64_t
mixed(uint64_t hash)
{
    return (hash ^ (hash >> 32)) * UINT64_C(0xD6E8FEB86659FD93);
}

typedef struct {
    uint64_t *words;
    int shift; /* 64 - the number of bits of a place in the array */
} Bits;

static int
bits_of(Bits *bits, size_t members, int most)
{
    int size = 12;
    while (size < most && ((size_t)1 << size) < 16 * members)
        size++;
    bits->shift = 64 - size;
    bits->words = PyMem_Calloc((size_t)1 << (size - 6), sizeof(uint64_t));
    if (!bits->words) {
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

static inline void
put(Bits *bits, uint64_t hash)
{
    uint64_t place = hash >> bits->shift;
    bits->words[place >> 6] |= UINT64_C(1) << (place & 63);
}

static inline int
may_hold(const Bits *bits, uint64_t hash)
{
    uint64_t place = hash >> bits->shift;
    return bits->words[place >> 6] >> (place & 63) & 1;
}

/* ------------------------------------------------------------------------------- the types */

typedef struct { /* the text of a trigger, or the beginning of one */
    uint64_t hash;
    uint32_t offset;    /* of its text in the pool, in bytes */
    uint32_t length;    /* characters */
    uint32_t number[2]; /* of the trigger without and with a right edge; NONE */
    uint8_t kind;       /* bytes a character */
    uint8_t longer;     /* whether some trigger goes on from here */
} Entry;

typedef struct {
    uint32_t tag;
    uint32_t entry; /* NONE: nothing here */
} Slot;

typedef struct { /* triggers that begin where a word begins, or those that begin anywhere */
    uint64_t seed;
    Bits anchors; /* of their first characters */
    Bits open;    /* of the whole of those without a right edge */
    int lengths;  /* bit n: some have anchor_lengths[n] characters for an anchor */
} Family;

typedef struct {
    PyObject_HEAD
    PyObject *in_word;
    PyTypeObject *found_type;
    uint8_t *known; /* of each character: what is true of its place, or UNKNOWN */
    Family families[2]; /* anywhere, where a word begins */
    unsigned char *pool;
    Entry *entries;
    uint32_t entry_count;
    Slot *slots;
    int slot_shift;
    uint32_t trigger_count;
    /* What the trigger n wakes stands in rows[at[n]:at[n + 1]]: a rule, of how many other triggers
       it needs one, and these. */
    uint32_t *rows;
    uint32_t *at;
    uint32_t *always;
    uint32_t always_count;
} Index;

typedef struct {
    Py_ssize_t start;
    Py_ssize_t end;
    size_t next; /* hit of the same trigger, counted from 1; 0: none */
} Hit;

typedef struct {
    uint32_t number; /* NONE: nothing here */
    size_t first;
    size_t last;
} Place;

typedef struct {
    PyObject_HEAD
    Hit *hits;
    size_t hit_count;
    size_t hit_room;
    Place *places; /* an open hash table of trigger numbers, at most half full */
    size_t place_count;
    size_t place_room; /* a power of two */
} Found;

/* --------------------------------------------------------------------------- what is found */

static inline size_t
home(const Found *found, uint32_t number)
{
    return (number * UINT32_C(2654435769)) >> 7 & (found->place_room - 1);
}

static inline Place *
place_of(const Found *found, uint32_t number)
{
    size_t at = home(found, number);
    while (found->places[at].number != number && found->places[at].number != NONE)
        at = (at + 1) & (found->place_room - 1);
    return &found->places[at];
}

static int
make_room(Found *found, size_t room)
{
    Place *old = found->places;
    size_t old_room = found->place_room;
    Place *places = PyMem_New(Place, room);
    if (!places) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; i < room; i++)
        places[i].number = NONE;
    found->places = places;
    found->place_room = room;
    for (size_t i = 0; i < old_room; i++)
        if (old[i].number != NONE)
            *place_of(found, old[i].number) = old[i];
    PyMem_Free(old);
    return 0;
}

static int
add(Found *found, uint32_t number, Py_ssize_t start, Py_ssize_t end)
{
    if (found->hit_count == found->hit_room) {
        size_t room = 2 * found->hit_room;
        Hit *hits = PyMem_Resize(found->hits, Hit, room);
        if (!hits) {
            PyErr_NoMemory();
            return -1;
        }
        found->hits = hits;
        found->hit_room = room;
    }
    found->hits[found->hit_count++] = (Hit){start, end, 0};
    Place *place = place_of(found, number);
    if (place->number == number) {
        found->hits[place->last - 1].next = found->hit_count;
        place->last = found->hit_count;
        return 0;
    }
    *place = (Place){number, found->hit_count, found->hit_count};
    found->place_count++;
    if (2 * found->place_count > found->place_room)
        return make_room(found, 2 * found->place_room);
    return 0;
}

static Found *
nothing_found(PyTypeObject *type)
{
    Found *found = (Found *)type->tp_alloc(type, 0);
    if (!found)
        return NULL;
    found->hit_room = 64;
    found->hits = PyMem_New(Hit, found->hit_room);
    if (!found->hits) {
        PyErr_NoMemory();
        Py_DECREF(found);
        return NULL;
    }
    if (make_room(found, 128) < 0) {
        Py_DECREF(found);
        return NULL;
    }
    return found;
}

static void
found_dealloc(Found *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyMem_Free(self->hits);
    PyMem_Free(self->places);
    type->tp_free(self);
    Py_DECREF(type);
}

/* 1 and the number, 0 where the key cannot be one, -1 with an error. */
static int
number_of(PyObject *key, uint32_t *number)
{
    if (!PyLong_Check(key))
        return 0;
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(key, &overflow);
    if (value == -1 && PyErr_Occurred())
        return -1;
    if (overflow || value < 0 || value >= NONE)
        return 0;
    *number = (uint32_t)value;
    return 1;
}

/* A borrowed look at the place of a key; NULL: it is not there, or there is an error. */
static Place *
place_of_key(Found *self, PyObject *key)
{
    uint32_t number;
    if (number_of(key, &number) <= 0)
        return NULL;
    Place *place = place_of(self, number);
    return place->number == NONE ? NULL : place;
}

static PyObject *
spans_of(Found *self, const Place *place)
{
    PyObject *spans = PyList_New(0);
    if (!spans)
        return NULL;
    for (size_t hit = place->first; hit; hit = self->hits[hit - 1].next) {
        PyObject *span = Py_BuildValue("nn", self->hits[hit - 1].start, self->hits[hit - 1].end);
        if (!span || PyList_Append(spans, span) < 0) {
            Py_XDECREF(span);
            Py_DECREF(spans);
            return NULL;
        }
        Py_DECREF(span);
    }
    return spans;
}

static PyObject *
found_subscript(Found *self, PyObject *key)
{
    Place *place = place_of_key(self, key);
    if (place)
        return spans_of(self, place);
    if (!PyErr_Occurred())
        PyErr_SetObject(PyExc_KeyError, key);
    return NULL;
}

static PyObject *
found_get(Found *self, PyObject *const *args, Py_ssize_t count)
{
    if (count < 1 || count > 2) {
        PyErr_SetString(PyExc_TypeError, "get takes a number and what to give where it is not");
        return NULL;
    }
    Place *place = place_of_key(self, args[0]);
    if (place)
        return spans_of(self, place);
    if (PyErr_Occurred())
        return NULL;
    return Py_NewRef(count > 1 ? args[1] : Py_None);
}

static int
found_contains(Found *self, PyObject *key)
{
    if (place_of_key(self, key))
        return 1;
    return PyErr_Occurred() ? -1 : 0;
}

static Py_ssize_t
found_length(Found *self)
{
    return (Py_ssize_t)self->place_count;
}

static PyObject *
found_keys(Found *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *keys = PyList_New(0);
    if (!keys)
        return NULL;
    for (size_t i = 0; i < self->place_room; i++) {
        if (self->places[i].number == NONE)
            continue;
        PyObject *key = PyLong_FromUnsignedLong(self->places[i].number);
        if (!key || PyList_Append(keys, key) < 0) {
            Py_XDECREF(key);
            Py_DECREF(keys);
            return NULL;
        }
        Py_DECREF(key);
    }
    return keys;
}

static PyObject *
found_iter(Found *self)
{
    PyObject *keys = found_keys(self, NULL);
    if (!keys)
        return NULL;
    PyObject *iterator = PyObject_GetIter(keys);
    Py_DECREF(keys);
    return iterator;
}

static PyMethodDef found_methods[] = {
    {"get", (PyCFunction)(void (*)(void))found_get, METH_FASTCALL,
     "get(number, default=None, /)\n--\n\nThe spans of a trigger, from left to right."},
    {"keys", (PyCFunction)found_keys, METH_NOARGS,
     "keys()\n--\n\nThe numbers of the triggers that stand in the text, in no order."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot found_slots[] = {
    {Py_tp_doc, "Where triggers stand: lists of spans by the triggers' numbers."},
    {Py_tp_dealloc, found_dealloc},
    {Py_tp_methods, found_methods},
    {Py_tp_iter, found_iter},
    {Py_mp_subscript, found_subscript},
    {Py_mp_length, found_length},
    {Py_sq_contains, found_contains},
    {0, NULL},
};

static PyType_Spec found_spec = {
    .name = "monitor.rules._index.Found",
    .basicsize = sizeof(Found),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = found_slots,
};

/* ------------------------------------------------------------------- making of an index */

enum { /* of a place in a text */
    WORD = 1, /* its character is in a word */
    END = 2,  /* the character before it was the last of a word */
    LINE = 4, /* its character is a line feed */
};

/* What is true of each place of a text, and of the one behind it. */
static uint8_t *
marks_of(Index *self, int kind, const void *data, Py_ssize_t size)
{
    uint8_t *marks = PyMem_Malloc((size_t)size + 1);
    if (!marks) {
        PyErr_NoMemory();
        return NULL;
    }
    uint8_t before = 0;
    for (Py_ssize_t i = 0; i < size; i++) {
        Py_UCS4 character = PyUnicode_READ(kind, data, i);
        uint8_t mark = self->known[character];
        if (mark == UNKNOWN) {
            PyObject *letter = PyUnicode_FromOrdinal((int)character);
            PyObject *said = letter ? PyObject_CallOneArg(self->in_word, letter) : NULL;
            int yes = said ? PyObject_IsTrue(said) : -1;
            Py_XDECREF(letter);
            Py_XDECREF(said);
            if (yes < 0) {
                PyMem_Free(marks);
                return NULL;
            }
            mark = self->known[character] = yes ? WORD : character == '\n' ? LINE : 0;
        }
        marks[i] = mark | (before & ~mark & WORD) << 1;
        before = mark;
    }
    marks[size] = LINE | (before & WORD) << 1;
    return marks;
}

static inline int
is_checkpoint(Py_ssize_t length)
{
    return length >= FIRST_CHECKPOINT && !(length & (length - 1));
}

/* Whether the text that an entry stands for stands at a place of a text. */
static inline int
stands(const Index *self, const Entry *entry, int kind, const void *data, Py_ssize_t place)
{
    const unsigned char *text = self->pool + entry->offset;
    if (kind == entry->kind)
        return !memcmp(text, (const char *)data + place * kind, (size_t)entry->length * kind);
    for (uint32_t i = 0; i < entry->length; i++)
        if (PyUnicode_READ(entry->kind, text, i) != PyUnicode_READ(kind, data, place + i))
            return 0;
    return 1;
}

static inline size_t
slot_of(const Index *self, uint64_t hash)
{
    return (size_t)(mixed(hash) >> self->slot_shift);
}

static inline size_t
slot_behind(const Index *self, size_t slot)
{
    return (slot + 1) & (((size_t)1 << (64 - self->slot_shift)) - 1);
}

/* The entry for the first characters of a trigger; made if there is none yet. */
static Entry *
entry_for(Index *self, uint64_t hash, uint32_t offset, int kind, uint32_t length)
{
    const void *text = self->pool + offset;
    uint32_t tag = (uint32_t)mixed(hash);
    size_t slot = slot_of(self, hash);
    for (; self->slots[slot].entry != NONE; slot = slot_behind(self, slot)) {
        Entry *entry = &self->entries[self->slots[slot].entry];
        if (self->slots[slot].tag == tag && entry->hash == hash && entry->length == length &&
            stands(self, entry, kind, text, 0))
            return entry;
    }
    self->slots[slot] = (Slot){tag, self->entry_count};
    Entry *entry = &self->entries[self->entry_count++];
    *entry = (Entry){hash, offset, length, {NONE, NONE}, (uint8_t)kind, 0};
    return entry;
}

/* Anchors are a byte of each of the first characters of a trigger, as many as these; more of them
   tell more, but are more to ask for where triggers may begin anywhere. */
static const int anchor_lengths[] = {8, 6, 4, 3, 2, 1};
#define ANCHOR_LENGTHS 6
#define LONGEST_ANYWHERE 2 /* in anchor_lengths */

static inline uint64_t
anchor_of(uint64_t window, int length)
{
    return (window & UINT64_MAX >> (64 - 8 * length)) * UINT64_C(0xA0761D6478BD642F);
}

/* A trigger as it is put in: its text, and what is asked of its edges. */
typedef struct {
    PyObject *text;
    const uint8_t *marks;
    uint32_t number;
    uint8_t edges;
} Trigger;

static int
put_trigger(Index *self, const Trigger *trigger, uint32_t offset)
{
    int kind = PyUnicode_KIND(trigger->text);
    const void *data = PyUnicode_DATA(trigger->text);
    Py_ssize_t size = PyUnicode_GET_LENGTH(trigger->text);
    const uint8_t *marks = trigger->marks;
    Family *family = &self->families[trigger->edges & 1];
    uint64_t hash = family->seed;
    uint64_t window = 0;
    memcpy(self->pool + offset, data, (size_t)size * kind);
    for (Py_ssize_t length = 1; length <= size; length++) {
        Py_UCS4 character = PyUnicode_READ(kind, data, length - 1);
        hash = hashed(hash, character);
        if (length <= 8)
            window |= (uint64_t)(character & 0xFF) << (8 * (length - 1));
        if (length < size && (is_checkpoint(length) || marks[length] & END))
            entry_for(self, hash, offset, kind, (uint32_t)length)->longer = 1;
    }
    int anchor = trigger->edges & 1 ? 0 : LONGEST_ANYWHERE;
    while (anchor_lengths[anchor] > size)
        anchor++;
    family->lengths |= 1 << anchor;
    put(&family->anchors, anchor_of(window, anchor_lengths[anchor]));
    if (!(trigger->edges & RIGHT))
        put(&family->open, hash);
    Entry *entry = entry_for(self, hash, offset, kind, (uint32_t)size);
    uint32_t *number = &entry->number[(trigger->edges & RIGHT) != 0];
    if (*number != NONE) {
        PyErr_Format(PyExc_ValueError, "the trigger %R is there twice", trigger->text);
        return -1;
    }
    *number = trigger->number;
    return 0;
}

/* Checks a trigger, counts the entries that it may need and the bytes of its text. */
static int
count_trigger(const Trigger *trigger, size_t *entries, size_t *bytes)
{
    Py_ssize_t size = PyUnicode_GET_LENGTH(trigger->text);
    const uint8_t *marks = trigger->marks;
    if (!size || trigger->edges > 3 || (trigger->edges & 1 && !(marks[0] & WORD)) ||
        (trigger->edges & RIGHT && !(marks[size - 1] & WORD)) ||
        PyUnicode_FindChar(trigger->text, '\n', 0, size, 1) >= 0) {
        PyErr_Format(PyExc_ValueError, "not a trigger: %R with the edges %d", trigger->text,
                     trigger->edges);
        return -1;
    }
    *entries += 1;
    for (Py_ssize_t length = 1; length < size; length++)
        *entries += is_checkpoint(length) || (marks[length] & END) != 0;
    *bytes += ((size_t)size * PyUnicode_KIND(trigger->text) + 3) & ~(size_t)3; /* aligned */
    return 0;
}

static int
each_trigger(Index *self, PyObject *texts, const uint8_t *edges, size_t *entries, size_t *bytes)
{
    /* Once to count (self->pool is NULL), once to put in. */
    size_t offset = 0;
    for (Py_ssize_t number = 0; number < PySequence_Fast_GET_SIZE(texts); number++) {
        PyObject *text = PySequence_Fast_GET_ITEM(texts, number);
        if (!PyUnicode_Check(text)) {
            PyErr_SetString(PyExc_TypeError, "triggers are strings");
            return -1;
        }
        uint8_t *marks = marks_of(self, PyUnicode_KIND(text), PyUnicode_DATA(text),
                                  PyUnicode_GET_LENGTH(text));
        if (!marks)
            return -1;
        Trigger trigger = {text, marks, (uint32_t)number, edges[number]};
        int done = self->pool ? put_trigger(self, &trigger, (uint32_t)offset)
                              : count_trigger(&trigger, entries, bytes);
        PyMem_Free(marks);
        if (done < 0)
            return -1;
        offset += ((size_t)PyUnicode_GET_LENGTH(text) * PyUnicode_KIND(text) + 3) & ~(size_t)3;
    }
    return 0;
}

static int
put_triggers(Index *self, PyObject *texts, const Py_buffer *edges)
{
    Py_ssize_t count = PySequence_Fast_GET_SIZE(texts);
    if (edges->len != count || count > MOST_TRIGGERS) {
        PyErr_SetString(PyExc_ValueError, "as many edges as texts are needed");
        return -1;
    }
    self->trigger_count = (uint32_t)count;
    size_t entries = 0, bytes = 0;
    if (each_trigger(self, texts, edges->buf, &entries, &bytes) < 0)
        return -1;
    if (entries >= NONE / 4 || bytes >= NONE) {
        PyErr_SetString(PyExc_OverflowError, "too many triggers");
        return -1;
    }
    int size = 4;
    while (((size_t)1 << size) < 2 * entries)
        size++;
    self->slot_shift = 64 - size;
    self->slots = PyMem_New(Slot, (size_t)1 << size);
    self->entries = PyMem_New(Entry, entries + 1);
    self->pool = PyMem_Malloc(bytes + 1);
    if (!self->slots || !self->entries || !self->pool) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; i < (size_t)1 << size; i++)
        self->slots[i].entry = NONE;
    size_t open[2] = {0, 0}, all[2] = {0, 0};
    for (Py_ssize_t i = 0; i < count; i++) {
        uint8_t edge = ((const uint8_t *)edges->buf)[i];
        all[edge & 1]++;
        open[edge & 1] += !(edge & RIGHT);
    }
    for (int i = 0; i < 2; i++) {
        Family *family = &self->families[i];
        family->seed = i ? UINT64_C(0x2545F4914F6CDD1D) : UINT64_C(0x94D049BB133111EB);
        if (bits_of(&family->anchors, all[i], 22) < 0 || bits_of(&family->open, open[i], 22) < 0)
            return -1;
    }
    if (each_trigger(self, texts, edges->buf, NULL, NULL) < 0)
        return -1;
    Entry *kept = PyMem_Resize(self->entries, Entry, self->entry_count + 1);
    if (kept) /* triggers share many entries */
        self->entries = kept;
    return 0;
}

/* Columns of a block; see ``block.Block``. */
typedef struct {
    Py_buffer starts, waiting, always, guarded, guard_starts, guards;
} Columns;

static inline uint32_t
value(const Py_buffer *column, size_t place)
{
    return ((const uint32_t *)column->buf)[place];
}

static inline size_t
length(const Py_buffer *column)
{
    return (size_t)column->len / sizeof(uint32_t);
}

/* Whether each of count + 1 numbers, from 0 to the length of another column, is no less than the
   one before. */
static int
ascend(const Py_buffer *starts, size_t count, const Py_buffer *of)
{
    if (length(starts) != count + 1 || value(starts, 0) || value(starts, count) != length(of))
        return 0;
    for (size_t i = 0; i < count; i++)
        if (value(starts, i) > value(starts, i + 1))
            return 0;
    return 1;
}

static int
below(const Py_buffer *column, uint32_t bound)
{
    for (size_t i = 0; i < length(column); i++)
        if (value(column, i) >= bound)
            return 0;
    return 1;
}

static int
put_rules(Index *self, uint32_t rules, const Columns *block)
{
    size_t guarded = length(&block->guarded);
    if (!ascend(&block->starts, self->trigger_count, &block->waiting) ||
        !ascend(&block->guard_starts, guarded, &block->guards) ||
        !below(&block->waiting, rules) || !below(&block->always, rules) ||
        !below(&block->guarded, rules) || !below(&block->guards, self->trigger_count)) {
        PyErr_SetString(PyExc_ValueError, "not the columns of a block");
        return -1;
    }
    int done = -1;
    uint32_t *guard_of = PyMem_New(uint32_t, (size_t)rules + 1);
    if (!guard_of)
        goto failed;
    for (size_t i = 0; i < rules; i++)
        guard_of[i] = NONE;
    for (size_t i = 0; i < guarded; i++)
        guard_of[value(&block->guarded, i)] = (uint32_t)i;
    uint64_t room = 0;
    for (size_t i = 0; i < length(&block->waiting); i++) {
        uint32_t guard = guard_of[value(&block->waiting, i)];
        room += 2;
        if (guard != NONE)
            room += value(&block->guard_starts, guard + 1) - value(&block->guard_starts, guard);
    }
    if (room >= NONE) {
        PyErr_SetString(PyExc_OverflowError, "too many rules wait for the same");
        goto cleared;
    }
    self->always_count = (uint32_t)length(&block->always);
    self->rows = PyMem_New(uint32_t, room + 1);
    self->at = PyMem_New(uint32_t, (size_t)self->trigger_count + 1);
    self->always = PyMem_New(uint32_t, (size_t)self->always_count + 1);
    if (!self->rows || !self->at || !self->always)
        goto failed;
    if (self->always_count)
        memcpy(self->always, block->always.buf, block->always.len);
    uint32_t row = 0;
    for (uint32_t number = 0; number < self->trigger_count; number++) {
        self->at[number] = row;
        for (uint32_t i = value(&block->starts, number); i < value(&block->starts, number + 1);
             i++) {
            uint32_t rule = value(&block->waiting, i), guard = guard_of[rule];
            uint32_t first = guard == NONE ? 0 : value(&block->guard_starts, guard);
            uint32_t last = guard == NONE ? 0 : value(&block->guard_starts, guard + 1);
            self->rows[row++] = rule;
            self->rows[row++] = last - first;
            for (; first < last; first++)
                self->rows[row++] = value(&block->guards, first);
        }
    }
    self->at[self->trigger_count] = row;
    done = 0;
    goto cleared;
failed:
    PyErr_NoMemory();
cleared:
    PyMem_Free(guard_of);
    return done;
}

static int
column_of(PyObject *object, Py_buffer *column)
{
    if (PyObject_GetBuffer(object, column, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS) < 0)
        return -1;
    if (column->itemsize == sizeof(uint32_t) && !strcmp(column->format, "I"))
        return 0;
    PyBuffer_Release(column);
    PyErr_SetString(PyExc_TypeError, "the columns of a block are arrays of the type I");
    return -1;
}

static void
index_dealloc(Index *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(self->in_word);
    Py_XDECREF(self->found_type);
    for (int i = 0; i < 2; i++) {
        PyMem_Free(self->families[i].anchors.words);
        PyMem_Free(self->families[i].open.words);
    }
    PyMem_Free(self->known);
    PyMem_Free(self->pool);
    PyMem_Free(self->entries);
    PyMem_Free(self->slots);
    PyMem_Free(self->rows);
    PyMem_Free(self->at);
    PyMem_Free(self->always);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *
index_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"texts",   "edges",   "rules",        "starts", "waiting",
                            "always",  "guarded", "guard_starts", "guards", "in_word",
                            NULL};
    PyObject *texts, *objects[6], *in_word;
    Py_buffer edges;
    unsigned int rules;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "Oy*$IOOOOOOO:Index", names, &texts, &edges,
                                     &rules, &objects[0], &objects[1], &objects[2], &objects[3],
                                     &objects[4], &objects[5], &in_word))
        return NULL;
    Columns block;
    Py_buffer *columns[6] = {&block.starts,  &block.waiting,      &block.always,
                             &block.guarded, &block.guard_starts, &block.guards};
    int open = 0;
    Index *self = NULL;
    PyObject *sequence = PySequence_Fast(texts, "texts are needed as a list");
    if (!sequence)
        goto failed;
    for (; open < 6; open++)
        if (column_of(objects[open], columns[open]) < 0)
            goto failed;
    self = (Index *)type->tp_alloc(type, 0);
    if (!self)
        goto failed;
    self->in_word = Py_NewRef(in_word);
    self->known = PyMem_Malloc(CHARACTERS);
    if (!self->known) {
        PyErr_NoMemory();
        goto failed;
    }
    memset(self->known, UNKNOWN, CHARACTERS);
    PyTypeObject **state = PyType_GetModuleState(type);
    if (!state)
        goto failed;
    self->found_type = (PyTypeObject *)Py_NewRef(*state);
    if (put_triggers(self, sequence, &edges) < 0 || put_rules(self, rules, &block) < 0)
        goto failed;
    goto cleared;
failed:
    Py_CLEAR(self);
cleared:
    while (open--)
        PyBuffer_Release(columns[open]);
    Py_XDECREF(sequence);
    PyBuffer_Release(&edges);
    return (PyObject *)self;
}

/* ---------------------------------------------------------------------------- the search */

/* A place at which triggers may begin, and how far the text has been read from there. */
typedef struct {
    uint64_t hash; /* of what stands between the two */
    Py_ssize_t start;
    Py_ssize_t place;
} Way;

#define WAYS 256 /* followed together */

typedef struct {
    const Index *self;
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
            may |= may_hold(anchors, anchor_of(window, anchor_lengths[i]));
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
        if (marks[place] & END || may_hold(open, hash) || is_checkpoint(place - start)) {
            way->hash = hash;
            way->place = place;
            return 1;
        }
    }
    return 0;
}

/* Look up what has been read; whether to go on. -1: no memory. */
static inline int
look_up(Search *search, int kind, const Way *way)
{
    const Index *self = search->self;
    int mark = search->marks[way->place];
    Py_ssize_t length = way->place - way->start;
    int longer = !(mark & END || is_checkpoint(length));
    uint32_t tag = (uint32_t)mixed(way->hash);
    for (size_t slot = slot_of(self, way->hash); self->slots[slot].entry != NONE;
         slot = slot_behind(self, slot)) {
        if (self->slots[slot].tag != tag)
            continue;
        const Entry *entry = &self->entries[self->slots[slot].entry];
        if (entry->hash != way->hash || (Py_ssize_t)entry->length != length)
            continue;
        longer |= entry->longer;
        uint32_t open = entry->number[0], whole = mark & WORD ? NONE : entry->number[1];
        if ((open == NONE && whole == NONE) ||
            !stands(self, entry, kind, search->data, way->start))
            continue;
        if (open != NONE && add(search->found, open, way->start, way->place) < 0)
            return -1;
        if (whole != NONE && add(search->found, whole, way->start, way->place) < 0)
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
    const Index *self = search->self;
    while (search->ways) {
        int ways = 0;
        for (int i = 0; i < search->ways; i++) {
            Way way = search->way[i];
            if (advance(search, kind, &way)) {
                FETCH(&self->slots[slot_of(self, way.hash)]);
                search->way[ways++] = way;
            }
        }
        for (int i = 0; i < ways; i++) {
            uint64_t hash = search->way[i].hash;
            Slot slot = self->slots[slot_of(self, hash)];
            if (slot.entry != NONE && slot.tag == (uint32_t)mixed(hash))
                FETCH(&self->entries[slot.entry]);
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
   begin anywhere. They are counted, not asked for one by one: the processor would guess wrong. */
static inline int
starts_anywhere(const Search *search, int kind, const Bits anchors, int lengths,
                Py_ssize_t *place, Py_ssize_t *starts)
{
    Py_ssize_t at = *place, size = search->size;
    uint64_t window = window_at(search, kind, at) << 8;
    int count = 0;
    for (; at < size && count < WAYS; at++) {
        Py_UCS4 last = at + 7 < size ? PyUnicode_READ(kind, search->data, at + 7) : 0;
        window = window >> 8 | (uint64_t)last << 56;
        starts[count] = at;
        count += may_begin(&anchors, lengths, window);
    }
    *place = at;
    return count;
}

/* The same for those that begin where a word begins. */
static inline int
starts_of_words(const Search *search, int kind, const Bits anchors, int lengths,
                Py_ssize_t *place, Py_ssize_t *starts)
{
    const uint8_t *marks = search->marks;
    Py_ssize_t at = *place, size = search->size;
    int count = 0, kept = 0;
    for (int before = at ? marks[at - 1] : 0; at < size && count < WAYS; at++) {
        starts[count] = at;
        count += marks[at] & WORD & ~before;
        before = marks[at];
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
find_all(Search *search, int kind, const Family *family, int anywhere)
{
    if (!family->lengths)
        return 0;
    search->family = family;
    const int usual = 1 << LONGEST_ANYWHERE;
    Py_ssize_t starts[WAYS], place = 0;
    while (place < search->size) {
        int count;
        if (!anywhere)
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

static Found *
found_in(Index *self, PyObject *text)
{
    int kind = PyUnicode_KIND(text);
    Search search = {.self = self, .data = PyUnicode_DATA(text), .size = PyUnicode_GET_LENGTH(text)};
    uint8_t *marks = marks_of(self, kind, search.data, search.size);
    if (!marks)
        return NULL;
    search.marks = marks;
    search.found = nothing_found(self->found_type);
    int done = -1;
    if (search.found) {
        switch (kind) { /* one copy of the search for each width of a character */
#define FIND_ALL(KIND)                                                                             \
    case KIND:                                                                                     \
        done = find_all(&search, KIND, &self->families[1], 0);                                     \
        if (!done)                                                                                 \
            done = find_all(&search, KIND, &self->families[0], 1);                                 \
        break
        FIND_ALL(PyUnicode_1BYTE_KIND);
        FIND_ALL(PyUnicode_2BYTE_KIND);
        FIND_ALL(PyUnicode_4BYTE_KIND);
#undef FIND_ALL
        }
    }
    PyMem_Free(marks);
    if (done < 0)
        Py_CLEAR(search.found);
    return search.found;
}

/* --------------------------------------------------------------------- the rules to evaluate */

static int
ascending(const void *one, const void *other)
{
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
    return (a > b) - (a < b);
}

/* The rules that wake, each once, in their order. */
static PyObject *
woken(const Index *self, const Found *found)
{
    size_t room = self->always_count, count = self->always_count;
    for (size_t i = 0; i < found->place_room; i++)
        if (found->places[i].number != NONE)
            FETCH(&self->at[found->places[i].number]);
    for (size_t i = 0; i < found->place_room; i++) {
        uint32_t number = found->places[i].number;
        if (number != NONE) {
            room += (self->at[number + 1] - self->at[number]) / 2;
            FETCH(&self->rows[self->at[number]]);
        }
    }
    uint32_t *rules = PyMem_New(uint32_t, room + 1);
    if (!rules)
        return PyErr_NoMemory();
    if (count)
        memcpy(rules, self->always, count * sizeof(uint32_t));
    for (size_t i = 0; i < found->place_room; i++) {
        uint32_t number = found->places[i].number;
        if (number == NONE)
            continue;
        const uint32_t *row = self->rows + self->at[number];
        const uint32_t *end = self->rows + self->at[number + 1];
        while (row < end) {
            uint32_t rule = *row++, others = *row++;
            int wakes = !others;
            for (uint32_t other = 0; other < others && !wakes; other++)
                wakes = place_of(found, row[other])->number != NONE;
            row += others;
            if (wakes)
                rules[count++] = rule;
        }
    }
    qsort(rules, count, sizeof(uint32_t), ascending);
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < count; i++) {
        if (i && rules[i] == rules[i - 1])
            continue;
        PyObject *rule = PyLong_FromUnsignedLong(rules[i]);
        if (!rule || PyList_Append(list, rule) < 0)
            Py_CLEAR(list);
        Py_XDECREF(rule);
    }
    PyMem_Free(rules);
    return list;
}

static PyObject *
index_look(Index *self, PyObject *text)
{
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "a text is a string");
        return NULL;
    }
    Found *found = found_in(self, text);
    if (!found)
        return NULL;
    PyObject *rules = woken(self, found);
    if (!rules) {
        Py_DECREF(found);
        return NULL;
    }
    return Py_BuildValue("NN", found, rules);
}

static PyObject *
index_number(Index *self, PyObject *args)
{
    PyObject *text;
    int edges;
    if (!PyArg_ParseTuple(args, "Ui:number", &text, &edges))
        return NULL;
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t size = PyUnicode_GET_LENGTH(text);
    uint64_t hash = self->families[edges & 1].seed;
    for (Py_ssize_t i = 0; i < size; i++)
        hash = hashed(hash, PyUnicode_READ(kind, data, i));
    for (size_t slot = slot_of(self, hash); self->slots[slot].entry != NONE;
         slot = slot_behind(self, slot)) {
        const Entry *entry = &self->entries[self->slots[slot].entry];
        uint32_t number = entry->number[(edges & RIGHT) != 0];
        if (entry->hash == hash && (Py_ssize_t)entry->length == size && number != NONE &&
            stands(self, entry, kind, data, 0))
            return PyLong_FromUnsignedLong(number);
    }
    Py_RETURN_NONE;
}

static PyMethodDef index_methods[] = {
    {"look", (PyCFunction)index_look, METH_O,
     "look(text, /)\n--\n\nWhere triggers stand, and the rules to evaluate, in their order."},
    {"number", (PyCFunction)index_number, METH_VARARGS,
     "number(text, edges, /)\n--\n\nThe number of a trigger, or None."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot index_slots[] = {
    {Py_tp_doc, "Index(texts, edges, *, rules, starts, waiting, always, guarded, guard_starts, "
                "guards, in_word)\n--\n\nFinds the triggers of a block of rules. Immutable."},
    {Py_tp_new, index_new},
    {Py_tp_dealloc, index_dealloc},
    {Py_tp_methods, index_methods},
    {0, NULL},
};

static PyType_Spec index_spec = {
    .name = "monitor.rules._index.Index",
    .basicsize = sizeof(Index),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = index_slots,
};

/* ----------------------------------------------------------------------------- the module */

static int
module_exec(PyObject *module)
{
    PyTypeObject **state = PyModule_GetState(module);
    *state = (PyTypeObject *)PyType_FromModuleAndSpec(module, &found_spec, NULL);
    if (!*state || PyModule_AddType(module, *state) < 0)
        return -1;
    PyObject *type = PyType_FromModuleAndSpec(module, &index_spec, NULL);
    if (!type)
        return -1;
    int done = PyModule_AddType(module, (PyTypeObject *)type);
    Py_DECREF(type);
    return done;
}

static int
module_traverse(PyObject *module, visitproc visit, void *arg)
{
    PyTypeObject **state = PyModule_GetState(module);
    Py_VISIT(*state);
    return 0;
}

static int
module_clear(PyObject *module)
{
    PyTypeObject **state = PyModule_GetState(module);
    Py_CLEAR(*state);
    return 0;
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

static struct PyModuleDef module_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "monitor.rules._index",
    .m_doc = "Where the triggers of all rules stand in an article, and which rules they wake.",
    .m_size = sizeof(PyTypeObject *),
    .m_slots = module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
};

PyMODINIT_FUNC
PyInit__index(void)
{
    return PyModuleDef_Init(&module_def);
}
