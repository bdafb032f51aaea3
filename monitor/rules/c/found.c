#define PY_SSIZE_T_CLEAN
#include "found.h"

#include <string.h>

static int
make_room(Found *found, size_t room)
{
    if (room > NONE) {
        PyErr_NoMemory();
        return -1;
    }
    uint32_t *table = PyMem_Malloc(room * sizeof(uint32_t));
    Place *places = table ? PyMem_Realloc(found->places, room / 2 * sizeof(Place)) : NULL;
    if (!places) {
        PyMem_Free(table);
        PyErr_NoMemory();
        return -1;
    }
    PyMem_Free(found->table);
    memset(table, 0xFF, room * sizeof(uint32_t));
    found->table = table;
    found->table_room = room;
    found->places = places;
    for (uint32_t i = 0; i < found->place_count; i++)
        *found_slot(found, places[i].number) = i;
    return 0;
}

int
found_add(Found *found, uint32_t number, Py_ssize_t start, Py_ssize_t end)
{
    if (found->hit_count == found->hit_room) {
        size_t room = 2 * found->hit_room;
        Hit *hits = room <= PY_SSIZE_T_MAX / sizeof(Hit)
                        ? PyMem_Realloc(found->hits, room * sizeof(Hit))
                        : NULL;
        if (!hits) {
            PyErr_NoMemory();
            return -1;
        }
        found->hits = hits;
        found->hit_room = room;
    }
    found->hits[found->hit_count++] = (Hit){start, end, 0};
    uint32_t *slot = found_slot(found, number);
    if (*slot != NONE) {
        Place *place = &found->places[*slot];
        found->hits[place->last - 1].next = found->hit_count;
        place->last = found->hit_count;
        return 0;
    }
    *slot = found->place_count;
    found->places[found->place_count++] = (Place){number, found->hit_count, found->hit_count};
    return 2 * (size_t)found->place_count < found->table_room
               ? 0
               : make_room(found, 2 * found->table_room);
}

Found *
found_make(PyTypeObject *type)
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
    PyMem_Free(self->table);
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
    uint32_t slot = *found_slot(self, number);
    return slot == NONE ? NULL : &self->places[slot];
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

static PyMethodDef found_methods[] = {
    {"get", (PyCFunction)(void (*)(void))found_get, METH_FASTCALL,
     "get(number, default=None, /)\n--\n\nThe spans of a trigger, from left to right."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot found_slots[] = {
    {Py_tp_doc, "Where triggers stand: lists of spans by the triggers' numbers."},
    {Py_tp_dealloc, found_dealloc},
    {Py_tp_methods, found_methods},
    {Py_mp_subscript, found_subscript},
    {Py_sq_contains, found_contains},
    {0, NULL},
};

PyType_Spec found_spec = {
    .name = "monitor.rules._index.Found",
    .basicsize = sizeof(Found),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = found_slots,
};
