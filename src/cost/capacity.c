/* capacity.c - see capacity.h. */
#include "cost/capacity.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "cost/slo.h"
#include "math/rational.h"
#include "measure/usl.h"

enum { PATH_BYTES_MAX = 4096 };

/* One number of cores and what was measured on it: the mean of the profiles that share it. */
typedef struct {
    double cores;
    unsigned n_profiles;
    mpq_t rps;
} measured;

struct rk_capacity_source {
    const rk_yaml_node *by_machine; /* NULL = not written so */
    rk_number measured_speed;
    double latency_ms_p99;
    measured *points; /* [n_points] by cores; none = the capacity is written */
    uint32_t n_points, n_profiles;
    rk_usl usl; /* with two points or more */
    rk_decimal lambda, sigma, kappa;
};

/* ---- the schema ---- */

typedef struct {
    rk_number rps, measured_speed;
    int origin;
    const char *profile;
    const rk_yaml_node *slo, *profiles, *by_machine;
} capacity_keys;

static const rk_key capacity_rows[] = {
    {"rps", RK_KEY_NUMBER, offsetof(capacity_keys, rps), .above = true,
     .help = "requests a second that one machine answers inside the objective"},
    {"by_machine", RK_KEY_MAP, offsetof(capacity_keys, by_machine),
     .help = "the same by machine of the fleet: {c7i.xlarge: 240, c7g.2xlarge: 500}"},
    {"origin", RK_KEY_CHOICE, offsetof(capacity_keys, origin), .choices = "measured|priced|assumed|billed",
     .help = "of rps (default assumed)"},
    {"profile", RK_KEY_TEXT, offsetof(capacity_keys, profile),
     .help = "a file that reckon measure wrote, instead of rps"},
    {"profiles", RK_KEY_LIST, offsetof(capacity_keys, profiles),
     .help = "several, of the same model on different numbers of cores: the capacity is scaled to the machine's vcpu"},
    {"measured_speed", RK_KEY_NUMBER, offsetof(capacity_keys, measured_speed), .above = true, .certain = true,
     .help = "of a core that was measured on, as 'speed' of a machine (default 1)"},
    {"slo", RK_KEY_MAP, offsetof(capacity_keys, slo), .help = "the objective, with profile"},
};

static const rk_key slo_rows[] = {
    {"latency_ms_p99", RK_KEY_NUMBER, offsetof(rk_slo, latency_ms_p99), .required = true, .above = true,
     .help = "99 of 100 answers come within so many milliseconds"},
    {"errors", RK_KEY_NUMBER, offsetof(rk_slo, errors), .max = 1,
     .help = "share of requests that may fail (default 0)"},
};

const rk_key_table rk_capacity_tables[] = {
    {"capacity", capacity_rows, RK_COUNT_OF(capacity_rows)},
    {"slo", slo_rows, RK_COUNT_OF(slo_rows)},
};
const size_t rk_n_capacity_tables = RK_COUNT_OF(rk_capacity_tables);

/* ---- profiles ---- */

/* Room for n points, none of them used. */
static rk_status make_source(rk_plan *plan, rk_service *service, uint32_t n, rk_error *err)
{
    rk_capacity_source *source = RK_TAKE(&plan->arena, rk_capacity_source, 1);
    measured *points = RK_TAKE(&plan->arena, measured, n);
    if (!source || !points) {
        return rk_fail_memory(err, "a capacity");
    }
    source->points = points;
    service->source = source;
    return RK_OK;
}

void rk_capacity_source_release(rk_capacity_source *source)
{
    for (uint32_t i = 0; source && i < source->n_points; i++) {
        mpq_clear(source->points[i].rps);
    }
}

/* Keeps the points in order of their cores. */
static void add_point(rk_capacity_source *source, double cores, const mpq_t rps)
{
    uint32_t i = 0;
    source->n_profiles++;
    while (i < source->n_points && source->points[i].cores < cores) {
        i++;
    }
    measured *at = &source->points[i];
    if (i < source->n_points && at->cores == cores) { /* mean of n + 1 = mean of n + what is new / (n + 1) */
        mpq_t part;
        mpq_init(part);
        mpq_sub(part, rps, at->rps);
        at->n_profiles++;
        mpz_mul_ui(mpq_denref(part), mpq_denref(part), at->n_profiles);
        mpq_canonicalize(part);
        mpq_add(at->rps, at->rps, part);
        mpq_clear(part);
        return;
    }
    memmove(at + 1, at, (source->n_points - i) * sizeof *at);
    source->n_points++;
    at->cores = cores;
    at->n_profiles = 1;
    mpq_init(at->rps);
    mpq_set(at->rps, rps);
}

/* What a profile says besides: bytes and processor time by the profile of the most cores, memory by the hungriest. */
static void take_answer(const rk_slo_answer *answer, rk_place at, rk_service *service)
{
    rk_capacity *capacity = &service->capacity;
    capacity->memory_bytes = fmax(capacity->memory_bytes, answer->memory_bytes);
    if (answer->cores >= capacity->cores) {
        capacity->cores = answer->cores;
        service->response_bytes = (rk_number){.value = answer->response_bytes, .is_set = answer->has_bytes, .at = at};
        service->cpu_ms_per_request =
            (rk_number){.value = answer->cpu_ms_per_request, .is_set = answer->has_cpu, .at = at};
    }
}

static rk_status read_profile(rk_plan *plan, const char *name, const rk_slo *slo, rk_place at, rk_service *service,
                              rk_error *err)
{
    char path[PATH_BYTES_MAX];
    rk_capacity *capacity = &service->capacity;
    rk_slo_answer answer = {0};
    if (!rk_path_beside(plan->path, name, path, sizeof path)) {
        return rk_fail_at(err, at, "the path '%.60s...' is too long", name);
    }
    rk_status status = rk_slo_capacity(path, slo, at, capacity->rps, &answer, err);
    if (status) {
        return status;
    }
    take_answer(&answer, at, service);
    add_point(service->source, answer.cores, capacity->rps);
    capacity->words = rk_arena_copy(&plan->arena, answer.words, strlen(answer.words));
    if (!answer.is_bounded) {
        status = rk_plan_note(plan, err,
                              "%s:%zu: the last measured point still met the objective: the capacity is its rate, "
                              "not extrapolated",
                              at.path, at.line);
    }
    return status || capacity->words ? status : rk_fail_memory(err, "a capacity");
}

/* ---- the law ---- */

/* 0 for what does not fit 18 digits. */
static rk_decimal rounded(double value, uint8_t places)
{
    double units = value * pow(10, places);
    return (rk_decimal){.units = units < 1e18 ? llround(units) : 0, .places = places};
}

static rk_status fit(rk_capacity_source *source, rk_place at, rk_error *err)
{
    rk_usl_point points[RK_PROFILES_MAX];
    rk_error why;
    for (uint32_t i = 0; i < source->n_points; i++) {
        points[i] = (rk_usl_point){source->points[i].cores, rk_rational_real(source->points[i].rps)};
    }
    rk_status status = rk_usl_fit(points, source->n_points, &source->usl, &why);
    if (status) {
        return status == RK_BAD_INPUT ? rk_fail_at(err, at, "'profiles': %s", why.message)
                                      : rk_fail(err, status, "%s", why.message);
    }
    source->lambda = rounded(source->usl.lambda, RK_LAMBDA_PLACES);
    source->sigma = rounded(source->usl.sigma, RK_SIGMA_PLACES);
    source->kappa = rounded(source->usl.kappa, RK_KAPPA_PLACES);
    return source->lambda.units > 0
               ? RK_OK
               : rk_fail_at(err, at, "'profiles' fit no scaling law: a core would do %g requests/s",
                            source->usl.lambda);
}

/* out = lambda v / (1 + sigma (v - 1) + kappa v (v - 1)); false where there is no such throughput. */
static bool law_at(const rk_capacity_source *source, const mpq_t v, mpq_t out)
{
    mpq_t more, slow, part;
    mpq_inits(more, slow, part, NULL);
    mpq_set_ui(slow, 1, 1);
    mpq_sub(more, v, slow);
    rk_rational_set(part, source->sigma);
    mpq_mul(part, part, more);
    mpq_add(slow, slow, part);
    rk_rational_set(part, source->kappa);
    mpq_mul(part, part, more);
    mpq_mul(part, part, v);
    mpq_add(slow, slow, part);
    bool has_one = mpq_sgn(slow) > 0;
    if (has_one) {
        rk_rational_set(out, source->lambda);
        mpq_mul(out, out, v);
        mpq_div(out, out, slow);
    }
    mpq_clears(more, slow, part, NULL);
    return has_one;
}

/* Measured by fitted of one point; the law has a throughput there, for all cores measured are 1 or more. */
static void ratio_at(const rk_capacity_source *source, uint32_t i, mpq_t out)
{
    mpq_t cores;
    mpq_init(cores);
    mpq_set_d(cores, source->points[i].cores);
    (void)law_at(source, cores, out);
    mpq_div(out, source->points[i].rps, out);
    mpq_clear(cores);
}

/* Measured by fitted at v: linear between the points, the nearest one's beyond them. */
static void anchor(const rk_capacity_source *source, const mpq_t v, mpq_t out)
{
    uint32_t i = 0;
    mpq_t low, high, along;
    mpq_inits(low, high, along, NULL);
    while (i < source->n_points && (mpq_set_d(high, source->points[i].cores), mpq_cmp(high, v) < 0)) {
        i++;
    }
    if (i == 0 || i == source->n_points) {
        ratio_at(source, i ? i - 1 : 0, out);
    } else {
        mpq_set_d(low, source->points[i - 1].cores);
        mpq_sub(along, v, low);
        mpq_sub(high, high, low);
        mpq_div(along, along, high);
        ratio_at(source, i - 1, out);
        ratio_at(source, i, high);
        mpq_sub(high, high, out);
        mpq_mul(high, high, along);
        mpq_add(out, out, high);
    }
    mpq_clears(low, high, along, NULL);
}

static void add_error(rk_text *text, double error)
{
    if (error > 0) { /* neither unknown nor of a parameter at its bound */
        rk_text_addf(text, " +- %.2g", error);
    }
}

/* "scaling law of 3 profiles at p99 <= 20 ms (1 core: 812, 2: 1540, 4: 2710 requests/s): ..." */
static void law_words(const rk_capacity_source *source, rk_text *text)
{
    const rk_usl *usl = &source->usl;
    rk_text_addf(text, "scaling law of %u profiles at p99 <= %.6g ms (", source->n_profiles, source->latency_ms_p99);
    for (uint32_t i = 0; i < source->n_points; i++) {
        rk_text_addf(text, "%s%g core%s: %.6g", i ? ", " : "", source->points[i].cores,
                     source->points[i].cores == 1 ? "" : "s", rk_rational_real(source->points[i].rps));
    }
    rk_text_addf(text, " requests/s): %.6g a core, sigma %.4g", usl->lambda, usl->sigma);
    add_error(text, usl->sigma_error);
    if (usl->has_kappa) {
        rk_text_addf(text, ", kappa %.4g", usl->kappa);
        add_error(text, usl->kappa_error);
        rk_text_addf(text, ", a point left out is missed by %.1f %%", usl->left_out_error * 100);
    } else {
        rk_text_add(text, "; two numbers of cores say nothing about kappa");
    }
    rk_text_add(text, isnan(usl->sigma_error) ? "; standard errors take one more" : "");
}

/* Without a fleet the capacity is that of the most cores measured. A law far off its points is noted. */
static rk_status take_largest(rk_plan *plan, rk_service *service, rk_place at, rk_error *err)
{
    const double far_off = 0.1;
    const rk_capacity_source *source = service->source;
    rk_text words = {0};
    if (source->usl.misfit > far_off) {
        rk_status status =
            rk_plan_note(plan, err,
                         "%s:%zu: the scaling law of '%s' is off by %.0f %% at what was measured: measure "
                         "again, on quiet machines",
                         at.path, at.line, service->name, source->usl.misfit * 100);
        if (status) {
            return status;
        }
    }
    mpq_set(service->capacity.rps, source->points[source->n_points - 1].rps);
    law_words(source, &words);
    service->capacity.words = words.at && !words.failed ? rk_arena_copy(&plan->arena, words.at, words.n) : NULL;
    rk_text_release(&words);
    return service->capacity.words ? RK_OK : rk_fail_memory(err, "a capacity");
}

static rk_status note_range(rk_plan *plan, const rk_service *service, const rk_price *machine, rk_place at,
                            rk_error *err)
{
    const rk_usl *usl = &service->source->usl;
    double v = rk_decimal_real(machine->as.machine.vcpu.value);
    rk_status status = RK_OK;
    if (v < usl->cores_min || v > usl->cores_max) {
        status = rk_plan_note(plan, err,
                              "%s:%zu: %s has %g vcpu, the profiles of '%s' were measured on %g to %g cores: its "
                              "capacity is extrapolated by the scaling law",
                              at.path, at.line, machine->key, v, service->name, usl->cores_min, usl->cores_max);
    }
    if (!status && v > rk_usl_peak(usl)) {
        status = rk_plan_note(plan, err,
                              "%s:%zu: by the scaling law of '%s' more than %.1f cores do less, not more; %s has %g",
                              at.path, at.line, service->name, rk_usl_peak(usl), machine->key, v);
    }
    return status;
}

/* ---- on a machine ---- */

static rk_status scale_by_law(rk_plan *plan, const rk_service *service, const rk_price *machine, rk_place at, mpq_t rps,
                              rk_text *words, rk_error *err)
{
    const rk_capacity_source *source = service->source;
    const rk_number *vcpu = &machine->as.machine.vcpu;
    if (!vcpu->is_set) {
        return rk_fail_at(err, at, "the capacity of '%.60s' is scaled by 'vcpu', which '%.60s' lacks (%s:%zu)",
                          service->name, machine->key, machine->at.path, machine->at.line);
    }
    mpq_t v, ratio;
    mpq_inits(v, ratio, NULL);
    rk_rational_set(v, vcpu->value);
    bool has_one = law_at(source, v, rps);
    anchor(source, v, ratio);
    mpq_mul(rps, rps, ratio);
    law_words(source, words);
    rk_text_addf(words, "; on %g vcpu x %.4g as measured there or nearest", rk_decimal_real(vcpu->value),
                 rk_rational_real(ratio));
    mpq_clears(v, ratio, NULL);
    return has_one ? note_range(plan, service, machine, at, err)
                   : rk_fail_at(err, at, "by its scaling law '%.60s' has no capacity on %g vcpu", service->name,
                                rk_decimal_real(vcpu->value));
}

static rk_status note_cores(rk_plan *plan, const rk_service *service, const rk_price *machine, rk_place at,
                            rk_error *err)
{
    const rk_number *vcpu = &machine->as.machine.vcpu;
    double v = rk_decimal_real(vcpu->value), cores = service->source->points[0].cores;
    return !vcpu->is_set || cores == 0 || fabs(v - cores) <= 0.01
               ? RK_OK
               : rk_plan_note(plan, err,
                              "%s:%zu: the profile of '%s' was measured on %.0f cores, %s has %.0f: its capacity is "
                              "taken as it is, not scaled",
                              at.path, at.line, service->name, cores, machine->key, v);
}

/* rps x speed of the machine / speed as measured */
static void scale_by_speed(const rk_capacity_source *source, const rk_price *machine, mpq_t rps, rk_text *words)
{
    const rk_number *speed = &machine->as.machine.speed, *was = &source->measured_speed;
    if (speed->is_set || was->is_set) {
        mpq_t part;
        mpq_init(part);
        rk_rational_set(part, was->is_set ? was->value : (rk_decimal){.units = 1});
        mpq_div(rps, rps, part);
        rk_rational_mul(rps, speed->is_set ? speed->value : (rk_decimal){.units = 1});
        mpq_clear(part);
        rk_text_addf(words, "; x %.6g / %.6g for the speed of a core of %s",
                     speed->is_set ? rk_decimal_real(speed->value) : 1, was->is_set ? rk_decimal_real(was->value) : 1,
                     machine->key);
    }
}

static rk_status measured_on(rk_plan *plan, const rk_service *service, const rk_price *machine, rk_place at,
                             rk_capacity *out, rk_error *err)
{
    const rk_capacity_source *source = service->source;
    rk_text words = {0};
    rk_status status = RK_OK;
    bool is_scaled = source->n_points > 1;
    if (is_scaled) {
        status = scale_by_law(plan, service, machine, at, out->rps, &words, err);
    } else {
        mpq_set(out->rps, source->points[0].rps);
        rk_text_add(&words, service->capacity.words);
        status = note_cores(plan, service, machine, at, err);
    }
    size_t n = words.n;
    scale_by_speed(source, machine, out->rps, &words);
    int64_t micros = 0;
    if (!status && (is_scaled || words.n > n)) {
        if (!rk_rational_micros(out->rps, &micros) || micros <= 0) {
            status = rk_fail_at(err, at, "the capacity of '%.60s' on %.60s is absurd: %g requests/s", service->name,
                                machine->key, rk_rational_real(out->rps));
        }
        rk_rational_set_micros(out->rps, micros);
    }
    out->words = words.at && !words.failed ? rk_arena_copy(&plan->arena, words.at, words.n) : NULL;
    rk_text_release(&words);
    return status || out->words ? status : rk_fail_memory(err, "a capacity");
}

static rk_status written_on(const rk_service *service, const rk_price *machine, rk_place at, rk_capacity *out,
                            rk_error *err)
{
    static const rk_key row = {.name = "a capacity", .kind = RK_KEY_NUMBER, .above = true, .certain = true};
    const rk_yaml_node *map = service->source->by_machine;
    const rk_yaml_node *node = rk_yaml_find(map, machine->key);
    rk_number rps = {0};
    if (!node) {
        return rk_fail_at(err, map->at, "'by_machine' of '%.60s' has no '%.60s', which its fleet at line %zu has",
                          service->name, machine->key, at.line);
    }
    rk_status status = rk_yaml_number(node, &row, &rps, err);
    rk_rational_set(out->rps, rps.value);
    out->at = rps.at;
    out->words = "as written in the plan";
    return status;
}

rk_status rk_capacity_on(rk_plan *plan, const rk_service *service, const rk_price *machine, rk_place at,
                         rk_capacity *out, rk_error *err)
{
    const rk_capacity_source *source = service->source;
    bool is_first = out == &service->capacity;
    if (!is_first) {
        const rk_capacity *first = &service->capacity;
        mpq_set(out->rps, first->rps);
        out->origin = first->origin;
        out->at = first->at;
        out->words = first->words;
        out->memory_bytes = first->memory_bytes;
        out->cores = first->cores;
    }
    if (source && source->by_machine) {
        return written_on(service, machine, at, out, err);
    }
    if (source && source->n_points > 0) {
        return measured_on(plan, service, machine, at, out, err);
    }
    return is_first ? RK_OK
                    : rk_fail_at(err, at,
                                 "the capacity of '%.60s' is written for one machine; a fleet of several needs it "
                                 "'by_machine' or from a profile",
                                 service->name);
}

/* ---- reading ---- */

static rk_status read_profiles(rk_plan *plan, const capacity_keys *keys, rk_place at, rk_service *service,
                               rk_error *err)
{
    const rk_yaml_node *list = keys->profiles;
    rk_slo slo = {0};
    if (!keys->slo) {
        return rk_fail_at(err, at, "a capacity from a profile needs the key 'slo': {latency_ms_p99: ...}");
    }
    if (list && (list->n == 0 || list->n > RK_PROFILES_MAX)) {
        return rk_fail_at(err, list->at, "'profiles' must name 1 to %d, got %u", RK_PROFILES_MAX, list->n);
    }
    rk_status status = rk_yaml_fill(keys->slo, "the slo", slo_rows, RK_COUNT_OF(slo_rows), &slo, err);
    status = status ? status : make_source(plan, service, list ? list->n : 1, err);
    if (status) {
        return status;
    }
    service->capacity.origin = RK_MEASURED;
    service->capacity.at = at;
    service->source->measured_speed = keys->measured_speed;
    service->source->latency_ms_p99 = rk_decimal_real(slo.latency_ms_p99.value);
    if (!list) {
        return read_profile(plan, keys->profile, &slo, at, service, err);
    }
    for (const rk_yaml_node *c = list->first; c && !status; c = c->next) {
        const char *name = NULL;
        status = rk_yaml_text(c, "a profile", &name, err);
        status = status ? status : read_profile(plan, name, &slo, c->at, service, err);
    }
    if (!status && service->source->n_points > 1) {
        status = service->source->points[0].cores < 1
                     ? rk_fail_at(err, list->at, "a profile among them says neither its threads nor its cores")
                     : fit(service->source, list->at, err);
    }
    if (!status && service->source->n_points > 1) {
        return take_largest(plan, service, list->at, err);
    }
    return status || list->n == 1
               ? status
               : rk_fail_at(err, list->at,
                            "'profiles' were all measured with the same number of cores, %g: the scaling law needs at "
                            "least two, three for kappa",
                            service->source->points[0].cores);
}

static rk_status read_written(rk_plan *plan, const capacity_keys *keys, rk_service *service, rk_error *err)
{
    rk_status status = RK_OK;
    rk_rational_set(service->capacity.rps, keys->rps.value);
    service->capacity.uncertain = keys->rps.uncertain;
    service->capacity.origin = keys->origin < 0 ? RK_ASSUMED : (rk_origin)keys->origin;
    service->capacity.words = "as written in the plan";
    service->capacity.at = keys->rps.at;
    if (keys->by_machine) {
        status = make_source(plan, service, 0, err);
        if (!status) {
            service->source->by_machine = keys->by_machine;
        }
    }
    return status;
}

/* rps, by_machine, profile, profiles: one of them. */
static rk_status check_alone(const capacity_keys *keys, rk_place at, rk_error *err)
{
    bool is_measured = keys->profile || keys->profiles;
    if (is_measured && keys->rps.is_set) {
        return rk_fail_at(err, keys->rps.at, "'rps' and 'profile' exclude each other");
    }
    if ((keys->profile && keys->profiles) || (keys->by_machine && (is_measured || keys->rps.is_set))) {
        return rk_fail_at(err, at, "'rps', 'by_machine', 'profile' and 'profiles' exclude one another");
    }
    if (keys->slo && !is_measured) {
        return rk_fail_at(err, keys->slo->at, "'slo' needs a 'profile' to be read with");
    }
    return keys->measured_speed.is_set && !is_measured
               ? rk_fail_at(err, keys->measured_speed.at, "'measured_speed' needs a 'profile' that was measured")
               : RK_OK;
}

rk_status rk_capacity_read(rk_plan *plan, const rk_capacity_keys *from, rk_service *service, rk_error *err)
{
    capacity_keys keys = {.origin = -1};
    rk_status status = RK_OK;
    rk_place at = from->capacity ? from->capacity->at : service->at;
    if (from->capacity) {
        char what[96];
        snprintf(what, sizeof what, "capacity of '%.60s'", service->name);
        status = rk_yaml_fill(from->capacity, what, capacity_rows, RK_COUNT_OF(capacity_rows), &keys, err);
    }
    if (status) {
        return status;
    }
    if (((keys.profile || keys.profiles) && from->profile) || (keys.slo && from->slo)) {
        return rk_fail_at(err, at, "service '%.60s' has its profile or slo twice", service->name);
    }
    keys.profile = keys.profile ? keys.profile : from->profile;
    keys.slo = keys.slo ? keys.slo : from->slo;
    status = check_alone(&keys, at, err);
    if (status) {
        return status;
    }
    if (keys.profile || keys.profiles) {
        return read_profiles(plan, &keys, at, service, err);
    }
    if (from->capacity && !keys.rps.is_set && !keys.by_machine) {
        return rk_fail_at(err, at, "capacity of '%.60s' needs 'rps', or 'profile' and 'slo'", service->name);
    }
    return read_written(plan, &keys, service, err);
}
