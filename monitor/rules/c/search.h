#ifndef MONITOR_SEARCH_H
#define MONITOR_SEARCH_H

#include "found.h"
#include "triggers.h"

/* Put down where triggers stand in a text, of which ``marks`` tell (see ``triggers_marks``). 0, or
   -1 with an error. */
int search_text(const Triggers *triggers, PyObject *text, const uint8_t *marks, Found *found);

#endif
