/* meter.c - counting and settling; the words are in meter_text.c.
 *
 * A charge finds its account by a table of all there could be, numbers of two bytes of which most stay 0, and takes no
 * lock; the first charge of an account takes one. Accounts and arms are only ever added: what was read stays true.
 *
 * A reading must never fall, since Prometheus takes a counter that falls for one that began anew. Two of its numbers
 * are remainders, `other` (process - charged) and `idle` (processors x time - process): a worker's time counts as other
 * until its next answer claims it, and two clocks cannot be read at one moment. So each remembers how high it was, and
 * what it is too high by for a while, idle makes good, of which there is more every microsecond.
 */
#include "serve/meter.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"

__extension__ typedef unsigned __int128 wide;

enum {
    NANOS_PER_S = 1000000000,
    MINUTE_S = 60,
    FEMTOS_PER_NANO = 1000000,
    ARMS = RK_ARM_OTHER + 1 + RK_METER_ARMS_MAX,
    ARM_BUCKETS = 256,
    KEPT_FREE = (RK_ARM_OTHER + 1) * RK_METER_ROUTES_MAX * RK_OUTCOMES, /* accounts of arms that are none */
};

typedef struct {
    rk_account key;
    atomic_uint_least64_t n, bytes;
    atomic_uint_least64_t cpu_ns[RK_STAGES];
} account;

typedef struct {
    rk_arm words;
    char *owned;   /* both of them */
    unsigned next; /* of its bucket; 0: none */
} arm;

typedef struct {
    rk_arena arena; /* its usages */
    rk_meter_reading reading;
} minute;

struct rk_meter {
    account account[RK_METER_ACCOUNTS_MAX]; /* [n_accounts] */
    atomic_size_t n_accounts;
    atomic_uint_least16_t place[ARMS][RK_METER_ROUTES_MAX][RK_OUTCOMES]; /* 1 + number of the account; 0: none yet */
    arm arm[ARMS];
    atomic_uint bucket[ARM_BUCKETS]; /* its newest arm; 0: none */
    rk_rates rates;
    bool is_priced;
    char *texts; /* of rates */
    const char *currency;
    unsigned n_processors;
    int64_t start_ns, process_start_ns;

    pthread_mutex_t lock; /* of what follows, and of adding to what is above */
    size_t n_arms;
    uint64_t other_ns, idle_ns, idle_nanos;
    minute minutes[RK_METER_MINUTES];
    size_t n_minutes; /* written since the start */
};

/* The one state of a thread: how far its processor time has been charged, and what the last charge left below 10^-15.
 * The HTTP library makes the threads and hands over nothing of theirs. */
static _Thread_local struct {
    int64_t charged_ns;
    wide rest;
} mine;

const char *rk_stage_name(rk_stage stage)
{
    static const char *const names[RK_STAGES] = {"http", "parse", "score", "write", "log"};
    return names[stage];
}

const char *rk_outcome_name(rk_outcome outcome)
{
    static const char *const names[RK_OUTCOMES] = {"answered", "repeated", "refused", "failed", "broken"};
    return names[outcome];
}

const rk_rates *rk_meter_rates(const rk_meter *meter) { return meter->is_priced ? &meter->rates : NULL; }
const char *rk_meter_currency(const rk_meter *meter) { return meter->currency; }
unsigned rk_meter_processors(const rk_meter *meter) { return meter->n_processors; }
int64_t rk_meter_start_ns(const rk_meter *meter) { return meter->start_ns; }

/* ---- life ---- */

static rk_status take_rates(rk_meter *meter, const rk_rate_card *card, const rk_rates *rates, rk_error *err)
{
    const char *from[] = {rates->service, rates->variant ? rates->variant : "", rates->machine, card->currency};
    const char *kept[RK_COUNT_OF(from)];
    size_t n = 0;
    for (size_t i = 0; i < RK_COUNT_OF(from); i++) {
        n += strlen(from[i]) + 1;
    }
    meter->texts = malloc(n);
    if (!meter->texts) {
        return rk_fail_memory(err, "the rates");
    }
    char *at = meter->texts;
    for (size_t i = 0; i < RK_COUNT_OF(from); i++) {
        kept[i] = at;
        at = stpcpy(at, from[i]) + 1;
    }
    meter->rates = *rates;
    meter->rates.service = kept[0];
    meter->rates.variant = rates->variant ? kept[1] : NULL;
    meter->rates.machine = kept[2];
    meter->currency = kept[3];
    meter->is_priced = true;
    return RK_OK;
}

static rk_status choose_rates(rk_meter *meter, const rk_rate_card *card, const char *service, const char *variant,
                              rk_error *err)
{
    const rk_rates *first = rk_rate_card_at(card, 0);
    const rk_rates *rates = first ? rk_rate_card_find(card, service ? service : first->service, variant) : NULL;
    if (!rates) {
        return rk_fail(err, RK_BAD_INPUT, "the rate card has no rates of the service '%.60s'%s%.60s",
                       service ? service
                       : first ? first->service
                               : "",
                       variant ? " in the variant " : "", variant ? variant : "");
    }
    if (rates->machine_hour_nanos == 0) {
        return rk_fail(err, RK_BAD_INPUT,
                       "the rate card lacks machine_hour_nanos of '%.60s': make it anew with reckon cost rates",
                       rates->service);
    }
    const int64_t large[] = {rates->machine_hour_nanos, rates->gb_nanos, rates->request_nanos,
                             rates->request_share_nanos};
    for (size_t i = 0; i < RK_COUNT_OF(large); i++) {
        if (large[i] > RK_METER_RATE_MAX) {
            return rk_fail(err, RK_BAD_INPUT, "the rate card prices '%.60s' beyond a million for one unit",
                           rates->service);
        }
    }
    return take_rates(meter, card, rates, err);
}

rk_status rk_meter_new(const rk_rate_card *card, const char *service, const char *variant, unsigned n_processors,
                       rk_meter **out, rk_error *err)
{
    rk_meter *meter = calloc(1, sizeof *meter);
    if (!meter) {
        return rk_fail_memory(err, "the meter");
    }
    pthread_mutex_init(&meter->lock, NULL);
    meter->arm[RK_ARM_NONE].words = (rk_arm){"none", ""};
    meter->arm[RK_ARM_OTHER].words = (rk_arm){"other", ""};
    meter->n_arms = RK_ARM_OTHER + 1;
    meter->n_processors = n_processors;
    meter->process_start_ns = rk_clock_cpu_ns();
    meter->start_ns = rk_clock_ns();
    rk_status status = card ? choose_rates(meter, card, service, variant, err) : RK_OK;
    if (status) {
        rk_meter_free(meter);
        return status;
    }
    *out = meter;
    return RK_OK;
}

rk_status rk_meter_open(const char *card_path, const char *service, const char *variant, unsigned n_processors,
                        rk_meter **out, rk_error *err)
{
    rk_rate_card card;
    if (!card_path) {
        return rk_meter_new(NULL, NULL, NULL, n_processors, out, err);
    }
    rk_status status = rk_rate_card_read(card_path, &card, err);
    if (status == RK_OK) {
        status = rk_meter_new(&card, service, variant, n_processors, out, err);
        rk_rate_card_release(&card);
    }
    return status;
}

void rk_meter_free(rk_meter *meter)
{
    if (!meter) {
        return;
    }
    for (size_t a = 0; a < meter->n_arms; a++) {
        free(meter->arm[a].owned);
    }
    for (size_t m = 0; m < RK_METER_MINUTES; m++) {
        rk_arena_release(&meter->minutes[m].arena);
    }
    pthread_mutex_destroy(&meter->lock);
    free(meter->texts);
    free(meter);
}

/* ---- arms and accounts ---- */

static size_t find_arm(const rk_meter *meter, size_t at, const char *experiment, const char *variant)
{
    while (at > 0 && !(strcmp(meter->arm[at].words.experiment, experiment) == 0 &&
                       strcmp(meter->arm[at].words.variant, variant) == 0)) {
        at = meter->arm[at].next;
    }
    return at;
}

/* With the lock. */
static size_t add_arm(rk_meter *meter, atomic_uint *bucket, const char *experiment, const char *variant)
{
    size_t n = strlen(experiment) + 1, n_variant = strlen(variant) + 1;
    char *owned = meter->n_arms < ARMS ? malloc(n + n_variant) : NULL;
    if (!owned) {
        return RK_ARM_OTHER;
    }
    memcpy(owned, experiment, n);
    memcpy(owned + n, variant, n_variant);
    meter->arm[meter->n_arms] = (arm){{owned, owned + n}, owned, atomic_load_explicit(bucket, memory_order_relaxed)};
    atomic_store_explicit(bucket, (unsigned)meter->n_arms, memory_order_release);
    return meter->n_arms++;
}

size_t rk_meter_arm(rk_meter *meter, const char *experiment, const char *variant)
{
    uint64_t hash = rk_hash(rk_slice_of(variant), rk_hash(rk_slice_of(experiment), 0));
    atomic_uint *bucket = &meter->bucket[hash % ARM_BUCKETS];
    size_t found = find_arm(meter, atomic_load_explicit(bucket, memory_order_acquire), experiment, variant);
    if (found == 0) {
        pthread_mutex_lock(&meter->lock);
        found = find_arm(meter, atomic_load_explicit(bucket, memory_order_relaxed), experiment, variant);
        found = found ? found : add_arm(meter, bucket, experiment, variant);
        pthread_mutex_unlock(&meter->lock);
    }
    return found;
}

rk_arm rk_meter_arm_at(const rk_meter *meter, size_t number) { return meter->arm[number].words; }

/* 1 + its number, which another thread may have given it meanwhile. */
static unsigned open_account(rk_meter *meter, rk_account key)
{
    pthread_mutex_lock(&meter->lock);
    size_t n = atomic_load_explicit(&meter->n_accounts, memory_order_relaxed);
    if (n >= RK_METER_ACCOUNTS_MAX - KEPT_FREE && key.arm > RK_ARM_OTHER) {
        key.arm = RK_ARM_OTHER;
    }
    atomic_uint_least16_t *place = &meter->place[key.arm][key.route][key.outcome];
    unsigned number = atomic_load_explicit(place, memory_order_relaxed);
    if (number == 0) {
        meter->account[n].key = key;
        number = (unsigned)n + 1;
        atomic_store_explicit(&meter->n_accounts, n + 1, memory_order_release);
        atomic_store_explicit(place, (uint_least16_t)number, memory_order_release);
    }
    pthread_mutex_unlock(&meter->lock);
    return number;
}

static account *account_of(rk_meter *meter, const rk_charge *charge)
{
    size_t last = RK_METER_ROUTES_MAX - 1, route = charge->route < last ? charge->route : last;
    unsigned number = atomic_load_explicit(&meter->place[charge->arm][route][charge->outcome], memory_order_acquire);
    if (number == 0) {
        number = open_account(meter, (rk_account){(uint16_t)route, (uint16_t)charge->arm, charge->outcome});
    }
    return &meter->account[number - 1];
}

rk_account rk_meter_account(const rk_meter *meter, size_t i) { return meter->account[i].key; }

/* ---- charging ---- */

static void add(atomic_uint_least64_t *counter, uint64_t n)
{
    if (n > 0) {
        atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
    }
}

static uint64_t get(const atomic_uint_least64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* Shares processor time out by the stages' wall times: each as it was timed, the rest HTTP; where the thread was kept
 * from running meanwhile, in proportion. */
static void share_out(uint64_t cpu_ns, const rk_laps *laps, uint64_t *stages)
{
    static const rk_laps untimed;
    laps = laps ? laps : &untimed;
    uint64_t timed = 0, given = 0;
    for (int s = RK_STAGE_HTTP + 1; s < RK_STAGES; s++) {
        timed += (uint64_t)laps->ns[s];
    }
    for (int s = RK_STAGE_HTTP + 1; s < RK_STAGES; s++) {
        uint64_t ns = (uint64_t)laps->ns[s];
        stages[s] = timed > cpu_ns ? (uint64_t)((wide)ns * cpu_ns / timed) : ns;
        given += stages[s];
    }
    stages[RK_STAGE_HTTP] = cpu_ns - given;
}

/* What the price of a machine-hour buys, in ns of a processor. */
static wide hour_parts(const rk_meter *meter) { return (wide)3600 * NANOS_PER_S * meter->n_processors; }

static uint64_t femtos_of(const rk_meter *meter, uint64_t cpu_ns, uint64_t bytes, uint64_t n)
{
    wide parts = hour_parts(meter);
    wide money = (wide)cpu_ns * (uint64_t)meter->rates.machine_hour_nanos +
                 (wide)bytes * (uint64_t)meter->rates.gb_nanos * (parts / NANOS_PER_S);
    wide nanos = money / parts;
    wide below = money % parts * FEMTOS_PER_NANO + mine.rest;
    mine.rest = below % parts;
    nanos += n * (uint64_t)meter->rates.request_nanos;
    wide femtos = nanos * FEMTOS_PER_NANO + below / parts;
    return femtos > UINT64_MAX ? UINT64_MAX : (uint64_t)femtos;
}

uint64_t rk_meter_hold(void)
{
    int64_t now_ns = rk_clock_thread_ns();
    uint64_t cpu_ns = (uint64_t)(now_ns - mine.charged_ns);
    mine.charged_ns = now_ns;
    return cpu_ns;
}

uint64_t rk_meter_charge(rk_meter *meter, const rk_charge *charge)
{
    account *a = account_of(meter, charge);
    uint64_t cpu_ns = rk_meter_hold() + charge->held_ns, stages[RK_STAGES], n = charge->outcome != RK_BROKEN;
    share_out(cpu_ns, charge->laps, stages);
    stages[RK_STAGE_LOG] += charge->clerk_ns;
    add(&a->n, n);
    add(&a->bytes, charge->bytes);
    for (int s = 0; s < RK_STAGES; s++) {
        add(&a->cpu_ns[s], stages[s]);
    }
    return meter->is_priced ? femtos_of(meter, cpu_ns + charge->clerk_ns, charge->bytes, n) : 0;
}

/* ---- reading ---- */

uint64_t rk_meter_cpu_nanos(const rk_meter *meter, uint64_t cpu_ns)
{
    return (uint64_t)((wide)cpu_ns * (uint64_t)meter->rates.machine_hour_nanos / hour_parts(meter));
}

uint64_t rk_meter_part_nanos(const rk_meter *meter, const rk_meter_usage *usage, rk_rate_part part, int category)
{
    uint64_t rate = (uint64_t)meter->rates.by_category[part][category];
    return (uint64_t)(part == RK_RATE_GB ? (wide)usage->bytes * rate / NANOS_PER_S : (wide)usage->n * rate);
}

static uint64_t higher(uint64_t *mark, uint64_t value)
{
    *mark = value > *mark ? value : *mark;
    return *mark;
}

/* What is left of whole; 0 when more than that was taken. */
static uint64_t rest_of(uint64_t whole, uint64_t taken) { return whole > taken ? whole - taken : 0; }

/* Sums up the accounts, and what their processor time costs. */
static void read_accounts(const rk_meter *meter, size_t n, rk_meter_usage *usage, uint64_t *charged, uint64_t *nanos)
{
    *charged = *nanos = 0;
    for (size_t i = 0; i < n; i++) {
        const account *a = &meter->account[i];
        usage[i] = (rk_meter_usage){.n = get(&a->n), .bytes = get(&a->bytes)};
        for (int s = 0; s < RK_STAGES; s++) {
            uint64_t ns = usage[i].cpu_ns[s] = get(&a->cpu_ns[s]);
            *charged += ns;
            *nanos += rk_meter_cpu_nanos(meter, ns);
        }
    }
}

bool rk_meter_read_at(rk_meter *meter, int64_t process_ns, int64_t now_ns, rk_arena *arena, rk_meter_reading *out)
{
    uint64_t charged, nanos;
    size_t n = atomic_load_explicit(&meter->n_accounts, memory_order_acquire);
    rk_meter_usage *usage = RK_TAKE(arena, rk_meter_usage, n);
    if (!usage) {
        return false;
    }
    *out = (rk_meter_reading){.at_ns = now_ns, .usage = usage, .n = n};
    pthread_mutex_lock(&meter->lock);
    read_accounts(meter, n, usage, &charged, &nanos);
    uint64_t used = (uint64_t)(process_ns - meter->process_start_ns);
    uint64_t whole = (uint64_t)(now_ns - meter->start_ns) * meter->n_processors;
    out->other_ns = higher(&meter->other_ns, rest_of(used, charged));
    out->idle_ns = higher(&meter->idle_ns, rest_of(whole, charged + out->other_ns));
    nanos += rk_meter_cpu_nanos(meter, out->other_ns);
    out->idle_nanos = higher(&meter->idle_nanos, rest_of(rk_meter_cpu_nanos(meter, whole), nanos));
    pthread_mutex_unlock(&meter->lock);
    return true;
}

bool rk_meter_read(rk_meter *meter, rk_arena *arena, rk_meter_reading *out)
{
    int64_t process_ns = rk_clock_cpu_ns(); /* first: so that no more was used than there was */
    return rk_meter_read_at(meter, process_ns, rk_clock_ns(), arena, out);
}

/* Where memory is short it is tried again a second later. */
void rk_meter_tick(rk_meter *meter, int64_t now_ns)
{
    minute now = {0};
    pthread_mutex_lock(&meter->lock);
    int64_t due_ns = meter->start_ns + (int64_t)(meter->n_minutes + 1) * MINUTE_S * NANOS_PER_S;
    pthread_mutex_unlock(&meter->lock);
    if (now_ns < due_ns || !rk_meter_read(meter, &now.arena, &now.reading)) {
        return;
    }
    pthread_mutex_lock(&meter->lock);
    minute *oldest = &meter->minutes[meter->n_minutes % RK_METER_MINUTES];
    rk_arena_release(&oldest->arena);
    *oldest = now;
    meter->n_minutes++;
    pthread_mutex_unlock(&meter->lock);
}

bool rk_meter_hour_ago(rk_meter *meter, rk_arena *arena, rk_meter_reading *out)
{
    *out = (rk_meter_reading){.at_ns = meter->start_ns};
    pthread_mutex_lock(&meter->lock);
    size_t n = meter->n_minutes;
    if (n >= RK_METER_MINUTES) {
        *out = meter->minutes[n % RK_METER_MINUTES].reading;
    }
    rk_meter_usage *usage = RK_TAKE(arena, rk_meter_usage, out->n);
    for (size_t i = 0; usage && i < out->n; i++) {
        usage[i] = out->usage[i];
    }
    pthread_mutex_unlock(&meter->lock);
    out->usage = usage;
    return usage != NULL;
}
