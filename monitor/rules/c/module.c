/* The module ``monitor.rules._index``: where the triggers of all rules stand in an article, and which
   rules they wake, in one pass.

   The same as ``PlainIndex`` in ``index.py``, in less time where there are many rules; the tests
   hold one against the other. Built where there is a C compiler (``hatch_build.py``), done without
   where there is none. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <string.h>

#include "found.h"
#include "rules.h"
#include "search.h"
#include "triggers.h"

/* Told to ``index.py``, which has the same: to be raised in both with every change of what is asked
   of the module or of what it says, so that one which was compiled before is not used. */
#define VERSION 1

typedef struct {
    PyObject_HEAD
    PyTypeObject *found_type;
    Triggers triggers;
    Rules rules;
} Index;

static int
column_of(PyObject *object, Py_buffer *column)
{
    if (PyObject_GetBuffer(object, column, PyBUF_FORMAT | PyBUF_C_CONTIGUOUS) < 0)
        return -1;
    if (column->itemsize == sizeof(uint32_t) && column->format && !strcmp(column->format, "I"))
        return 0;
    PyBuffer_Release(column);
    PyErr_SetString(PyExc_TypeError, "the columns of a block are arrays of the type I");
    return -1;
}

static void
index_dealloc(Index *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(self->found_type);
    triggers_clear(&self->triggers);
    rules_clear(&self->rules);
    type->tp_free(self);
    Py_DECREF(type);
}

#define COLUMNS 9

static PyObject *
index_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"texts",   "edges",        "rules",  "starts",   "waiting",
                            "always",  "guarded",      "guard_starts", "guards", "together",
                            "beside",  "neighbours",   "in_word", NULL};
    PyObject *texts, *objects[COLUMNS], *in_word;
    Py_buffer edges;
    unsigned int rules;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "Oy*$IOOOOOOOOOO:Index", names, &texts, &edges,
                                     &rules, &objects[0], &objects[1], &objects[2], &objects[3],
                                     &objects[4], &objects[5], &objects[6], &objects[7],
                                     &objects[8], &in_word))
        return NULL;
    Columns block;
    Py_buffer beside, neighbours;
    Py_buffer *columns[COLUMNS] = {
        &block.starts,       &block.waiting, &block.always, &block.guarded,
        &block.guard_starts, &block.guards,  &block.together, &beside, &neighbours,
    };
    int open = 0;
    Index *self = NULL;
    PyObject *tuple = PySequence_Tuple(texts); /* which nobody can change meanwhile */
    if (!tuple)
        goto failed;
    for (; open < COLUMNS; open++)
        if (column_of(objects[open], columns[open]) < 0)
            goto failed;
    self = (Index *)type->tp_alloc(type, 0);
    if (!self)
        goto failed;
    PyTypeObject **state = PyType_GetModuleState(type);
    if (!state)
        goto failed;
    self->found_type = (PyTypeObject *)Py_NewRef(*state);
    if (triggers_make(&self->triggers, tuple, &edges, &beside, &neighbours, in_word) < 0 ||
        rules_make(&self->rules, rules, self->triggers.count, &block) < 0)
        goto failed;
    goto cleared;
failed:
    Py_CLEAR(self);
cleared:
    while (open--)
        PyBuffer_Release(columns[open]);
    Py_XDECREF(tuple);
    PyBuffer_Release(&edges);
    return (PyObject *)self;
}

static PyObject *
index_look(Index *self, PyObject *text)
{
    if (!PyUnicode_Check(text)) {
        PyErr_SetString(PyExc_TypeError, "a text is a string");
        return NULL;
    }
    uint8_t *marks = triggers_marks(&self->triggers, PyUnicode_KIND(text), PyUnicode_DATA(text),
                                    PyUnicode_GET_LENGTH(text));
    Found *found = marks ? found_make(self->found_type) : NULL;
    PyObject *rules = NULL;
    if (found && !search_text(&self->triggers, text, marks, found))
        rules = rules_woken(&self->rules, found, marks, PyUnicode_GET_LENGTH(text));
    PyMem_Free(marks);
    if (!rules) {
        Py_XDECREF(found);
        return NULL;
    }
    return Py_BuildValue("NN", found, rules);
}

static PyObject *
index_number(Index *self, PyObject *args)
{
    PyObject *text;
    int edges;
    unsigned long long before, behind;
    if (!PyArg_ParseTuple(args, "UiKK:number", &text, &edges, &before, &behind))
        return NULL;
    uint32_t number = triggers_number(&self->triggers, text, edges, before, behind);
    if (number == NONE)
        Py_RETURN_NONE;
    return PyLong_FromUnsignedLong(number);
}

static PyMethodDef index_methods[] = {
    {"look", (PyCFunction)index_look, METH_O,
     "look(text, /)\n--\n\nWhere triggers stand, and the rules to evaluate, in their order."},
    {"number", (PyCFunction)index_number, METH_VARARGS,
     "number(text, edges, before, behind, /)\n--\n\nThe number of a trigger, or None: there is "
     "none that is looked for beside all of these letters."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot index_slots[] = {
    {Py_tp_doc, "Index(texts, edges, *, rules, starts, waiting, always, guarded, guard_starts, "
                "guards, together, beside, neighbours, in_word)\n--\n\nFinds the triggers of a block of rules. Immutable."},
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
    return done < 0 ? done : PyModule_AddIntMacro(module, VERSION);
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
