/* tune_csv.c - the trials of a study as a table: a column for each setting that any model searched. */
#include <math.h>
#include <string.h>

#include "tune/tune.h"

/* Axis number i of all models, those of a name once; NULL past the end. */
static const char *column_at(const rk_tuning *tuning, size_t i)
{
    for (size_t c = 0; c < tuning->n_models; c++) {
        const rk_space *space = &tuning->models[c].space;
        for (size_t a = 0; a < space->n; a++) {
            const char *name = space->axis[a].option->name;
            bool is_old = false;
            for (size_t before = 0; before < c; before++) {
                const rk_space *other = &tuning->models[before].space;
                for (size_t b = 0; b < other->n; b++) {
                    is_old |= !strcmp(other->axis[b].option->name, name);
                }
            }
            if (!is_old && i-- == 0) {
                return name;
            }
        }
    }
    return NULL;
}

static void add_head(const rk_tuning *tuning, rk_text *out)
{
    const char *key = tuning->target.key, *name;
    rk_text_addf(out, "model,trial,share,%s,%s_low,%s_high,seconds,train_s", key, key, key);
    for (size_t i = 0; (name = column_at(tuning, i)); i++) {
        rk_text_add_cell(out, rk_slice_of(name), false);
    }
    rk_text_add(out, ",fixed,error\n");
}

static void add_number(double value, rk_text *out)
{
    rk_text_add(out, ",");
    if (isfinite(value)) {
        rk_text_add_real(out, value);
    }
}

/* Times to the millisecond. */
static void add_time(double seconds, rk_text *out) { add_number(round(seconds * 1000) / 1000, out); }

static void add_setting(const rk_tuned *tuned, const rk_trial *trial, const char *name, rk_text *out)
{
    rk_text_add(out, ",");
    for (size_t a = 0; a < tuned->space.n; a++) {
        if (!strcmp(tuned->space.axis[a].option->name, name)) {
            rk_axis_format(&tuned->space.axis[a], trial->x[a], out);
        }
    }
}

static void add_fixed(const rk_tuned *tuned, rk_text *out)
{
    rk_text words = {0};
    for (size_t i = 0; i < tuned->n_fixed; i++) {
        rk_text_addf(&words, "%s%s", i > 0 ? " " : "", tuned->fixed[i]);
    }
    rk_text_add_cell(out, (rk_slice){words.at ? words.at : "", words.n}, false);
    out->failed |= words.failed;
    rk_text_release(&words);
}

static void add_row(const rk_tuning *tuning, const rk_tuned *tuned, const rk_trial *trial, rk_text *out)
{
    const char *name;
    rk_text_addf(out, "%s,%zu", tuned->model->name, trial->number + 1);
    add_number(round(trial->share * 1e6) / 1e6, out);
    add_number(trial->error ? NAN : trial->value, out);
    add_number(trial->error ? NAN : trial->low, out);
    add_number(trial->error ? NAN : trial->high, out);
    add_time(trial->seconds, out);
    add_time(trial->train_s, out);
    for (size_t i = 0; (name = column_at(tuning, i)); i++) {
        add_setting(tuned, trial, name, out);
    }
    add_fixed(tuned, out);
    rk_text_add_cell(out, rk_slice_of(trial->error), false);
    rk_text_add(out, "\n");
}

void rk_tuning_csv(const rk_tuning *tuning, rk_text *out)
{
    add_head(tuning, out);
    for (size_t c = 0; c < tuning->n_models; c++) {
        for (size_t t = 0; t < tuning->models[c].trials.n; t++) {
            add_row(tuning, &tuning->models[c], rk_tuned_trial(&tuning->models[c], t), out);
        }
    }
}
