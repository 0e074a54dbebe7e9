/* size_tables.c - shapes of models, sheets of accelerators, default efficiencies.
 *
 * Shapes are those of the published configuration of each model (config.json or its paper). Sheets are the makers'
 * data sheets: dense peaks (no sparsity), memory in bytes as the driver counts it. Prices are Amazon's on-demand list,
 * us-east-1, 2026-07-20, an instance over its devices; a price in a plan belongs in a price book.
 *
 * The band of training MFU is what published GPU-hours imply by 6 P T, restarts and evaluations included: 0.30 to 0.55
 * on the A100 generation; 0.15 to 0.45 later, where the arithmetic grew faster than memory and links.
 *
 * The default efficiencies are round figures near what calibration against published throughput finds.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "size/size.h"

#define META "Meta, model configuration"
#define MOSAIC "MosaicML, LLM Foundry configuration"
/* name, source, layers, hidden, heads, kv heads, head size, ffn, vocabulary */
#define MPT(name, layers, hidden, heads)                                                                               \
    {                                                                                                                  \
        name, MOSAIC, layers, hidden, heads, heads, (hidden) / (heads), 4 * (hidden), 50368, .matrices = 2,            \
                                                                                             .tied = true              \
    }

static const rk_size_shape shapes[] = {
    {"llama-7b", META, 32, 4096, 32, 32, 128, 11008, 32000},
    {"llama-13b", META, 40, 5120, 40, 40, 128, 13824, 32000},
    {"llama-33b", META, 60, 6656, 52, 52, 128, 17920, 32000},
    {"llama-65b", META, 80, 8192, 64, 64, 128, 22016, 32000},
    {"llama-2-7b", META, 32, 4096, 32, 32, 128, 11008, 32000},
    {"llama-2-13b", META, 40, 5120, 40, 40, 128, 13824, 32000},
    {"llama-2-70b", META, 80, 8192, 64, 8, 128, 28672, 32000},
    {"llama-3-8b", META, 32, 4096, 32, 8, 128, 14336, 128256},
    {"llama-3-70b", META, 80, 8192, 64, 8, 128, 28672, 128256},
    {"llama-3.1-8b", META, 32, 4096, 32, 8, 128, 14336, 128256},
    {"llama-3.1-70b", META, 80, 8192, 64, 8, 128, 28672, 128256},
    {"llama-3.1-405b", META, 126, 16384, 128, 8, 128, 53248, 128256},
    {"llama-3.2-1b", META, 16, 2048, 32, 8, 64, 8192, 128256, .tied = true},
    {"llama-3.2-3b", META, 28, 3072, 24, 8, 128, 8192, 128256, .tied = true},
    {"llama-3.3-70b", META, 80, 8192, 64, 8, 128, 28672, 128256},
    {"llama-4-scout", META, 48, 5120, 40, 8, 128, 16384, 202048, 16, 1, 1, 8192},
    {"mistral-7b", "Mistral AI, model configuration", 32, 4096, 32, 8, 128, 14336, 32000},
    {"mixtral-8x7b", "Mistral AI, model configuration", 32, 4096, 32, 8, 128, 14336, 32000, 8, 2},
    {"mixtral-8x22b", "Mistral AI, model configuration", 56, 6144, 48, 8, 128, 16384, 32768, 8, 2},
    {"qwen2.5-7b", "Alibaba, model configuration", 28, 3584, 28, 4, 128, 18944, 152064},
    {"qwen2.5-72b", "Alibaba, model configuration", 80, 8192, 64, 8, 128, 29568, 152064},
    {"qwen3-8b", "Alibaba, model configuration", 36, 4096, 32, 8, 128, 12288, 151936},
    {"qwen3-32b", "Alibaba, model configuration", 64, 5120, 64, 8, 128, 25600, 151936},
    {"phi-4-14b", "Microsoft, model configuration", 40, 5120, 40, 10, 128, 17920, 100352},
    {"deepseek-v3", "DeepSeek-V3 technical report, 2024", 61, 7168, 128, 128, 128, 18432, 129280, 256, 8, 1, 2048, 3,
     .attention = 187105280, .kv_values = 576},
    {"gpt-13b", "GPT-3 paper, 2020", 40, 5120, 40, 40, 128, 20480, 50257, .matrices = 2, .tied = true},
    {"opt-175b", "OPT paper, 2022", 96, 12288, 96, 96, 128, 49152, 50272, .matrices = 2, .tied = true},
    {"bloom-176b", "BLOOM paper, 2022", 70, 14336, 112, 112, 128, 57344, 250880, .matrices = 2, .tied = true},
    {"bge-reranker-v2-m3", "BAAI, XLM-RoBERTa large configuration", 24, 1024, 16, 16, 64, 4096, 250002, .matrices = 2,
     .tied = true},
    MPT("mpt-125m", 12, 768, 12),
    MPT("mpt-350m", 24, 1024, 16),
    MPT("mpt-760m", 24, 1536, 12),
    MPT("mpt-1b", 24, 2048, 16),
    MPT("mpt-3b", 32, 2560, 20),
    MPT("mpt-7b", 32, 4096, 32),
    MPT("mpt-13b", 40, 5120, 40),
    MPT("mpt-30b", 48, 7168, 56),
    MPT("mpt-70b", 80, 8192, 64),
};

#define SHEET "NVIDIA data sheet"
#define DAY "2026-07-20"
#define AMPERE .30, .55
#define LATER .15, .45
/* name, source, bf16, fp8, fp4, bytes/s, bytes, link one way, training MFU, price, product, day, devices */
static const rk_size_accelerator accelerators[] = {
    {"h100", SHEET, 989e12, 1978e12, 0, 3.35e12, 85899345920., 450e9, LATER, "55.04", "AWS p5.48xlarge", DAY, 8},
    {"h100-pcie", SHEET, 756.5e12, 1513e12, 0, 2e12, 85899345920., 64e9, LATER, NULL, NULL, NULL, 0},
    {"h200", SHEET, 989e12, 1978e12, 0, 4.8e12, 151397597184., 450e9, LATER, "63.296", "AWS p5en.48xlarge", DAY, 8},
    {"h800", SHEET, 989e12, 1978e12, 0, 3.35e12, 85899345920., 200e9, LATER, NULL, NULL, NULL, 0},
    {"a100-80gb", SHEET, 312e12, 0, 0, 2.039e12, 85899345920., 300e9, AMPERE, "27.44705", "AWS p4de.24xlarge", DAY, 8},
    {"a100-40gb", SHEET, 312e12, 0, 0, 1.555e12, 42949672960., 300e9, AMPERE, "21.957642", "AWS p4d.24xlarge", DAY, 8},
    {"a100-pcie", SHEET, 312e12, 0, 0, 1.935e12, 85899345920., 32e9, AMPERE, NULL, NULL, NULL, 0},
    {"a30", SHEET, 165e12, 0, 0, 933e9, 25769803776., 32e9, AMPERE, NULL, NULL, NULL, 0},
    {"l4", SHEET, 121e12, 242e12, 0, 300e9, 25769803776., 32e9, LATER, "0.8048", "AWS g6.xlarge", DAY, 1},
    {"l40s", SHEET, 362.05e12, 733e12, 0, 864e9, 48305799168., 32e9, LATER, "1.861", "AWS g6e.xlarge", DAY, 1},
    {"b200", SHEET, 2250e12, 4500e12, 9000e12, 7.7e12, 193273528320., 900e9, LATER, "113.9328", "AWS p6-b200.48xlarge",
     DAY, 8},
    {"b300", SHEET, 2250e12, 4500e12, 14000e12, 7.75e12, 288400343040., 900e9, LATER, NULL, NULL, NULL, 0},
    {"gb200", SHEET, 2500e12, 5000e12, 10000e12, 8e12, 198674743296., 900e9, LATER, NULL, NULL, NULL, 0},
};

/* What people and tables write for them. */
static const struct {
    const char *alias, *name;
} aliases[] = {{"h100-sxm", "h100"},      {"h100-80", "h100"},      {"h100-80gb", "h100"},
               {"h200-sxm", "h200"},      {"a100", "a100-80gb"},    {"a100-80", "a100-80gb"},
               {"a100-sxm", "a100-80gb"}, {"a100-40", "a100-40gb"}, {"b200-sxm", "b200"},
               {"b300-sxm", "b300"},      {"opt", "opt-175b"},      {"deepseek-v3-pretrain", "deepseek-v3"}};

#define AT(field) offsetof(rk_size_ask, field)
#define COUNT(name, field, least, words)                                                                               \
    {                                                                                                                  \
        name, 0, RK_OPT_COUNT, AT(shape.field), "N", .help = words, .min = least, .max = 1e12                          \
    }
#define REAL(name, field, least, most, words)                                                                          \
    {                                                                                                                  \
        name, 0, RK_OPT_REAL, AT(field), "X", .help = words, .min = least, .max = most                                 \
    }
const rk_option rk_size_settings[] = {
    COUNT("layers", layers, 1, "layers"),
    COUNT("hidden", hidden, 1, "width of a token"),
    COUNT("heads", heads, 1, "attention heads"),
    COUNT("kv_heads", kv_heads, 1, "heads of keys and values"),
    COUNT("head_dim", head_dim, 1, "width of a head"),
    COUNT("ffn", ffn, 1, "width of the feed-forward block"),
    COUNT("vocabulary", vocabulary, 1, "tokens known"),
    COUNT("experts", experts, 0, "experts of a layer, 0 = dense"),
    COUNT("active_experts", active_experts, 0, "experts that a token passes"),
    COUNT("shared_experts", shared_experts, 0, "experts that every token passes"),
    COUNT("expert_ffn", expert_ffn, 0, "width of an expert, 0 = ffn"),
    COUNT("dense_layers", dense_layers, 0, "layers without experts"),
    COUNT("attention", attention, 0, "parameters of a layer's attention, 0 = from heads"),
    COUNT("kv_values", kv_values, 0, "values cached per token and layer, 0 = 2 x kv_heads x head_dim"),
    {"matrices", 0, RK_OPT_COUNT, AT(shape.matrices), "N", .help = "of a feed-forward block", .min = 2, .max = 3},
    {"tied", 0, RK_OPT_FLAG, AT(shape.tied), NULL, .help = "the output head is the embedding"},
    REAL("bf16", accelerator.bf16, 1e9, 1e18, "peak FLOP/s, 16 bits"),
    REAL("fp8", accelerator.fp8, 0, 1e18, "peak FLOP/s, 8 bits"),
    REAL("fp4", accelerator.fp4, 0, 1e18, "peak FLOP/s, 4 bits"),
    REAL("bandwidth", accelerator.bandwidth, 1e6, 1e15, "of the memory, bytes/s"),
    REAL("memory", accelerator.memory, 1e6, 1e15, "bytes"),
    REAL("link_speed", accelerator.link, 1e6, 1e15, "to the other devices, one way, bytes/s"),
    REAL("train_low", accelerator.train_low, .001, 1, "lower end of the training MFU"),
    REAL("train_high", accelerator.train_high, .001, 1, "upper end of the training MFU"),
    REAL("mfu", factors.mfu, .001, 1, "share of peak FLOP/s reached"),
    REAL("mbu", factors.mbu, .001, 1, "share of peak bandwidth reached"),
    REAL("link", factors.link, .001, 1, "share of the link reached"),
    REAL("layer_us", factors.layer_us, .001, 1e5, "overhead per layer and step, microseconds"),
    REAL("usable", factors.memory, .01, 1, "share of the memory that can be used"),
    REAL("held", factors.held, .01, 1, "share of an answer's tokens held on average"),
    {"batch", 0, RK_OPT_COUNT, AT(factors.batch), "N", .help = "most sequences at once", .min = 1, .max = 1e6},
    {"chunk", 0, RK_OPT_COUNT, AT(factors.chunk), "N", .help = "most tokens in a step", .min = 1, .max = 1e7},
};
const size_t rk_n_size_settings = RK_COUNT_OF(rk_size_settings);

void rk_size_defaults(rk_size_ask *ask)
{
    *ask = (rk_size_ask){.factors = {.mfu = .65,
                                     .mbu = .75,
                                     .link = .5,
                                     .layer_us = 50,
                                     .memory = .95,
                                     .held = .75,
                                     .batch = 1024,
                                     .chunk = 4096},
                         .tp = 0,
                         .pp = 1,
                         .isl = 1000,
                         .osl = 200,
                         .utilisation = .8,
                         .candidates = 20};
}

/* Letters and digits only: "Llama-3.1-70B" is "llama-3.1-70b" is "llama 3.1 70b". */
static bool same_name(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += strspn(a, " -_()");
        b += strspn(b, " -_()");
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b)) {
            return false;
        }
        if (!*a) {
            return true;
        }
    }
}

static const char *unalias(const char *name)
{
    for (size_t i = 0; i < RK_COUNT_OF(aliases); i++) {
        if (same_name(name, aliases[i].alias)) {
            return aliases[i].name;
        }
    }
    return name;
}

const rk_size_shape *rk_size_shape_at(size_t i) { return i < RK_COUNT_OF(shapes) ? &shapes[i] : NULL; }

const rk_size_accelerator *rk_size_accelerator_at(size_t i)
{
    return i < RK_COUNT_OF(accelerators) ? &accelerators[i] : NULL;
}

const rk_size_shape *rk_size_shape_find(const char *name)
{
    name = unalias(name);
    for (size_t i = 0; i < RK_COUNT_OF(shapes); i++) {
        if (same_name(name, shapes[i].name)) {
            return &shapes[i];
        }
    }
    return NULL;
}

const rk_size_accelerator *rk_size_accelerator_find(const char *name)
{
    name = unalias(name);
    for (size_t i = 0; i < RK_COUNT_OF(accelerators); i++) {
        if (same_name(name, accelerators[i].name)) {
            return &accelerators[i];
        }
    }
    return NULL;
}

static rk_status unknown(const char *what, const char *name, const char *const *names, size_t n, rk_error *err)
{
    const char *near = rk_nearest_name(name, names, n);
    return rk_fail(err, RK_BAD_USAGE, "no %s '%.60s' in the table%s%s%s; --list shows them, --set describes others",
                   what, name, near ? ", did you mean '" : "", near ? near : "", near ? "'" : "");
}

rk_status rk_size_choose(rk_size_ask *ask, const char *model, const char *accelerator, rk_error *err)
{
    const char *names[64];
    const rk_size_shape *shape = model ? rk_size_shape_find(model) : NULL;
    const rk_size_accelerator *device = accelerator ? rk_size_accelerator_find(accelerator) : NULL;
    if (model && strcmp(model, "custom") != 0 && !shape) {
        for (size_t i = 0; i < RK_COUNT_OF(shapes); i++) {
            names[i] = shapes[i].name;
        }
        return unknown("model", model, names, RK_COUNT_OF(shapes), err);
    }
    if (accelerator && strcmp(accelerator, "custom") != 0 && !device) {
        for (size_t i = 0; i < RK_COUNT_OF(accelerators); i++) {
            names[i] = accelerators[i].name;
        }
        return unknown("accelerator", accelerator, names, RK_COUNT_OF(accelerators), err);
    }
    ask->shape = shape ? *shape : (rk_size_shape){.name = "custom", .source = "as given"};
    ask->accelerator =
        device ? *device
               : (rk_size_accelerator){.name = "custom", .source = "as given", .train_low = .15, .train_high = .55};
    if (device && device->price) {
        (void)rk_decimal_parse(rk_slice_of(device->price), &ask->price);
        ask->price_devices = device->devices;
    }
    return RK_OK;
}

static rk_status read_price(const char *what, rk_slice text, rk_decimal *out, rk_error *err)
{
    const char *wrong = rk_decimal_parse(text, out);
    if (!wrong && (out->units < 0 || rk_decimal_real(*out) > 1e9)) {
        wrong = "it must be from 0 to 1000000000";
    }
    return wrong ? rk_fail(err, RK_BAD_USAGE, "the %s must be a price, got '%.*s' (%s)", what,
                           (int)(text.n < 40 ? text.n : 40), text.at, wrong)
                 : RK_OK;
}

rk_status rk_size_price(rk_size_ask *ask, const char *hour, const char *api, rk_error *err)
{
    rk_status status = RK_OK;
    if (hour) {
        status = read_price("price of a device hour", rk_slice_of(hour), &ask->price, err);
        ask->price_devices = 1;
        ask->accelerator.price = NULL;
    }
    if (!status && api) {
        const char *slash = strchr(api, '/');
        if (!slash) {
            return rk_fail(err, RK_BAD_USAGE, "the API price must be IN/OUT of a million tokens, got '%.40s'", api);
        }
        status = read_price("API price", (rk_slice){api, (size_t)(slash - api)}, &ask->api_in, err);
        status = status ? status : read_price("API price", rk_slice_of(slash + 1), &ask->api_out, err);
    }
    return status;
}

static rk_status read_line(rk_slice line, rk_place at, rk_size_ask *ask, rk_error *err)
{
    char text[128], *to = text;
    rk_option_table table = {rk_size_settings, rk_n_size_settings, ask};
    const char *comment = memchr(line.at, '#', line.n);
    line.n = comment ? (size_t)(comment - line.at) : line.n;
    line = rk_slice_trim(line);
    if (line.n == 0) {
        return RK_OK;
    }
    for (size_t i = 0; i < line.n && to < text + sizeof text - 1; i++) {
        if (line.at[i] != ' ' && line.at[i] != '\t') {
            *to++ = line.at[i];
        }
    }
    *to = '\0';
    rk_error inner = {0};
    if (!strchr(text, '=') || rk_options_set(table, text, &inner)) {
        return rk_fail_at(err, at, "%.300s", *inner.message ? inner.message : "a line must be 'key = value'");
    }
    return RK_OK;
}

rk_status rk_size_factors_read(const char *path, rk_size_ask *ask, rk_error *err)
{
    rk_mapped file = {0};
    rk_status status = rk_mapped_open(path, &file, err);
    const char *at = (const char *)file.at, *end = status ? at : at + file.n_bytes;
    for (size_t line = 1; !status && at < end; line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        status = read_line((rk_slice){at, (size_t)(stop - at)}, (rk_place){path, line, 0}, ask, err);
        at = stop < end ? stop + 1 : end;
    }
    rk_mapped_close(&file);
    return status;
}

void rk_size_factors_write(const rk_size_factors *f, const char *why, rk_text *out)
{
    const struct {
        const char *key;
        double value;
    } rows[] = {{"mfu", f->mfu},       {"mbu", f->mbu},   {"link", f->link},           {"layer_us", f->layer_us},
                {"usable", f->memory}, {"held", f->held}, {"batch", (double)f->batch}, {"chunk", (double)f->chunk}};
    rk_text_addf(out, "# reckon cost size: %s\n", why);
    for (size_t i = 0; i < RK_COUNT_OF(rows); i++) {
        rk_text_addf(out, "%s = ", rows[i].key);
        rk_text_add_real(out, rows[i].value);
        rk_text_add(out, "\n");
    }
}
