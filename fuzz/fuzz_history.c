/* fuzz_history.c - histories that mean harm: what is read must read back the same, and must be foretold in numbers.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/clock.h"
#include "data/history.h"
#include "forecast/forecast.h"

enum { DAYS_TO_FORETELL = 40, AHEAD = 5 };
static const rk_run quiet;

static void write_back(const rk_history *h, rk_text *out)
{
    rk_text_add(out, "date,requests\n");
    for (size_t d = 0; d < h->n_days; d++) {
        char day[11];
        rk_format_date(h->first_day + (int64_t)d, day);
        rk_text_addf(out, "%s,", day);
        if (!isnan(h->requests[d])) {
            rk_text_add_real(out, h->requests[d]);
        }
        rk_text_add(out, "\n");
    }
}

static void read_back(const rk_history *h)
{
    rk_text text = {0};
    rk_history again = {0};
    rk_error err;
    write_back(h, &text);
    if (rk_history_parse((rk_slice){text.at, text.n}, "again.csv", &again, &err) || again.first_day != h->first_day ||
        again.n_days != h->n_days || again.n_missing != h->n_missing ||
        rk_history_sum(&again, INT64_MIN, INT64_MAX) != rk_history_sum(h, INT64_MIN, INT64_MAX)) {
        abort();
    }
    rk_history_release(&again);
    rk_text_release(&text);
}

static void foretell(const rk_history *h)
{
    static const double level = 0.8;
    static const double weight[AHEAD] = {1, 0, 6};
    const size_t end[] = {2, AHEAD};
    rk_forecast_model *model = NULL;
    rk_forecast f = {0};
    rk_error err;
    rk_series series = {h->requests, h->n_days};
    rk_forecast_options options = {.period = {7}, .n_periods = 1, .trends = 7};
    rk_forecast_ask ask = {.n_steps = AHEAD, .block_end = end, .n_blocks = 2, .weight = h->n_days % 2 ? weight : NULL,
                           .level = &level, .n_levels = 1, .n_paths = 20, .never_negative = true};
    if (rk_forecast_fit(&series, &options, &quiet, &model, &err) || rk_forecast_make(model, &ask, &quiet, &f, &err)) {
        abort();
    }
    for (size_t i = 0; i < AHEAD; i++) {
        bool has_interval = h->n_days - h->n_missing > 1;
        if (!(f.step.value[i] >= 0) || (has_interval && !(f.step.low[i] <= f.step.high[i]))) {
            abort();
        }
    }
    rk_forecast_release(&f);
    rk_forecast_model_free(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rk_history history = {0};
    rk_error err;
    if (rk_history_parse((rk_slice){(const char *)data, size}, "history.csv", &history, &err) == RK_OK) {
        if (history.n_days <= 1000) {
            read_back(&history);
        }
        if (history.n_days <= DAYS_TO_FORETELL) {
            foretell(&history);
        }
    }
    rk_history_release(&history);
    return 0;
}
