/* Where triggers stand in a text: lists of spans by the triggers' numbers, made when asked for.

   Most of what stands in a text nobody asks for: to make a Python object of each would take longer
   than to find it. */

#ifndef MONITOR_FOUND_H
#define MONITOR_FOUND_H

#include <Python.h>
#include <stdint.h>

#define NONE UINT32_MAX /* no number */

typedef struct {
    Py_ssize_t start;
    Py_ssize_t end;
    size_t next; /* hit of the same trigger, counted from 1; 0: none */
} Hit;

typedef struct { /* of a trigger */
    uint32_t number;
    size_t first; /* hits, counted from 1 */
    size_t last;
} Place;

typedef struct {
    PyObject_HEAD
    Hit *hits;
    size_t hit_count;
    size_t hit_room;
    Place *places; /* room for half as many as the table has */
    uint32_t place_count;
    uint32_t *table; /* of places, an open hash table by number; NONE: nothing here */
    size_t table_room; /* a power of two */
} Found;

extern PyType_Spec found_spec;

/* With nothing in it; NULL with an error. */
Found *found_make(PyTypeObject *type);

/* Each trigger's from left to right. 0, or -1 with an error. */
int found_add(Found *found, uint32_t number, Py_ssize_t start, Py_ssize_t end);

/* Where in the table a trigger is, or would be. */
static inline uint32_t *
found_slot(const Found *found, uint32_t number)
{
    size_t last = found->table_room - 1;
    size_t at = (number * UINT32_C(2654435769)) >> 7 & last;
    while (found->table[at] != NONE && found->places[found->table[at]].number != number)
        at = (at + 1) & last;
    return &found->table[at];
}

static inline int
found_holds(const Found *found, uint32_t number)
{
    return *found_slot(found, number) != NONE;
}

#endif
