/* swap.c - see swap.h. */
#include "serve/swap.h"

#include "base/clock.h"

void rk_swaps_init(rk_swaps *swaps, const rk_live_source *source, const rk_check_options *checks)
{
    const char *const paths[] = {source->model_path,  source->data_path,   source->index_path,      source->search_path,
                                 source->ranker_path, source->scenes_path, source->experiments_path};
    *swaps = (rk_swaps){.source = *source, .checks = *checks};
    rk_watch_init(&swaps->watch, paths, RK_COUNT_OF(paths));
}

static rk_status open_and_check(rk_swaps *swaps, const rk_live_source *source, const rk_live *before, rk_recent *recent,
                                const rk_run *run, rk_live **out, bool *is_refused, rk_check_result *found,
                                rk_error *err)
{
    rk_live *live = NULL;
    *is_refused = false;
    *found = (rk_check_result){0};
    rk_watch_take(&swaps->watch);
    rk_status status = rk_live_open(source, run, &live, err);
    if (status == RK_OK) {
        status = rk_checks_run(&swaps->checks, before, live, recent, found, err);
        *is_refused = status != RK_OK;
    }
    if (status != RK_OK) {
        rk_live_release(live);
        return status;
    }
    *out = live;
    return RK_OK;
}

static void note_start(rk_swaps *swaps)
{
    atomic_store_explicit(&swaps->at_unix_s, rk_clock_unix_s(), memory_order_relaxed);
}

rk_status rk_swap_first(rk_swaps *swaps, bool quickly, const rk_run *run, rk_live **out, rk_error *err)
{
    rk_check_result found;
    bool is_refused;
    rk_live_source source = swaps->source;
    source.is_first = quickly && source.model_path;
    rk_status status = open_and_check(swaps, &source, NULL, NULL, run, out, &is_refused, &found, err);
    atomic_store_explicit(&swaps->is_unproven, source.is_first, memory_order_relaxed);
    note_start(swaps);
    return status;
}

static void note(rk_swaps *swaps, atomic_uint_least64_t *outcome, const rk_check_result *found)
{
    atomic_fetch_add_explicit(outcome, 1, memory_order_relaxed);
    if (found->n_held_out > 0) {
        atomic_store_explicit(&swaps->n_held_out, found->n_held_out, memory_order_relaxed);
        atomic_store_explicit(&swaps->n_found_before, found->n_found_before, memory_order_relaxed);
        atomic_store_explicit(&swaps->n_found_now, found->n_found_now, memory_order_relaxed);
    }
}

rk_status rk_swap(rk_swaps *swaps, rk_live_slot *slot, rk_recent *recent, const rk_run *run, unsigned *http,
                  rk_error *err)
{
    rk_live *live = NULL, *before = rk_live_acquire(slot);
    rk_check_result found;
    bool is_refused;
    rk_status status = open_and_check(swaps, &swaps->source, before, recent, run, &live, &is_refused, &found, err);
    rk_live_release(before);
    if (status != RK_OK) {
        *http = is_refused && status == RK_BAD_INPUT ? 409 : 500;
        note(swaps, is_refused ? &swaps->n_refused : &swaps->n_failed, &found);
        rk_log(run, RK_LOG_WARNING, "reload %s, the old model stays: %s", is_refused ? "refused" : "failed",
               err->message);
        return status;
    }
    note(swaps, &swaps->n_done, &found);
    atomic_store_explicit(&swaps->is_unproven, false, memory_order_relaxed);
    note_start(swaps);
    rk_log(run, RK_LOG_INFO, "reloaded %s (%zu golden queries; of %u items taken lately it finds %u, the old one %u)",
           rk_live_label(live), found.n_golden, found.n_held_out, found.n_found_now, found.n_found_before);
    rk_live_swap(slot, live);
    return RK_OK;
}

static unsigned long long get(const atomic_uint_least64_t *counter)
{
    return (unsigned long long)atomic_load_explicit(counter, memory_order_relaxed);
}

void rk_swaps_format(const rk_swaps *swaps, rk_text *out)
{
    rk_text_addf(out,
                 "# HELP reckon_reloads_total Reloads: done, failed to open, or refused by the checks.\n"
                 "# TYPE reckon_reloads_total counter\n"
                 "reckon_reloads_total{outcome=\"done\"} %llu\nreckon_reloads_total{outcome=\"failed\"} %llu\n"
                 "reckon_reloads_total{outcome=\"refused\"} %llu\n",
                 get(&swaps->n_done), get(&swaps->n_failed), get(&swaps->n_refused));
    rk_text_addf(out,
                 "# HELP reckon_model_proven Whether every byte of what answers was held against its checksum.\n"
                 "# TYPE reckon_model_proven gauge\nreckon_model_proven %d\n",
                 !atomic_load_explicit(&swaps->is_unproven, memory_order_relaxed));
    rk_text_addf(out,
                 "# HELP reckon_check_held_out_items Items taken lately that the last reload was tried on.\n"
                 "# TYPE reckon_check_held_out_items gauge\nreckon_check_held_out_items %u\n"
                 "# HELP reckon_check_found_items How many of them a model has among its best %d.\n"
                 "# TYPE reckon_check_found_items gauge\nreckon_check_found_items{model=\"before\"} %u\n"
                 "reckon_check_found_items{model=\"now\"} %u\n",
                 (unsigned)atomic_load_explicit(&swaps->n_held_out, memory_order_relaxed), RK_CHECK_TOP,
                 (unsigned)atomic_load_explicit(&swaps->n_found_before, memory_order_relaxed),
                 (unsigned)atomic_load_explicit(&swaps->n_found_now, memory_order_relaxed));
}
