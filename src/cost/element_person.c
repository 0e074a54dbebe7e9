/* element_person.c - people: so many full-time equivalents at pay x (1 + overhead) + training, a month. */
#include "cost/element.h"
#include "cost/estimating.h"
#include "math/rational.h"

typedef struct {
    const char *person;
    rk_number fte, grows_per_month;
    const rk_price *price;
} settings;

static const rk_key rows[] = {
    {"person", RK_KEY_TEXT, offsetof(settings, person), .required = true, .help = "a person of a price book"},
    {"fte", RK_KEY_NUMBER, offsetof(settings, fte), .required = true,
     .help = "full-time equivalents, 0.5 = half a person"},
    {"grows_per_month", RK_KEY_NUMBER, offsetof(settings, grows_per_month), .min = -1e15, .max = 1e15,
     .help = "equivalents more every month (default 0)"},
};

static void head_count(const settings *s, uint32_t m, mpq_t out)
{
    mpq_t first;
    mpq_init(first);
    rk_rational_set(first, s->fte.value);
    mpq_set_ui(out, m, 1);
    rk_rational_mul(out, s->grows_per_month.value);
    mpq_add(out, out, first);
    mpq_clear(first);
}

bool rk_plan_has_persons(const rk_plan *plan)
{
    bool any = false;
    for (uint32_t i = 0; i < plan->n_elements; i++) {
        any = any || plan->elements[i].kind == &rk_element_person;
    }
    return any;
}

/* Whether the persons of an element count for service s, or for all, in month m. */
static bool is_counted(const rk_plan *plan, const rk_element *element, uint32_t s, uint32_t m)
{
    bool is_its = element->target == RK_TARGET_EACH || (element->target == RK_TARGET_ONE && element->service == s);
    return element->kind == &rk_element_person && rk_element_is_due(plan, element, m) &&
           (s == RK_ALL_SERVICES || is_its);
}

void rk_plan_persons(const rk_plan *plan, uint32_t s, uint32_t m, mpq_t out)
{
    mpq_t fte, times;
    mpq_inits(fte, times, NULL);
    mpq_set_ui(out, 0, 1);
    for (uint32_t i = 0; i < plan->n_elements; i++) {
        const rk_element *element = &plan->elements[i];
        if (is_counted(plan, element, s, m)) {
            bool is_of_each = element->target == RK_TARGET_EACH && s == RK_ALL_SERVICES;
            head_count(element->settings, m, fte);
            mpq_set_ui(times, is_of_each ? plan->n_services : 1, 1);
            mpq_mul(fte, fte, times);
            mpq_add(out, out, fte);
        }
    }
    mpq_clears(fte, times, NULL);
}

void rk_account_persons_inputs(rk_account *account, uint32_t s, uint32_t m, rk_vec *inputs)
{
    for (uint32_t i = 0; i < account->plan->n_elements; i++) {
        const rk_element *element = &account->plan->elements[i];
        if (is_counted(account->plan, element, s, m)) {
            const settings *person = element->settings;
            rk_account_input(account, inputs, element->name, &person->fte, "persons");
            rk_account_input(account, inputs, "grows_per_month", &person->grows_per_month, "persons");
        }
    }
}

rk_figure rk_estimate_persons(rk_estimating *e, uint32_t s, uint32_t m)
{
    rk_figure sum = rk_tape_constant(e->tape, 0);
    for (uint32_t i = 0; i < e->plan->n_elements; i++) {
        const rk_element *element = &e->plan->elements[i];
        if (is_counted(e->plan, element, s, m)) {
            const settings *person = element->settings;
            bool is_of_each = element->target == RK_TARGET_EACH && s == RK_ALL_SERVICES;
            rk_figure heads = rk_estimate_growing(e, &person->fte, &person->grows_per_month, m);
            unsigned times = is_of_each ? e->plan->n_services : 1;
            sum = rk_tape_add(e->tape, sum, rk_tape_scale(e->tape, heads, times));
        }
    }
    return sum;
}

static rk_status check(rk_plan *plan, const rk_element *element, void *room, rk_error *err)
{
    settings *s = room;
    mpq_t last;
    mpq_init(last);
    head_count(s, plan->n_months - 1, last);
    int sign = mpq_sgn(last);
    mpq_clear(last);
    if (sign < 0) {
        return rk_fail_at(err, s->grows_per_month.at, "the fte of '%.60s' fall below 0 within the plan", element->name);
    }
    return rk_plan_price(plan, s->person, RK_PRICE_PERSON, rk_element_place(element, "person"), &s->price, err);
}

static rk_status book(rk_account *account, const rk_element *element, uint32_t m, rk_error *err)
{
    const settings *s = element->settings;
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    mpq_t quantity, price;
    mpq_inits(quantity, price, NULL);
    head_count(s, m, quantity);
    rk_account_input(account, &inputs, "fte", &s->fte, "persons");
    rk_account_input(account, &inputs, "grows_per_month", &s->grows_per_month, "persons");
    rk_entry entry = {.element = element,
                      .category = element->category,
                      .m = m,
                      .quantity = quantity,
                      .unit_price = price,
                      .unit = "person-month",
                      .driver = s->person,
                      .behaviour = RK_FIXED,
                      .origin = RK_ASSUMED,
                      .inputs = &inputs};
    rk_account_person(account, &inputs, s->price, price, &entry.price_words);
    rk_status status = rk_account_book(account, &entry, err);
    mpq_clears(quantity, price, NULL);
    rk_vec_release(&inputs);
    return status;
}

static void estimate(rk_estimating *e, const rk_element *element, uint32_t m)
{
    const settings *s = element->settings;
    rk_figure heads = rk_estimate_growing(e, &s->fte, &s->grows_per_month, m);
    rk_estimate_book(e, element, element->category, m, rk_tape_mul(e->tape, heads, rk_estimate_person(e, s->price)));
}

const rk_element_kind rk_element_person = {.name = "person",
                                           .marks = "person|fte",
                                           .keys = rows,
                                           .n_keys = RK_COUNT_OF(rows),
                                           .settings_bytes = sizeof(settings),
                                           .check = check,
                                           .book = book,
                                           .estimate = estimate};
