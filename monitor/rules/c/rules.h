/* Which rules a trigger wakes. Immutable once made. */

#ifndef MONITOR_RULES_H
#define MONITOR_RULES_H

#include <Python.h>
#include <stdint.h>

#include "found.h"

typedef struct { /* columns of a block, numbers of 32 bits each; see ``block.Block`` */
    Py_buffer starts, waiting, always, guarded, guard_starts, guards, together;
} Columns;

typedef struct {
    /* What the trigger n wakes stands in rows[at[n]:at[n + 1]]: a rule, of how many other triggers
       it needs one (and TOGETHER: in the same line), and these. All in one place: each other one
       would be a wait for memory. */
    uint32_t *rows;
    uint32_t *at;
    uint32_t *always;
    uint32_t always_count;
} Rules;

/* Of so many rules and triggers. 0, or -1 with an error; to be cleared in any case. */
int rules_make(Rules *self, uint32_t rules, uint32_t triggers, const Columns *block);
void rules_clear(Rules *self);

/* A list of the rules that wake, each once, in their order; NULL with an error. ``marks`` are those
   of the text of so many characters, see ``triggers_marks``. */
PyObject *rules_woken(const Rules *self, const Found *found, const uint8_t *marks,
                      Py_ssize_t size);

#endif
