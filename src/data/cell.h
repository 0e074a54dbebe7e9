/* cell.h - times and exact decimals from the text of a cell. */
#ifndef RECKON_DATA_CELL_H
#define RECKON_DATA_CELL_H

#include "base/slice.h"

/* Seconds since 1970 UTC. Accepts unix seconds, milliseconds (from 10^11 on) and microseconds (from 10^14 on);
 * `2010-12-01`, `2010-12-01 08:26[:00[.123]]`, with 'T' or blank between and `Z` or `+hh:mm` behind; `12/1/2010 8:26`
 * (month first). false when it is none of them or no such day exists. */
bool rk_cell_time(rk_slice cell, int64_t *out);

/* A decimal in millionths, exactly: at most six digits behind the point, |value| < 9 * 10^12. false otherwise. */
bool rk_cell_micros(rk_slice cell, int64_t *out);

/* Any number as a float: whole numbers and short decimals without strtod. */
bool rk_cell_float(rk_slice cell, float *out);

#endif
