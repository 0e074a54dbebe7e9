/* units.h - the many ways to write a unit behind a number. */
#ifndef RECKON_TEXT_UNITS_H
#define RECKON_TEXT_UNITS_H

#include "base/slice.h"

/* The short form of a folded word that is a unit ("gigabytes": "gb"), or NULL. */
const char *rk_unit_of(rk_slice word);
/* An English function word, folded. */
bool rk_is_stop_word(rk_slice word);

#endif
