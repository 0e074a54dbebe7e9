/* swap.h - a new model in the place of the one that answers: opened, checked, put in, or refused.
 *
 * One swap at a time, by the server's keeper; anyone may read the counts.
 */
#ifndef RECKON_SERVE_SWAP_H
#define RECKON_SERVE_SWAP_H

#include "serve/checks.h"
#include "serve/watch.h"

typedef struct {
    rk_live_source source;
    rk_check_options checks;
    rk_watch watch;
    atomic_bool is_unproven; /* what answers was opened quickly, and not held against its checksums yet */
    atomic_uint_least64_t n_done, n_failed, n_refused;             /* put in; did not open; opened and did not pass */
    atomic_uint_least32_t n_held_out, n_found_before, n_found_now; /* of the last one that was compared */
    atomic_int_least64_t at_unix_s; /* when the last one was put in, or the server started */
} rk_swaps;

/* Texts of source and checks are borrowed until the end. */
void rk_swaps_init(rk_swaps *swaps, const rk_live_source *source, const rk_check_options *checks);
/* Opens the first model, which has to pass the golden queries, too. Quickly: see rk_live_source. */
RK_MUST_CHECK rk_status rk_swap_first(rk_swaps *swaps, bool quickly, const rk_run *run, rk_live **out, rk_error *err);
/* Opens what lies there now and puts it into the slot. On failure the slot keeps what it has, and *http is what a
 * client is told: 500, the files are at fault, or 409, the model was refused. */
RK_MUST_CHECK rk_status rk_swap(rk_swaps *swaps, rk_live_slot *slot, rk_recent *recent, const rk_run *run,
                                unsigned *http, rk_error *err);
void rk_swaps_format(const rk_swaps *swaps, rk_text *out); /* Prometheus */

#endif
