/* size_step.c - what a model weighs, what fits, and how long a step takes. Formulas: docs/size.md. */
#include <math.h>

#include "size/size.h"

static double bytes_of(int type) { return type == RK_FP4 ? .5 : type == RK_FP8 ? 1 : 2; }
/* The cache keeps 8 bits at the least. */
static double cache_bytes_of(int type) { return type == RK_BF16 ? 2 : 1; }

double rk_size_peak(const rk_size_accelerator *a, int type)
{
    double peak = type == RK_FP4 ? a->fp4 : type == RK_FP8 ? a->fp8 : a->bf16;
    return peak > 0 ? peak : type == RK_FP4 && a->fp8 > 0 ? a->fp8 : a->bf16; /* widened to what is built in */
}

rk_size_counts rk_size_count(const rk_size_shape *s)
{
    double layers = (double)s->layers, h = (double)s->hidden, d = (double)s->head_dim;
    double matrices = s->matrices ? (double)s->matrices : 3, table = (double)s->vocabulary * h;
    double attention = s->attention ? (double)s->attention : 2 * h * d * ((double)s->heads + (double)s->kv_heads);
    double width = s->kv_values ? (double)s->kv_values : 2 * d * (double)s->kv_heads;
    double one = matrices * h * (double)s->ffn;
    rk_size_counts out = {.attention = layers * attention, .width = layers * width};
    double passed;
    if (s->experts) {
        double sparse = layers - (double)s->dense_layers;
        out.block = sparse * matrices * h * (double)(s->expert_ffn ? s->expert_ffn : s->ffn);
        out.dense = (double)s->dense_layers * one;
        out.shared = (double)s->shared_experts * out.block;
        passed = (double)s->active_experts * out.block;
        out.total = out.attention + out.dense + out.shared + (double)s->experts * out.block;
    } else {
        out.block = layers * one;
        passed = out.block;
        out.total = out.attention + out.block;
    }
    out.embedding = s->tied ? table : 2 * table;
    out.total += out.embedding;
    out.active = out.attention + out.dense + out.shared + passed + table;
    return out;
}

/* A device holds whole heads of the cache: more devices than heads hold copies. A joint (latent) cache is in each. */
static double copies(const rk_size_shape *s, uint64_t tp)
{
    double heads = s->kv_values ? 1 : (double)s->kv_heads;
    return fmax(1, (double)tp / heads);
}

rk_size_memory rk_size_remember(const rk_size_ask *ask, uint64_t tp, uint64_t pp)
{
    const rk_size_shape *s = &ask->shape;
    rk_size_counts c = rk_size_count(s);
    double n = (double)(tp * pp), chunk = (double)ask->factors.chunk;
    double ffn =
        (double)(s->expert_ffn && s->experts ? s->expert_ffn * (s->active_experts + s->shared_experts) : s->ffn);
    rk_size_memory m = {.weights = (c.total - c.embedding) * bytes_of(ask->type) + c.embedding * 2};
    m.cache_per_token = c.width * cache_bytes_of(ask->type) * copies(s, tp);
    m.activations = n * chunk * 2 * (4 * (double)s->hidden + 2 * ffn / (double)tp);
    m.sequence_tokens = ask->isl + ask->factors.held * ask->osl;
    m.have = n * ask->accelerator.memory * ask->factors.memory;
    m.need = m.weights + m.activations + m.cache_per_token * (ask->isl + ask->osl);
    m.fits = m.need <= m.have;
    double room = (m.have - m.weights - m.activations) / (m.cache_per_token * fmax(1, m.sequence_tokens));
    m.batch = fmax(0, fmin((double)ask->factors.batch * (double)pp, floor(room)));
    return m;
}

/* Parameters read by a step of n tokens: of the experts only those that some token passes. The embedding is a lookup.
 */
static double touched(const rk_size_shape *s, const rk_size_counts *c, double n)
{
    double experts = 1;
    if (s->experts) {
        double all = (double)s->experts;
        experts = all * (1 - pow(1 - (double)s->active_experts / all, n));
    }
    return c->attention + c->dense + c->shared + experts * c->block;
}

/* Seconds to add up n tokens' vectors over tp devices, twice a layer, on a ring. */
static double reduce_time(const rk_size_ask *ask, uint64_t tp, double n)
{
    double bytes = 2 * (double)ask->shape.layers * n * (double)ask->shape.hidden * 2;
    double ring = 2 * (double)(tp - 1) / (double)tp;
    return tp == 1 ? 0 : bytes * ring / (ask->accelerator.link * ask->factors.link);
}

static double attention_flops(const rk_size_shape *s, double context)
{
    return 4 * (double)s->layers * (double)s->heads * (double)s->head_dim * context;
}

rk_size_step rk_size_take_step(const rk_size_ask *ask, uint64_t tp, uint64_t pp, double batch)
{
    const rk_size_shape *s = &ask->shape;
    const rk_size_factors *f = &ask->factors;
    rk_size_counts c = rk_size_count(s);
    double b = fmax(1, batch / (double)pp), prompts = b * ask->isl / ask->osl, width = (double)tp;
    double context = ask->isl + ask->osl / 2, table = (double)(s->vocabulary * s->hidden);
    double flops = width * rk_size_peak(&ask->accelerator, ask->type) * f->mfu;
    double bytes = width * ask->accelerator.bandwidth * f->mbu;
    double decode = b * (2 * c.active + attention_flops(s, context)) / flops + reduce_time(ask, tp, b);
    double prefill = prompts * (2 * c.active + attention_flops(s, ask->isl / 2)) / flops;
    double prefill_reduce = reduce_time(ask, tp, prompts);
    rk_size_step out = {.compute = decode - reduce_time(ask, tp, b) + prefill};
    out.weights = (touched(s, &c, b) * bytes_of(ask->type) + table * 2) / bytes;
    out.cache = b * context * c.width * cache_bytes_of(ask->type) * copies(s, tp) / bytes;
    out.reduce = reduce_time(ask, tp, b) + prefill_reduce;
    out.launch = (double)s->layers * f->layer_us * 1e-6;
    out.total = out.compute + out.weights + out.cache + out.reduce + out.launch;
    out.token = out.total - (prefill + prefill_reduce) / fmax(1, batch); /* its own prompt came before */
    return out;
}

double rk_size_prefill(const rk_size_ask *ask, uint64_t tp, double texts, double tokens)
{
    const rk_size_shape *s = &ask->shape;
    rk_size_counts c = rk_size_count(s);
    double table = (double)(s->vocabulary * s->hidden), width = (double)tp; /* the head sees the last token only */
    double flops = texts * (tokens * (2 * (c.active - table) + attention_flops(s, tokens / 2)) + 2 * table);
    double compute = flops / (width * rk_size_peak(&ask->accelerator, ask->type) * ask->factors.mfu);
    double passes = ceil(texts * tokens / (double)ask->factors.chunk);
    double bytes = touched(s, &c, texts * tokens / passes) * bytes_of(ask->type) + table * 2;
    double read = passes * bytes / (width * ask->accelerator.bandwidth * ask->factors.mbu);
    double launch = passes * (double)s->layers * ask->factors.layer_us * 1e-6;
    return fmax(compute, read) + reduce_time(ask, tp, texts * tokens) + launch;
}

double rk_size_train_mfu(double parameters, double layers, double hidden, double context, double tokens_per_second,
                         double peak)
{
    return (6 * parameters + 12 * layers * hidden * context) * tokens_per_second / peak;
}

double rk_size_train_hours(double parameters, double tokens, double peak, double mfu)
{
    return 6 * parameters * tokens / (peak * mfu) / 3600;
}
