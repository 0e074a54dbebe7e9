/* size.h - how many accelerators a large language model needs, how fast it answers and what a token costs, before
 * anything is bought.
 *
 * A roofline with stated efficiencies: the formulas, one by one and with an example by hand, are in docs/size.md.
 * Speeds are estimates and are doubles; money is exact from the list price and the speed as printed.
 */
#ifndef RECKON_SIZE_SIZE_H
#define RECKON_SIZE_SIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/decimal.h"
#include "base/options.h"
#include "base/text.h"
#include "math/money.h"

/* A decoder's shape. The counts leave out norms and biases, which are below a thousandth. */
typedef struct {
    const char *name, *source;
    uint64_t layers, hidden, heads, kv_heads, head_dim, ffn, vocabulary;
    uint64_t experts, active_experts, shared_experts, expert_ffn, dense_layers; /* experts 0 = dense */
    uint64_t attention; /* parameters of one layer's attention; 0 = from heads */
    uint64_t kv_values; /* cached per token and layer; 0 = 2 x kv_heads x head_dim */
    uint64_t matrices;  /* of a feed-forward block: 3 with a gate, 2 without; 0 = 3 */
    bool tied;          /* the output head is the embedding */
} rk_size_shape;

typedef struct {
    const char *name, *source;
    double bf16, fp8, fp4;             /* peak FLOP/s, dense; 0 = not built in */
    double bandwidth, memory, link;    /* bytes/s, bytes, bytes/s to its neighbours one way */
    double train_low, train_high;      /* MFU that published training runs reach, overheads included */
    const char *price, *product, *day; /* list price of `devices` of them for an hour; NULL = none known */
    unsigned devices;
} rk_size_accelerator;

/* What a real machine reaches of its sheet. Defaults in size_tables.c, fitted by rk_size_calibrate. */
typedef struct {
    double mfu;      /* share of peak FLOP/s in matrix products */
    double mbu;      /* share of peak bandwidth in reading weights and cache */
    double link;     /* share of the link in all-reduces */
    double layer_us; /* launches and waiting, per layer and step, microseconds */
    double memory;   /* share of the memory that can be used */
    double held;     /* share of an answer's tokens that its cache holds on average */
    uint64_t batch;  /* most sequences at once */
    uint64_t chunk;  /* most tokens in one step; sizes the activations */
} rk_size_factors;

typedef enum { RK_BF16, RK_FP8, RK_FP4 } rk_size_type;
#define RK_SIZE_TYPES "bf16|fp8|fp4"

typedef struct {
    rk_size_shape shape;
    rk_size_accelerator accelerator;
    rk_size_factors factors;
    int type;                   /* rk_size_type of weights, cache (8 bits at the least) and products */
    uint64_t tp, pp;            /* devices per layer and stages; tp 0 = the fewest that fit */
    double isl, osl;            /* tokens in and out of a request; osl 0 = only read, as a reranker does */
    double rate;                /* requests/s to be served; 0 = one replica */
    double utilisation;         /* planned share of a replica's throughput */
    double token_ms;            /* longest time per token; 0 = no limit */
    double first_ms;            /* longest time to the first token; 0 = no limit */
    double candidates;          /* texts read for one reranked request */
    double train_tokens;        /* 0 = no training asked */
    double train_devices;       /* 0 = unknown */
    rk_decimal price;           /* of one device for an hour */
    unsigned price_devices;     /* the price is for so many; 0 = no price known */
    rk_decimal api_in, api_out; /* of a million tokens; both 0 = not asked */
} rk_size_ask;

typedef struct {
    double total, active;    /* parameters; active: touched by one token, the embedding left out */
    double embedding;        /* embedding and head */
    double attention, block; /* all layers; one expert (or the dense block), all its layers */
    double dense, shared;    /* blocks every token passes, all layers, in a model of experts */
    double width;            /* values cached per token, all layers */
} rk_size_counts;

typedef struct {
    double weights, cache_per_token, activations; /* bytes over all devices of a replica */
    double sequence_tokens;                       /* that one request holds */
    double need, have;                            /* with one request in flight */
    double batch;                                 /* requests that fit */
    bool fits;
} rk_size_memory;

/* One step: a token for each of b sequences, and the prompts that keep them coming. Seconds. */
typedef struct {
    double compute, weights, cache, reduce, launch; /* parts of total */
    double total, token;                            /* token: as one waiting for it sees it */
} rk_size_step;

typedef struct {
    double low, high, typical;
} rk_size_band;

typedef struct {
    rk_size_counts counts;
    rk_size_memory memory;
    uint64_t tp, pp, replicas, devices;
    uint64_t least_tp, least_pp; /* the smallest that fits; 0 = none up to 8 x 16 */
    bool fits, meets;            /* meets: the latency limits can be met */
    double batch;
    rk_size_step step;
    double first_token, first_token_loaded, token; /* seconds */
    double tokens_per_second, requests_per_second; /* a replica, output (input where osl is 0); all its throughput */
    double rerank_seconds;                         /* of a replica, per reranked request */
    double flops_used;                             /* share of peak, this step */
    bool has_price, has_api;
    rk_money device_hour, month, per_million_out, per_million, per_1000, per_rerank, per_1000_reranks;
    rk_money api_request, api_month;
    double break_even_rate; /* requests/s from which one replica costs less than the API */
    bool break_even_fits;   /* one replica carries it */
    rk_size_band train_hours, train_mfu, train_days;
    rk_money train_price[3]; /* at high, typical, low MFU */
} rk_size_answer;

/* Tables. find: by name, case and punctuation ignored, NULL when unknown; names: "a, b, c" for a message. */
const rk_size_shape *rk_size_shape_find(const char *name);
const rk_size_accelerator *rk_size_accelerator_find(const char *name);
const rk_size_shape *rk_size_shape_at(size_t i); /* NULL past the end */
const rk_size_accelerator *rk_size_accelerator_at(size_t i);
extern const rk_option rk_size_settings[]; /* of rk_size_ask: what --set may change */
extern const size_t rk_n_size_settings;
/* factors, limits and workload at their defaults, empty shape and accelerator. */
void rk_size_defaults(rk_size_ask *ask);
RK_MUST_CHECK rk_status rk_size_choose(rk_size_ask *ask, const char *model, const char *accelerator, rk_error *err);
/* Price of a device hour "6.88" instead of the list's; API price "0.59/0.79" in/out. */
RK_MUST_CHECK rk_status rk_size_price(rk_size_ask *ask, const char *hour, const char *api, rk_error *err);
/* "key = value" lines, # begins a comment. */
RK_MUST_CHECK rk_status rk_size_factors_read(const char *path, rk_size_ask *ask, rk_error *err);
void rk_size_factors_write(const rk_size_factors *factors, const char *why, rk_text *out);

/* Parts of the estimate, for tests and for the fit. */
rk_size_counts rk_size_count(const rk_size_shape *shape);
rk_size_memory rk_size_remember(const rk_size_ask *ask, uint64_t tp, uint64_t pp);
rk_size_step rk_size_take_step(const rk_size_ask *ask, uint64_t tp, uint64_t pp, double batch);
/* Seconds to read texts of so many tokens each, alone on the machine. */
double rk_size_prefill(const rk_size_ask *ask, uint64_t tp, double texts, double tokens);
double rk_size_peak(const rk_size_accelerator *accelerator, int type);
double rk_size_train_mfu(double parameters, double layers, double hidden, double context, double tokens_per_second,
                         double peak); /* (6 N + 12 L d s) x tokens/s / peak */
double rk_size_train_hours(double parameters, double tokens, double peak, double mfu);

RK_MUST_CHECK rk_status rk_size_answer_make(const rk_size_ask *ask, rk_size_answer *out, rk_error *err);
rk_status rk_size_answer_prices(const rk_size_ask *ask, rk_size_answer *answer, rk_error *err);
void rk_size_json(const rk_size_ask *ask, const rk_size_answer *answer, rk_text *out);

#endif
