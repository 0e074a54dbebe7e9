/* ets_fit.h - the weights and first states under which a history is likeliest. Private to forecast/. */
#ifndef RECKON_FORECAST_ETS_FIT_H
#define RECKON_FORECAST_ETS_FIT_H

#include "base/error.h"
#include "forecast/ets.h"

/* A history as the fit wants it. */
typedef struct {
    const double *value; /* [n], NaN = missing; the first is there; mean size about 1 */
    size_t n, n_known;
} rk_ets_history;

typedef struct {
    rk_ets_state state;  /* after the history; season lies in the room */
    double likelihood;   /* -2 log of it, but for a constant of the history; infinity = not to be fitted */
    double aicc;         /* infinity also when the values are too few for the parameters */
    double squares;      /* sum of squared one-step errors, relative ones where they are multiplicative */
    size_t n_parameters; /* weights, first states and the variance */
} rk_ets_fit;

/* Values that a fit of the form needs, for its AICc to exist and its season to be seen twice. */
size_t rk_ets_values_min(const rk_ets_form *form);
/* Doubles of scratch that a fit takes. */
size_t rk_ets_room(const rk_ets_form *form, size_t n);
/* room: [rk_ets_room]; the fitted season stays there. */
void rk_ets_fit_form(const rk_ets_form *form, const rk_ets_history *history, double *room, rk_ets_fit *out);

#endif
