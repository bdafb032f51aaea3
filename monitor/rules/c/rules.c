#define PY_SSIZE_T_CLEAN
#include "rules.h"

#include <stdlib.h>
#include <string.h>

#include "bits.h"

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
        !below(&block->guarded, rules) || !below(&block->guards, triggers)) {
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
    self->at = PyMem_New(uint32_t, (size_t)triggers + 1);
    self->always = PyMem_New(uint32_t, (size_t)self->always_count + 1);
    if (!self->rows || !self->at || !self->always)
        goto failed;
    if (self->always_count)
        memcpy(self->always, block->always.buf, block->always.len);
    uint32_t row = 0;
    for (uint32_t number = 0; number < triggers; number++) {
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
    self->at[triggers] = row;
    done = 0;
    goto cleared;
failed:
    PyErr_NoMemory();
cleared:
    PyMem_Free(guard_of);
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

PyObject *
rules_woken(const Rules *self, const Found *found)
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
    for (uint32_t i = 0; i < found->place_count; i++) {
        uint32_t number = found->places[i].number;
        const uint32_t *row = self->rows + self->at[number];
        const uint32_t *end = self->rows + self->at[number + 1];
        while (row < end) {
            uint32_t rule = *row++, others = *row++;
            int wakes = !others;
            for (uint32_t other = 0; other < others && !wakes; other++)
                wakes = found_holds(found, row[other]);
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
