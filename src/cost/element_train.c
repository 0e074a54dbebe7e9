/* element_train.c - training runs on rented machines: the runs themselves, tuning, and development, a line each.
 *
 *   training      runs_per_month x hours x machines
 *   tuning        runs_per_month x trials x hours x machines
 *   development   (experiments_per_month + all of these x failed_share / (1 - failed_share)) x hours x machines
 *
 * failed_share is of all that is started, so that of 10 runs that are needed at 0.2 12.5 are started. The hours of a
 * run are written, or those of an artefact: the time that passed, or with `bill: cpu` its processor time / vcpu.
 */
#include <string.h>

#include "cost/element.h"
#include "cost/estimating.h"
#include "cost/hire.h"
#include "math/rational.h"

typedef enum { BILL_WALL, BILL_CPU } billing;

typedef struct {
    rk_hire hire;
    rk_number machines, runs_per_month, trials, hours, experiments_per_month, failed_share, memory_gib;
    const char *measured;
    int bill; /* billing; -1 = not said */
    rk_made made;
} settings;

static const rk_key rows[] = {
    {"train", RK_KEY_TEXT, offsetof(settings, hire.machine), .required = true, .help = "a machine of a price book"},
    {"option", RK_KEY_TEXT, offsetof(settings, hire.option),
     .help = "a key of the machine's 'hour' (default on_demand)"},
    {"machines", RK_KEY_NUMBER, offsetof(settings, machines), .help = "that work on a run together (default 1)"},
    {"runs_per_month", RK_KEY_NUMBER, offsetof(settings, runs_per_month), .required = true,
     .help = "runs whose model is used"},
    {"trials", RK_KEY_NUMBER, offsetof(settings, trials), .help = "runs that tune, for each of those (default 0)"},
    {"hours", RK_KEY_NUMBER, offsetof(settings, hours), .help = "that a run takes"},
    {"measured", RK_KEY_TEXT, offsetof(settings, measured), .help = "instead of hours: an artefact that was so made"},
    {"bill", RK_KEY_CHOICE, offsetof(settings, bill), .choices = "wall|cpu",
     .help = "with measured: the time that passed, or the processor time / vcpu (default wall)"},
    {"memory_gib", RK_KEY_NUMBER, offsetof(settings, memory_gib), .help = "that a run needs; must fit the machine"},
    {"experiments_per_month", RK_KEY_NUMBER, offsetof(settings, experiments_per_month),
     .help = "runs whose model is not used (default 0)"},
    {"failed_share", RK_KEY_NUMBER, offsetof(settings, failed_share), .max = 0.999999,
     .help = "of all runs that are started, the share that fails and is run again (default 0)"},
};

static rk_status check_measured(rk_plan *plan, const rk_element *element, settings *s, rk_error *err)
{
    rk_place at = rk_element_place(element, "measured");
    rk_status status = rk_made_read(plan, s->measured, at, &s->made, err);
    if (status) {
        return status;
    }
    if (!(s->bill == BILL_CPU ? s->made.cpu_s : s->made.wall_s).is_set) {
        return rk_fail_at(err, at, "'%.100s' does not say what making it used", s->measured);
    }
    status = rk_hire_check_made(plan, element, &s->hire, &s->made, err);
    return status || s->bill != BILL_CPU ? status : rk_hire_need_vcpu(element, &s->hire, "'bill: cpu'", err);
}

static rk_status check(rk_plan *plan, const rk_element *element, void *room, rk_error *err)
{
    settings *s = room;
    const rk_number *gib = NULL;
    if (s->hours.is_set == (s->measured != NULL)) {
        return rk_fail_at(err, element->at, "element '%.60s' needs one of the keys 'hours' and 'measured'",
                          element->name);
    }
    if (s->bill >= 0 && !s->measured) {
        return rk_fail_at(err, rk_element_place(element, "bill"), "'bill' goes with 'measured' only");
    }
    if (!s->machines.is_set) {
        s->machines.value.units = 1;
    }
    rk_status status = rk_hire_check(plan, element, "train", &s->hire, err);
    if (status) {
        return status;
    }
    gib = &s->hire.price->as.machine.memory_gib;
    if (s->memory_gib.is_set && gib->is_set && rk_decimal_real(s->memory_gib.value) > rk_decimal_real(gib->value)) {
        return rk_fail_at(err, s->memory_gib.at, "a run of '%.60s' needs %.2f GiB of memory, %.60s has %.2f GiB",
                          element->name, rk_decimal_real(s->memory_gib.value), s->hire.machine,
                          rk_decimal_real(gib->value));
    }
    return s->measured ? check_measured(plan, element, s, err) : RK_OK;
}

/* ---- the hours of a run ---- */

/* out = machine-hours of one run; appends "3.5 h x 2 machines" */
static void run_hours(rk_account *account, const settings *s, mpq_t out, rk_text *words, rk_vec *inputs)
{
    mpq_t by;
    mpq_init(by);
    if (s->measured) {
        const rk_number *seconds = s->bill == BILL_CPU ? &s->made.cpu_s : &s->made.wall_s;
        const rk_machine_price *machine = &s->hire.price->as.machine;
        rk_rational_set(out, seconds->value);
        rk_made_input(account, inputs, &s->made, s->bill == BILL_CPU ? "cpu_s" : "wall_s", seconds, "s");
        rk_decimal_print(seconds->value, false, words);
        rk_text_add(words, " s / 3600");
        mpq_set_ui(by, 3600, 1);
        mpq_div(out, out, by);
        if (s->bill == BILL_CPU) {
            rk_rational_set(by, machine->vcpu.value);
            mpq_div(out, out, by);
            rk_text_add(words, " / ");
            rk_decimal_print(machine->vcpu.value, false, words);
            rk_text_add(words, " vcpu");
            rk_account_input_book(account, inputs, "vcpu", &machine->vcpu, "vcpu", s->hire.price);
        }
    } else {
        rk_rational_set(out, s->hours.value);
        rk_account_input(account, inputs, "hours", &s->hours, "h");
        rk_decimal_print(s->hours.value, false, words);
        rk_text_add(words, " h");
    }
    if (s->machines.is_set) {
        rk_rational_mul(out, s->machines.value);
        rk_account_input(account, inputs, "machines", &s->machines, "machines");
        rk_text_add(words, " x ");
        rk_decimal_print(s->machines.value, false, words);
        rk_text_add(words, " machines");
    }
    mpq_clear(by);
}

/* ---- how many runs ---- */

/* The three lines. Each says how many runs it is for and in which words. */
typedef struct {
    const char *name; /* "training" */
    bool is_counted;  /* these are the runs that count */
    void (*count)(const settings *s, mpq_t out);
    void (*tell)(rk_account *account, const settings *s, rk_text *words, rk_vec *inputs);
} part;

static void count_runs(const settings *s, mpq_t out) { rk_rational_set(out, s->runs_per_month.value); }

static void tell_runs(rk_account *account, const settings *s, rk_text *words, rk_vec *inputs)
{
    rk_account_input(account, inputs, "runs_per_month", &s->runs_per_month, "runs");
    rk_decimal_print(s->runs_per_month.value, false, words);
    rk_text_add(words, " runs");
}

static void count_trials(const settings *s, mpq_t out)
{
    count_runs(s, out);
    rk_rational_mul(out, s->trials.value);
}

static void tell_trials(rk_account *account, const settings *s, rk_text *words, rk_vec *inputs)
{
    tell_runs(account, s, words, inputs);
    rk_account_input(account, inputs, "trials", &s->trials, "trials a run");
    rk_text_add(words, " x ");
    rk_decimal_print(s->trials.value, false, words);
    rk_text_add(words, " trials");
}

/* experiments + (runs + trials + experiments) x f / (1 - f) */
static void count_development(const settings *s, mpq_t out)
{
    mpq_t all, fails, stays;
    mpq_inits(all, fails, stays, NULL);
    count_runs(s, all);
    count_trials(s, out);
    mpq_add(all, all, out);
    rk_rational_set(out, s->experiments_per_month.value);
    mpq_add(all, all, out);
    rk_rational_set(fails, s->failed_share.value);
    mpq_set_ui(stays, 1, 1);
    mpq_sub(stays, stays, fails);
    mpq_div(fails, fails, stays);
    mpq_mul(all, all, fails);
    mpq_add(out, out, all);
    mpq_clears(all, fails, stays, NULL);
}

static void tell_development(rk_account *account, const settings *s, rk_text *words, rk_vec *inputs)
{
    rk_account_input(account, inputs, "experiments_per_month", &s->experiments_per_month, "runs");
    rk_text_add(words, "(");
    rk_decimal_print(s->experiments_per_month.value, false, words);
    rk_text_add(words, " experiments");
    if (s->failed_share.is_set) {
        rk_account_input(account, inputs, "failed_share", &s->failed_share, "of the runs started");
        rk_text_add(words, " + (");
        tell_trials(account, s, words, inputs);
        rk_text_add(words, " + ");
        rk_decimal_print(s->runs_per_month.value, false, words);
        rk_text_add(words, " runs + ");
        rk_decimal_print(s->experiments_per_month.value, false, words);
        rk_text_add(words, " experiments) x ");
        rk_decimal_print(s->failed_share.value, false, words);
        rk_text_add(words, " / (1 - ");
        rk_decimal_print(s->failed_share.value, false, words);
        rk_text_add(words, ") that fail");
    }
    rk_text_add(words, ")");
}

static const part parts[] = {
    {"training", true, count_runs, tell_runs},
    {"tuning", false, count_trials, tell_trials},
    {"development", false, count_development, tell_development},
};

static rk_status book_part(rk_account *account, const rk_element *element, uint32_t m, const part *p, rk_error *err)
{
    const settings *s = element->settings;
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    rk_text words = {0};
    mpq_t quantity, price, hours, runs;
    mpq_inits(quantity, price, hours, runs, NULL);
    p->count(s, quantity);
    if (p->is_counted) {
        mpq_set(runs, quantity);
    }
    p->tell(account, s, &words, &inputs);
    rk_text_add(&words, " x ");
    run_hours(account, s, hours, &words, &inputs);
    mpq_mul(quantity, quantity, hours);
    rk_hire_price(&s->hire, account, &inputs, price);
    rk_entry entry = {.element = element,
                      .name = rk_account_words(account, "%s %s", element->name, p->name),
                      .category = element->category,
                      .m = m,
                      .quantity = quantity,
                      .unit_price = price,
                      .unit = "machine-hour",
                      .driver = s->hire.machine,
                      .quantity_words = rk_account_keep(account, &words),
                      .behaviour = RK_FIXED,
                      .origin = s->measured ? RK_MEASURED : RK_ASSUMED,
                      .runs = runs,
                      .inputs = &inputs};
    rk_status status = rk_account_book(account, &entry, err);
    mpq_clears(quantity, price, hours, runs, NULL);
    rk_vec_release(&inputs);
    return status;
}

static rk_status book(rk_account *account, const rk_element *element, uint32_t m, rk_error *err)
{
    rk_status status = RK_OK;
    for (size_t i = 0; i < RK_COUNT_OF(parts) && !status; i++) {
        status = book_part(account, element, m, &parts[i], err);
    }
    return status;
}

/* ---- in draws ---- */

static rk_figure figure_hours(rk_estimating *e, const settings *s)
{
    rk_figure hours = rk_estimate_number(e, &s->hours);
    if (s->measured) {
        const rk_number *seconds = s->bill == BILL_CPU ? &s->made.cpu_s : &s->made.wall_s;
        hours = rk_tape_scale(e->tape, rk_estimate_number(e, seconds), 1.0 / 3600);
    }
    if (s->bill == BILL_CPU) {
        hours = rk_tape_div(e->tape, hours, rk_estimate_number(e, &s->hire.price->as.machine.vcpu));
    }
    return rk_tape_mul(e->tape, hours, rk_estimate_number(e, &s->machines));
}

/* All that is started: what is needed / (1 - failed_share). */
static void estimate(rk_estimating *e, const rk_element *element, uint32_t m)
{
    const settings *s = element->settings;
    rk_tape *tape = e->tape;
    rk_figure one = rk_tape_constant(tape, 1);
    rk_figure needed = rk_tape_mul(tape, rk_estimate_number(e, &s->runs_per_month),
                                   rk_tape_add(tape, one, rk_estimate_number(e, &s->trials)));
    needed = rk_tape_add(tape, needed, rk_estimate_number(e, &s->experiments_per_month));
    rk_figure started = rk_tape_div(tape, needed, rk_tape_sub(tape, one, rk_estimate_number(e, &s->failed_share)));
    rk_figure price = rk_estimate_price(e, &s->hire.hour->hour, s->hire.price);
    rk_estimate_book(e, element, element->category, m,
                     rk_tape_mul(tape, rk_tape_mul(tape, started, figure_hours(e, s)), price));
}

const rk_element_kind rk_element_train = {.name = "train",
                                          .marks = "train|runs_per_month|trials",
                                          .keys = rows,
                                          .n_keys = RK_COUNT_OF(rows),
                                          .settings_bytes = sizeof(settings),
                                          .check = check,
                                          .book = book,
                                          .estimate = estimate,
                                          .hires_machines = true};
