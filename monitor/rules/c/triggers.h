/* The triggers of all rules, in a table by the hashes of their texts. Immutable once made. */

#ifndef MONITOR_TRIGGERS_H
#define MONITOR_TRIGGERS_H

#include <Python.h>
#include <stdint.h>
#include <string.h>

#include "bits.h"

#define LEFT 1 /* edges of a trigger at which no word may go on */
#define RIGHT 2

enum { /* what is true of a place in a text */
    WORD = 1,  /* its character is in a word */
    END = 2,   /* the character before it was the last of a word */
    BEGIN = 4, /* its character is the first of a word */
    LINE = 8,  /* its character is a line feed, or it is behind the text */
};

typedef struct { /* the text of a trigger, or the beginning of one */
    uint64_t hash;
    uint32_t offset;    /* of its text in the pool, in bytes */
    uint32_t length;    /* characters */
    uint32_t number[2]; /* of the trigger without and with a right edge; NONE */
    uint8_t kind;       /* bytes a character */
    uint8_t longer;     /* whether some trigger goes on from here, and is read on */
    uint8_t picky;      /* bit n: the trigger number[n] does not stand beside any letter */
    uint32_t next;      /* of the LONGEST_READ characters that a trigger begins with: the first entry
                           of a longer one; of an entry longer than these: the next one; NONE */
} Entry;

typedef struct { /* letters that may stand beside a trigger: a bit for each, by its lowest six bits */
    uint32_t before[2]; /* the lower bits first */
    uint32_t behind[2];
} Neighbours;

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
    PyObject *in_word;  /* tells of a character whether words go on at it */
    uint8_t *known;     /* of each character: WORD, LINE, 0 or UNKNOWN */
    Family families[2]; /* without and with a left edge */
    unsigned char *pool;
    Entry *entries;
    uint32_t entry_count;
    Slot *slots; /* an open hash table of entries, at most half full */
    int slot_shift;
    uint32_t count;
    Neighbours *neighbours; /* each kind once, any letter first */
    uint32_t *beside;       /* by number, which of them */
} Triggers;

/* Of a tuple of texts, the edges of each, and which of the neighbours it has. 0, or -1 with an
   error; to be cleared in any case. */
int triggers_make(Triggers *triggers, PyObject *texts, const Py_buffer *edges,
                  const Py_buffer *beside, const Py_buffer *neighbours, PyObject *in_word);
void triggers_clear(Triggers *triggers);

/* The number of a trigger; NONE: there is none, or it is not looked for beside all of these letters
   (see Neighbours). */
uint32_t triggers_number(const Triggers *triggers, PyObject *text, int edges, uint64_t before,
                         uint64_t behind);

/* What is true of each place of a text, and of the one behind it; NULL with an error. */
uint8_t *triggers_marks(const Triggers *triggers, int kind, const void *data, Py_ssize_t size);

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

/* Lengths at which an entry tells whether there are longer triggers, beside the ends of words. */
static inline int
is_checkpoint(Py_ssize_t length)
{
    return length >= 16 && !(length & (length - 1));
}

/* So many characters of a text are read for a trigger, a checkpoint; longer ones are compared from
   there on. Without a bound, a long trigger and a text like "a a a ..." take the time of the one
   times the other. */
#define LONGEST_READ 64

static inline size_t
slot_of(const Triggers *triggers, uint64_t hash)
{
    return (size_t)(mixed(hash) >> triggers->slot_shift);
}

static inline size_t
slot_behind(const Triggers *triggers, size_t slot)
{
    return (slot + 1) & (((size_t)1 << (64 - triggers->slot_shift)) - 1);
}

static inline uint32_t
tag_of(uint64_t hash)
{
    return (uint32_t)mixed(hash);
}

/* Whether the text of an entry stands at a place of a text that is long enough. */
static inline int
entry_stands(const Triggers *triggers, const Entry *entry, int kind, const void *data,
             Py_ssize_t place)
{
    const unsigned char *text = triggers->pool + entry->offset;
    if (kind == entry->kind)
        return !memcmp(text, (const char *)data + place * kind, entry->length * (size_t)kind);
    for (uint32_t i = 0; i < entry->length; i++)
        if (PyUnicode_READ(entry->kind, text, i) != PyUnicode_READ(kind, data, place + i))
            return 0;
    return 1;
}

#endif
