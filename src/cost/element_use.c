/* element_use.c - so many units of a rate: GB-months, licences, labels, GB out.
 *
 * quantity + grows_per_month x m, in month m of the plan (0 = first); with `per` that many units for each unit of the
 * driver: response_gb = requests of the month x response_bytes / 10^9.
 */
#include <string.h>

#include "cost/element.h"
#include "math/rational.h"

typedef struct {
    const char *use, *per;
    rk_number quantity, grows_per_month;
    int origin; /* rk_origin; -1 = not said */
    const rk_price *price;
} settings;

static const rk_key rows[] = {
    {"use", RK_KEY_TEXT, offsetof(settings, use), .required = true, .help = "a rate of a price book"},
    {"quantity", RK_KEY_NUMBER, offsetof(settings, quantity),
     .help = "units in the first month; with 'per', for each of it"},
    {"grows_per_month", RK_KEY_NUMBER, offsetof(settings, grows_per_month), .min = -1e15, .max = 1e15,
     .help = "units more every month (default 0)"},
    {"origin", RK_KEY_CHOICE, offsetof(settings, origin), .choices = "measured|priced|assumed|billed",
     .help = "of the quantity, when somebody measured what is written here (default assumed)"},
    {"per", RK_KEY_TEXT, offsetof(settings, per), .help = "response_gb: requests x response_bytes / 10^9"},
};

/* quantity + grows x m must not fall below 0 within the plan; it is linear, so the last month tells. */
static rk_status check_growth(const rk_plan *plan, const rk_element *element, const settings *s, rk_error *err)
{
    mpq_t first, last;
    mpq_inits(first, last, NULL);
    mpq_set_ui(last, plan->n_months - 1, 1);
    rk_rational_mul(last, s->grows_per_month.value);
    rk_rational_set(first, s->quantity.value);
    mpq_add(last, last, first);
    int sign = mpq_sgn(last);
    mpq_clears(first, last, NULL);
    return sign >= 0 ? RK_OK
                     : rk_fail_at(err, s->grows_per_month.at, "the quantity of '%.60s' falls below 0 within the plan",
                                  element->name);
}

static rk_status check_per(const rk_plan *plan, const rk_element *element, settings *s, rk_error *err)
{
    static const char *const later[] = {"month", "hour", "request", "event", "gb", "head", "order", "active_user"};
    for (size_t i = 0; i < RK_COUNT_OF(later); i++) {
        if (strcmp(s->per, later[i]) == 0) {
            return rk_fail_at(err, rk_element_place(element, "per"),
                              "'per: %s' of element '%.60s' is part of the method but not built yet", s->per,
                              element->name);
        }
    }
    if (strcmp(s->per, "response_gb") != 0) {
        return rk_fail_at(err, rk_element_place(element, "per"),
                          "'per' of element '%.60s' must be response_gb, got '%.60s'", element->name, s->per);
    }
    for (uint32_t i = 0; i < plan->n_services; i++) {
        bool meant = element->target != RK_TARGET_ONE || element->service == i;
        if (meant && !plan->services[i].response_bytes.is_set) {
            return rk_fail_at(err, element->at,
                              "element '%.60s' is per response_gb, and service '%.60s' has no response_bytes",
                              element->name, plan->services[i].name);
        }
    }
    if (!s->quantity.is_set) {
        s->quantity.value.units = 1;
    }
    return RK_OK;
}

static rk_status check(rk_plan *plan, const rk_element *element, void *room, rk_error *err)
{
    settings *s = room;
    if (!s->per && !s->quantity.is_set) {
        return rk_fail_at(err, element->at, "element '%.60s' needs the key 'quantity'", element->name);
    }
    rk_status status = s->per ? check_per(plan, element, s, err) : RK_OK;
    status = status ? status : check_growth(plan, element, s, err);
    return status ? status
                  : rk_plan_price(plan, s->use, RK_PRICE_RATE, rk_element_place(element, "use"), &s->price, err);
}

/* GB out of service i in month m. */
static void response_gb(const rk_account *account, uint32_t i, uint32_t m, mpq_t out)
{
    const rk_decimal giga = {.units = 1, .places = 9};
    mpq_set(out, rk_account_requests(account, i, m));
    rk_rational_mul(out, account->plan->services[i].response_bytes.value);
    rk_rational_mul(out, giga);
}

static const char *quantity_words(rk_account *account, const settings *s, uint32_t m)
{
    rk_text words = {0};
    rk_decimal_print(s->quantity.value, false, &words);
    if (s->grows_per_month.value.units != 0) {
        rk_text_add(&words, " + ");
        rk_decimal_print(s->grows_per_month.value, false, &words);
        rk_text_addf(&words, " x %u", m);
    }
    return rk_account_keep(account, &words);
}

/* Inputs and words of a driver: the GB of one service, or of all when shared. */
static void per_service(rk_account *account, const settings *s, uint32_t i, uint32_t m, mpq_t quantity, rk_entry *entry,
                        rk_vec *inputs)
{
    const rk_service *service = &account->plan->services[i];
    rk_text requests = {0}, bytes = {0};
    mpq_t gb;
    int64_t micros = 0;
    mpq_init(gb);
    response_gb(account, i, m, gb);
    mpq_mul(quantity, quantity, gb);
    (void)rk_rational_micros(rk_account_requests(account, i, m), &micros);
    rk_rational_print_micros(micros, &requests);
    rk_decimal_print(service->response_bytes.value, false, &bytes);
    const char *factor = quantity_words(account, s, m);
    bool plain = strcmp(factor, "1") == 0;
    entry->quantity_words =
        rk_account_words(account, "%s%s%s%s requests x %s bytes / 10^9", plain ? "" : "(", plain ? "" : factor,
                         plain ? "" : ") x ", requests.at ? requests.at : "", bytes.at ? bytes.at : "");
    entry->origin = service->bytes_origin;
    rk_account_input(account, inputs, "response_bytes", &service->response_bytes, "bytes");
    rk_account_input(account, inputs, "requests_per_day", &service->traffic.requests_per_day, "requests");
    rk_text_release(&requests);
    rk_text_release(&bytes);
    mpq_clear(gb);
}

static rk_status book_per(rk_account *account, const settings *s, rk_entry *entry, rk_vec *inputs, mpq_t quantity,
                          rk_error *err)
{
    const rk_element *element = entry->element;
    const rk_plan *plan = account->plan;
    rk_status status = RK_OK;
    size_t n_common = inputs->n;
    mpq_t base, gb, sum;
    mpq_inits(base, gb, sum, NULL);
    mpq_set(base, quantity);
    if (element->target == RK_TARGET_SHARED) {
        entry->origin = RK_MEASURED;
        for (uint32_t i = 0; i < plan->n_services; i++) {
            response_gb(account, i, entry->m, gb);
            mpq_add(sum, sum, gb);
            entry->origin = plan->services[i].bytes_origin == RK_MEASURED ? entry->origin : RK_ASSUMED;
            rk_account_input(account, inputs, plan->services[i].name, &plan->services[i].response_bytes,
                             "bytes a response");
        }
        mpq_mul(quantity, base, sum);
        entry->quantity_words = rk_account_words(account, "%s x sum over services of requests x response_bytes / 10^9",
                                                 quantity_words(account, s, entry->m));
        status = rk_account_book(account, entry, err);
    }
    for (uint32_t i = 0; element->target != RK_TARGET_SHARED && i < plan->n_services && !status; i++) {
        if (element->target == RK_TARGET_EACH || element->service == i) {
            inputs->n = n_common;
            mpq_set(quantity, base);
            per_service(account, s, i, entry->m, quantity, entry, inputs);
            status = rk_account_book_one(account, entry, i, err);
        }
    }
    mpq_clears(base, gb, sum, NULL);
    return status;
}

static rk_status book(rk_account *account, const rk_element *element, uint32_t m, rk_error *err)
{
    const settings *s = element->settings;
    rk_vec inputs = {.item_bytes = sizeof(rk_cost_input)};
    mpq_t quantity, grown, price;
    mpq_inits(quantity, grown, price, NULL);
    mpq_set_ui(grown, m, 1);
    rk_rational_mul(grown, s->grows_per_month.value);
    rk_rational_set(quantity, s->quantity.value);
    mpq_add(quantity, quantity, grown);
    rk_rational_set(price, s->price->as.rate.price.value);

    rk_account_input(account, &inputs, "quantity", &s->quantity, s->price->as.rate.unit);
    rk_account_input(account, &inputs, "grows_per_month", &s->grows_per_month, s->price->as.rate.unit);
    rk_account_input_price(account, &inputs, "price", &s->price->as.rate.price, s->price->as.rate.unit, s->price);
    rk_account_convert(account, &inputs, s->price, price);
    rk_entry entry = {.element = element,
                      .category = element->category,
                      .m = m,
                      .quantity = quantity,
                      .unit_price = price,
                      .unit = s->price->as.rate.unit,
                      .driver = s->use,
                      .behaviour = RK_FIXED,
                      .origin = s->origin < 0 ? RK_ASSUMED : (rk_origin)s->origin,
                      .inputs = &inputs};
    rk_status status;
    if (s->per) {
        entry.behaviour = RK_VARIABLE;
        status = book_per(account, s, &entry, &inputs, quantity, err);
    } else {
        entry.quantity_words = s->grows_per_month.value.units != 0 ? quantity_words(account, s, m) : NULL;
        status = rk_account_book(account, &entry, err);
    }
    mpq_clears(quantity, grown, price, NULL);
    rk_vec_release(&inputs);
    return status;
}

const rk_element_kind rk_element_use = {.name = "use",
                                        .marks = "use",
                                        .keys = rows,
                                        .n_keys = RK_COUNT_OF(rows),
                                        .settings_bytes = sizeof(settings),
                                        .check = check,
                                        .book = book};
