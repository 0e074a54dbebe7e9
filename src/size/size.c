/* size.c - from what is asked to devices, times, throughput and money. */
#include "size/size.h"

#include <math.h>

#include "math/rational.h"

enum { TP_MOST = 8, PP_MOST = 16, HOURS_OF_MONTH = 730 };

/* Tensor parallelism splits whole heads. */
static bool divides(const rk_size_shape *s, uint64_t tp) { return s->heads % tp == 0; }

/* Stages double before they are needed: fewest devices first, wide before deep. */
static void find_least(const rk_size_ask *ask, rk_size_answer *out)
{
    for (uint64_t pp = ask->pp; pp <= PP_MOST && !out->least_tp; pp *= 2) {
        for (uint64_t tp = 1; tp <= TP_MOST && !out->least_tp && pp <= ask->shape.layers; tp *= 2) {
            if (divides(&ask->shape, tp) && rk_size_remember(ask, tp, pp).fits) {
                out->least_tp = tp;
                out->least_pp = pp;
            }
        }
    }
}

static double first_token_at(const rk_size_ask *ask, const rk_size_answer *a, double batch)
{
    return a->first_token + rk_size_take_step(ask, a->tp, a->pp, batch).total;
}

static bool is_within(const rk_size_ask *ask, const rk_size_answer *a, double batch)
{
    rk_size_step step = rk_size_take_step(ask, a->tp, a->pp, batch);
    return (ask->token_ms <= 0 || step.token * 1e3 <= ask->token_ms) &&
           (ask->first_ms <= 0 || first_token_at(ask, a, batch) * 1e3 <= ask->first_ms);
}

/* The largest batch inside the limits: a larger one is never faster for one who waits, so halving finds it. */
static void find_batch(const rk_size_ask *ask, rk_size_answer *a)
{
    double low = 1, high = fmax(1, a->memory.batch);
    a->meets = is_within(ask, a, low);
    if (a->meets && is_within(ask, a, high)) {
        low = high;
    }
    while (a->meets && high - low > 1) {
        double middle = floor((low + high) / 2);
        *(is_within(ask, a, middle) ? &low : &high) = middle;
    }
    a->batch = low;
}

static void answer_serving(const rk_size_ask *ask, rk_size_answer *a)
{
    a->first_token = rk_size_prefill(ask, a->tp, 1, ask->isl);
    a->rerank_seconds = rk_size_prefill(ask, a->tp, ask->candidates, ask->isl) / (double)a->pp;
    if (ask->osl > 0) {
        find_batch(ask, a);
        a->step = rk_size_take_step(ask, a->tp, a->pp, a->batch);
        a->first_token_loaded = first_token_at(ask, a, a->batch);
        a->token = a->step.token;
        a->tokens_per_second = a->batch / a->step.total;
        a->requests_per_second = a->tokens_per_second / ask->osl;
        a->flops_used = a->step.compute / a->step.total * ask->factors.mfu;
    } else {
        a->batch = fmax(1, floor((double)ask->factors.chunk / ask->isl)); /* a pass full of them */
        a->first_token_loaded = rk_size_prefill(ask, a->tp, a->batch, ask->isl);
        a->meets = ask->first_ms <= 0 || a->first_token_loaded * 1e3 <= ask->first_ms;
        a->requests_per_second = (double)a->pp * a->batch / a->first_token_loaded;
        a->tokens_per_second = a->requests_per_second * ask->isl;
    }
    double planned = a->requests_per_second * ask->utilisation;
    a->replicas = (uint64_t)fmin(1e9, fmax(1, ceil(ask->rate / planned - 1e-9)));
    a->devices = a->replicas * a->tp * a->pp;
}

static void answer_training(const rk_size_ask *ask, rk_size_answer *a)
{
    const rk_size_accelerator *d = &ask->accelerator;
    double middle = sqrt(d->train_low * d->train_high);
    a->train_mfu = (rk_size_band){d->train_low, d->train_high, middle};
    double p = a->counts.active, peak = d->bf16;
    a->train_hours = (rk_size_band){rk_size_train_hours(p, ask->train_tokens, peak, d->train_high),
                                    rk_size_train_hours(p, ask->train_tokens, peak, d->train_low),
                                    rk_size_train_hours(p, ask->train_tokens, peak, middle)};
    double days = ask->train_devices > 0 ? 1 / (24 * ask->train_devices) : 0;
    a->train_days =
        (rk_size_band){a->train_hours.low * days, a->train_hours.high * days, a->train_hours.typical * days};
}

static rk_status check(const rk_size_ask *ask, rk_error *err)
{
    const rk_size_shape *s = &ask->shape;
    const rk_size_accelerator *d = &ask->accelerator;
    if (!s->layers || !s->hidden || !s->heads || !s->kv_heads || !s->head_dim || !s->ffn || !s->vocabulary) {
        return rk_fail(err, RK_BAD_USAGE,
                       "a custom model needs --set layers, hidden, heads, kv_heads, head_dim, ffn and vocabulary");
    }
    if (s->experts && (s->active_experts < 1 || s->active_experts > s->experts || s->dense_layers > s->layers)) {
        return rk_fail(err, RK_BAD_USAGE,
                       "of %llu experts, active_experts must be from 1 to that, and dense_layers at most layers",
                       (unsigned long long)s->experts);
    }
    if (d->bf16 <= 0 || d->bandwidth <= 0 || d->memory <= 0 || d->link <= 0) {
        return rk_fail(err, RK_BAD_USAGE, "a custom accelerator needs --set bf16, bandwidth, memory and link_speed");
    }
    if (ask->pp > s->layers) {
        return rk_fail(err, RK_BAD_USAGE, "--pp %llu is more than the %llu layers of %s", (unsigned long long)ask->pp,
                       (unsigned long long)s->layers, s->name);
    }
    if (d->train_low > d->train_high) {
        return rk_fail(err, RK_BAD_USAGE, "train_low must be at most train_high");
    }
    if (ask->tp && !divides(s, ask->tp)) {
        return rk_fail(err, RK_BAD_USAGE, "--tp %llu does not divide the %llu attention heads of %s",
                       (unsigned long long)ask->tp, (unsigned long long)s->heads, s->name);
    }
    return RK_OK;
}

rk_status rk_size_answer_make(const rk_size_ask *ask, rk_size_answer *out, rk_error *err)
{
    *out = (rk_size_answer){0};
    rk_status status = check(ask, err);
    if (status) {
        return status;
    }
    out->counts = rk_size_count(&ask->shape);
    find_least(ask, out);
    out->tp = ask->tp ? ask->tp : out->least_tp ? out->least_tp : TP_MOST;
    out->pp = ask->tp || !out->least_pp ? ask->pp : out->least_pp;
    out->memory = rk_size_remember(ask, out->tp, out->pp);
    out->fits = out->memory.fits;
    if (out->fits) {
        answer_serving(ask, out);
    }
    if (ask->train_tokens > 0) {
        answer_training(ask, out);
    }
    return rk_size_answer_prices(ask, out, err);
}

/* ---- money: exact from the price and the speed as printed, to six places ---- */

static void set_real(mpq_t out, double value)
{
    rk_text text = {0};
    rk_decimal exact = {0};
    rk_text_addf(&text, "%.6f", value);
    if (!text.failed && !rk_decimal_parse((rk_slice){text.at, text.n}, &exact)) {
        rk_rational_set(out, exact);
    } else {
        mpq_set_d(out, value); /* beyond 18 digits */
    }
    rk_text_release(&text);
}

/* out = hour x hours of machine, rounded once; false when it does not fit. */
static bool charge(const mpq_t hour, double devices, double number, bool divide, unsigned long times, rk_money *out)
{
    mpq_t value, factor;
    mpq_inits(value, factor, NULL);
    set_real(factor, devices);
    mpq_mul(value, hour, factor);
    set_real(factor, number);
    bool ok = !divide || mpq_sgn(factor) > 0;
    if (divide && ok) {
        mpq_div(value, value, factor);
    } else if (ok) {
        mpq_mul(value, value, factor);
    }
    mpq_set_ui(factor, times, 1);
    mpq_mul(value, value, factor);
    if (divide) {
        mpq_set_ui(factor, 3600, 1);
        mpq_div(value, value, factor);
    }
    ok = ok && rk_rational_micros(value, &out->micros);
    mpq_clears(value, factor, NULL);
    return ok;
}

static bool price_serving(const rk_size_ask *ask, const mpq_t hour, rk_size_answer *a)
{
    double n = (double)(a->tp * a->pp), requests = a->requests_per_second;
    double all = requests * (ask->isl + ask->osl);
    return charge(hour, (double)a->devices, HOURS_OF_MONTH, false, 1, &a->month) &&
           charge(hour, n, a->tokens_per_second, true, 1000000, &a->per_million_out) &&
           charge(hour, n, all, true, 1000000, &a->per_million) &&
           charge(hour, n, requests, true, 1000, &a->per_1000) &&
           charge(hour, n * a->rerank_seconds, 1, true, 1, &a->per_rerank) &&
           charge(hour, n * a->rerank_seconds, 1, true, 1000, &a->per_1000_reranks);
}

static bool price_api(const rk_size_ask *ask, const mpq_t hour, rk_size_answer *a)
{
    mpq_t request, part, tokens;
    mpq_inits(request, part, tokens, NULL);
    rk_rational_set(request, ask->api_in);
    set_real(tokens, ask->isl);
    mpq_mul(request, request, tokens);
    rk_rational_set(part, ask->api_out);
    set_real(tokens, ask->osl);
    mpq_mul(part, part, tokens);
    mpq_add(request, request, part);
    mpq_set_ui(part, 1, 1000000);
    mpq_mul(request, request, part);
    bool ok = rk_rational_micros(request, &a->api_request.micros);
    mpq_set_ui(part, 3600ul * HOURS_OF_MONTH, 1);
    mpq_mul(part, part, request);
    set_real(tokens, ask->rate);
    mpq_mul(part, part, tokens);
    ok = ok && rk_rational_micros(part, &a->api_month.micros);
    double a_request = rk_rational_real(request);
    if (a->has_price && a->fits && a_request > 0) {
        a->break_even_rate = rk_rational_real(hour) * (double)(a->tp * a->pp) / 3600 / a_request;
        a->break_even_fits = a->break_even_rate <= a->requests_per_second * ask->utilisation;
    }
    mpq_clears(request, part, tokens, NULL);
    return ok;
}

rk_status rk_size_answer_prices(const rk_size_ask *ask, rk_size_answer *a, rk_error *err)
{
    mpq_t hour, devices;
    mpq_inits(hour, devices, NULL);
    bool ok = true;
    a->has_price = ask->price_devices > 0;
    a->has_api = ask->api_in.units || ask->api_out.units;
    if (a->has_price) {
        rk_rational_set(hour, ask->price);
        mpq_set_ui(devices, ask->price_devices, 1);
        mpq_div(hour, hour, devices);
        ok = rk_rational_micros(hour, &a->device_hour.micros);
        ok = ok && (!a->fits || price_serving(ask, hour, a));
        if (ask->train_tokens > 0) {
            ok = ok && charge(hour, 1, a->train_hours.low, false, 1, &a->train_price[0]) &&
                 charge(hour, 1, a->train_hours.typical, false, 1, &a->train_price[1]) &&
                 charge(hour, 1, a->train_hours.high, false, 1, &a->train_price[2]);
        }
    }
    ok = ok && (!a->has_api || price_api(ask, hour, a));
    mpq_clears(hour, devices, NULL);
    return ok ? RK_OK : rk_fail(err, RK_BAD_INPUT, "a price is too large to be counted in millionths");
}

/* ---- for machines ---- */

static void money(rk_json *json, const char *key, bool known, rk_money amount)
{
    if (known) {
        rk_json_i64(json, key, amount.micros);
    } else {
        rk_json_null(json, key);
    }
}

static void step_json(const rk_size_answer *a, rk_json *json)
{
    rk_json_object(json, "step_seconds");
    rk_json_real(json, "compute", a->step.compute);
    rk_json_real(json, "weights", a->step.weights);
    rk_json_real(json, "cache", a->step.cache);
    rk_json_real(json, "reduce", a->step.reduce);
    rk_json_real(json, "launch", a->step.launch);
    rk_json_real(json, "total", a->step.total);
    rk_json_end_object(json);
}

static void memory_json(const rk_size_answer *a, rk_json *json)
{
    rk_json_object(json, "memory_bytes");
    rk_json_real(json, "weights", a->memory.weights);
    rk_json_real(json, "cache_per_token", a->memory.cache_per_token);
    rk_json_real(json, "activations", a->memory.activations);
    rk_json_real(json, "need", a->memory.need);
    rk_json_real(json, "have", a->memory.have);
    rk_json_end_object(json);
}

static void serving_json(const rk_size_ask *ask, const rk_size_answer *a, rk_json *json)
{
    rk_json_bool(json, "meets_limits", a->meets);
    rk_json_u64(json, "replicas", a->replicas);
    rk_json_u64(json, "devices", a->devices);
    rk_json_real(json, "batch", a->batch);
    rk_json_real(json, "first_token_seconds", a->first_token);
    rk_json_real(json, "first_token_loaded_seconds", a->first_token_loaded);
    rk_json_real(json, "token_seconds", ask->osl > 0 ? a->token : NAN);
    rk_json_real(json, "tokens_per_second", a->tokens_per_second);
    rk_json_real(json, "requests_per_second", a->requests_per_second);
    if (ask->osl > 0) {
        step_json(a, json);
    }
    money(json, "month", a->has_price, a->month);
    money(json, "per_million_output_tokens", a->has_price && ask->osl > 0, a->per_million_out);
    money(json, "per_million_tokens", a->has_price, a->per_million);
    money(json, "per_1000_requests", a->has_price, a->per_1000);
    money(json, "per_reranked_request", a->has_price, a->per_rerank);
    money(json, "per_1000_reranked_requests", a->has_price, a->per_1000_reranks);
}

static void training_json(const rk_size_answer *a, rk_json *json)
{
    static const char *const ends[] = {"low", "typical", "high"};
    const double hours[] = {a->train_hours.low, a->train_hours.typical, a->train_hours.high};
    const double mfu[] = {a->train_mfu.high, a->train_mfu.typical, a->train_mfu.low};
    rk_json_object(json, "training");
    for (size_t i = 0; i < RK_COUNT_OF(ends); i++) {
        rk_json_object(json, ends[i]);
        rk_json_real(json, "device_hours", hours[i]);
        rk_json_real(json, "mfu", mfu[i]);
        money(json, "price", a->has_price, a->train_price[i]);
        rk_json_end_object(json);
    }
    rk_json_end_object(json);
}

void rk_size_json(const rk_size_ask *ask, const rk_size_answer *a, rk_text *out)
{
    rk_json json = {.text = out};
    rk_json_object(&json, NULL);
    rk_json_cstring(&json, "model", ask->shape.name);
    rk_json_cstring(&json, "accelerator", ask->accelerator.name);
    rk_json_real(&json, "parameters", a->counts.total);
    rk_json_real(&json, "active_parameters", a->counts.active);
    rk_json_u64(&json, "tp", a->tp);
    rk_json_u64(&json, "pp", a->pp);
    rk_json_bool(&json, "fits", a->fits);
    memory_json(a, &json);
    if (a->least_tp) {
        rk_json_u64(&json, "least_devices", a->least_tp * a->least_pp);
    } else {
        rk_json_null(&json, "least_devices");
    }
    money(&json, "device_hour", a->has_price, a->device_hour);
    if (a->fits) {
        serving_json(ask, a, &json);
    }
    if (a->has_api) {
        money(&json, "api_request", true, a->api_request);
        money(&json, "api_month", true, a->api_month);
        rk_json_real(&json, "break_even_requests_per_second", a->break_even_rate > 0 ? a->break_even_rate : NAN);
        rk_json_bool(&json, "break_even_fits", a->break_even_fits);
    }
    if (ask->train_tokens > 0) {
        training_json(a, &json);
    }
    rk_json_end_object(&json);
}
