#define PY_SSIZE_T_CLEAN
#include "rules.h"

#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "triggers.h"

#define TOGETHER ((uint32_t)1 << 31)
#define MOST_PAIRS 16 /* of places that are compared */

/* ----------------------------------------------------------------------------- making */

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

int
rules_make(Rules *self, uint32_t rules, uint32_t triggers, const Columns *block)
{
    size_t guarded = length(&block->guarded);
    if (!ascend(&block->starts, triggers, &block->waiting) ||
        !ascend(&block->guard_starts, guarded, &block->guards) ||
        !below(&block->waiting, rules) || !below(&block->always, rules) ||
        !below(&block->guarded, rules) || !below(&block->guards, triggers) ||
        !below(&block->together, rules) || length(&block->guards) >= TOGETHER ||
        length(&block->always) >= NONE) {
        PyErr_SetString(PyExc_ValueError, "not the columns of a block");
        return -1;
    }
    int done = -1;
    uint32_t *guard_of = PyMem_New(uint32_t, (size_t)rules + 1);
    uint8_t *together = PyMem_Calloc((size_t)rules + 1, 1);
    if (!guard_of || !together)
        goto failed;
    for (size_t i = 0; i < rules; i++)
        guard_of[i] = NONE;
    for (size_t i = 0; i < guarded; i++)
        guard_of[value(&block->guarded, i)] = (uint32_t)i;
    for (size_t i = 0; i < length(&block->together); i++)
        together[value(&block->together, i)] = 1;
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
    self->at = PyMem_New(uint32_t, (size_t)triggers + 1);
    self->always = PyMem_New(uint32_t, (size_t)self->always_count + 1);
    if (!self->rows || !self->at || !self->always)
        goto failed;
    if (self->always_count)
        memcpy(self->always, block->always.buf, (size_t)block->always.len);
    uint32_t row = 0;
    for (uint32_t number = 0; number < triggers; number++) {
        self->at[number] = row;
        for (uint32_t i = value(&block->starts, number); i < value(&block->starts, number + 1);
             i++) {
            uint32_t rule = value(&block->waiting, i), guard = guard_of[rule];
            uint32_t first = guard == NONE ? 0 : value(&block->guard_starts, guard);
            uint32_t last = guard == NONE ? 0 : value(&block->guard_starts, guard + 1);
            self->rows[row++] = rule;
            self->rows[row++] = (last - first) | (together[rule] ? TOGETHER : 0);
            for (; first < last; first++)
                self->rows[row++] = value(&block->guards, first);
        }
    }
    self->at[triggers] = row;
    done = 0;
    goto cleared;
failed:
    PyErr_NoMemory();
cleared:
    PyMem_Free(guard_of);
    PyMem_Free(together);
    return done;
}

void
rules_clear(Rules *self)
{
    PyMem_Free(self->rows);
    PyMem_Free(self->at);
    PyMem_Free(self->always);
}

/* ----------------------------------------------------------------------------- asking */

static int
ascending(const void *one, const void *other)
{
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
    return (a > b) - (a < b);
}

/* Where the lines of a text end: told when that is first asked, which few texts make anyone do. */
typedef struct {
    const uint8_t *marks;
    Py_ssize_t size;
    Py_ssize_t *ends; /* of line feeds, and of the text; NULL: not told yet */
    size_t count;
} Lines;

/* 0, or -1 with an error. */
static int
lines_tell(Lines *lines)
{
    size_t count = 0;
    for (Py_ssize_t place = 0; place <= lines->size; place++)
        count += (lines->marks[place] & LINE) != 0;
    lines->ends = PyMem_New(Py_ssize_t, count);
    if (!lines->ends) {
        PyErr_NoMemory();
        return -1;
    }
    lines->count = count;
    for (Py_ssize_t place = lines->size; count; place--)
        if (lines->marks[place] & LINE)
            lines->ends[--count] = place;
    return 0;
}

/* Where the line ends that has a place. */
static Py_ssize_t
line_end(const Lines *lines, Py_ssize_t place)
{
    size_t first = 0, last = lines->count - 1;
    while (first < last) {
        size_t middle = first + (last - first) / 2;
        if (lines->ends[middle] < place)
            first = middle + 1;
        else
            last = middle;
    }
    return lines->ends[first];
}

/* Whether some place of one trigger and some of another, not overlapping, are in one line; where
   there are many of either, most likely. */
static int
share_a_line(const Found *found, const Place *one, const Place *other, const Lines *lines)
{
    int pairs = 0;
    for (size_t i = one->first; i; i = found->hits[i - 1].next)
        for (size_t j = other->first; j; j = found->hits[j - 1].next) {
            const Hit *left = &found->hits[i - 1], *right = &found->hits[j - 1];
            if (++pairs > MOST_PAIRS)
                return 1;
            if (left->start > right->start) {
                left = right;
                right = &found->hits[i - 1];
            }
            if (left->end <= right->start && right->start < line_end(lines, left->start))
                return 1;
        }
    return 0;
}

/* Whether one of the triggers that a rule needs beside another one stands where it must. -1: no
   memory. */
static inline int
has_one(const Found *found, const Place *beside, const uint32_t *others, uint32_t count,
        int together, Lines *lines)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t other = *found_slot(found, others[i]);
        if (other == NONE)
            continue;
        if (!together)
            return 1;
        if (!lines->ends && lines_tell(lines) < 0)
            return -1;
        if (share_a_line(found, beside, &found->places[other], lines))
            return 1;
    }
    return 0;
}

PyObject *
rules_woken(const Rules *self, const Found *found, const uint8_t *marks, Py_ssize_t size)
{
    size_t count = self->always_count, room = count;
    for (uint32_t i = 0; i < found->place_count; i++)
        FETCH(&self->at[found->places[i].number]);
    for (uint32_t i = 0; i < found->place_count; i++) {
        uint32_t number = found->places[i].number;
        room += (self->at[number + 1] - self->at[number]) / 2;
        FETCH(&self->rows[self->at[number]]);
    }
    uint32_t *rules = PyMem_New(uint32_t, room + 1);
    if (!rules)
        return PyErr_NoMemory();
    if (count)
        memcpy(rules, self->always, count * sizeof(uint32_t));
    Lines lines = {marks, size, NULL, 0};
    int wakes = 0;
    for (uint32_t i = 0; i < found->place_count && wakes >= 0; i++) {
        const Place *place = &found->places[i];
        const uint32_t *row = self->rows + self->at[place->number];
        const uint32_t *end = self->rows + self->at[place->number + 1];
        while (row < end && wakes >= 0) {
            uint32_t rule = row[0], others = row[1] & ~TOGETHER;
            wakes = 1;
            if (others)
                wakes = has_one(found, place, row + 2, others, row[1] >= TOGETHER, &lines);
            if (wakes > 0)
                rules[count++] = rule;
            row += 2 + others;
        }
    }
    PyMem_Free(lines.ends);
    if (wakes < 0) {
        PyMem_Free(rules);
        return NULL;
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
