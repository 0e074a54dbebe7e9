/* facets.c - how often each value stands among what was found.
 *
 * A brand or category is counted item by item, each by its one value; an attribute value by value, along its items. The
 * bits that are counted are all but for the field's own groups. Of several segments counts are added up by the folded
 * values.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "text/question_parts.h"

/* What is found when the conditions on this field are left aside. NULL: no memory. */
static const uint64_t *bits_without(const rk_asker *asker, const rk_findings *f, const rk_about *about, rk_arena *arena)
{
    bool has_own = false;
    for (size_t g = 0; g < f->n_groups; g++) {
        has_own |= rk_about_same(&f->group[g].about, about);
    }
    uint64_t *bits = has_own ? RK_TAKE(arena, uint64_t, rk_bit_words(asker)) : NULL;
    if (!has_own || !bits) {
        return has_own ? NULL : f->bits;
    }
    memcpy(bits, f->matched, rk_bit_words(asker) * sizeof *bits);
    for (size_t g = 0; g < f->n_groups; g++) {
        bool is_own = rk_about_same(&f->group[g].about, about);
        for (size_t w = 0; !is_own && w < rk_bit_words(asker); w++) {
            bits[w] &= f->group[g].holds[w];
        }
    }
    return bits;
}

/* ---- values ---- */

static void count_single(const rk_segment *segment, uint32_t column, const uint64_t *bits, uint32_t *counts)
{
    const rk_columns *c = &segment->index->columns;
    uint32_t first = c->first[column];
    for (size_t w = 0; w < rk_segment_n_words(segment); w++) {
        for (uint64_t left = bits[w]; left; left &= left - 1) {
            size_t item = w * 64 + (size_t)__builtin_ctzll(left);
            uint32_t value = c->single[item * RK_COLUMN_ATTRIBUTES + column];
            if (value != RK_NO_ID) {
                counts[value - first]++;
            }
        }
    }
}

static void count_attribute(const rk_columns *c, uint32_t column, const uint64_t *bits, uint32_t *counts)
{
    for (uint32_t v = c->first[column]; v < c->first[column + 1]; v++) {
        uint32_t n = 0;
        for (uint64_t at = c->start[v]; at < c->start[v + 1]; at++) {
            n += rk_has_bit(bits, c->item[at]);
        }
        counts[v - c->first[column]] = n;
    }
}

/* A value and how often it was found; of the first segment that has it. */
typedef struct {
    rk_slice folded, name;
    uint64_t n;
} counted;

/* The most frequent, sorted in as they come: n_max is small, and most values are behind the last. */
static void keep_most(const counted *one, counted *kept, size_t n_max, size_t *n)
{
    if (one->n == 0 || (*n == n_max && kept[*n - 1].n >= one->n)) {
        return;
    }
    size_t at = *n < n_max ? (*n)++ : *n - 1;
    for (; at > 0 && kept[at - 1].n < one->n; at--) {
        kept[at] = kept[at - 1];
    }
    kept[at] = *one;
}

/* How often each value of a segment's column stands in bits: [values of the column]. NULL: no memory. */
static uint32_t *count_column(const rk_segment *segment, uint32_t column, const uint64_t *bits, rk_arena *arena)
{
    const rk_columns *c = &segment->index->columns;
    uint32_t *counts = RK_TAKE(arena, uint32_t, c->first[column + 1] - c->first[column]);
    if (counts && column < RK_COLUMN_ATTRIBUTES) {
        count_single(segment, column, bits, counts);
    } else if (counts) {
        count_attribute(c, column, bits, counts);
    }
    return counts;
}

static counted counted_of(const rk_columns *c, uint32_t value, uint32_t n)
{
    return (counted){rk_names_get(&c->folded, value), rk_names_get(&c->name, value), n};
}

/* ---- of several segments ---- */

static int by_folded(const void *a, const void *b)
{
    return rk_slice_compare(((const counted *)a)->folded, ((const counted *)b)->folded);
}

/* Adds what a segment has to sums (counted), which values number. */
static bool add_up(const rk_columns *c, uint32_t column, const uint32_t *counts, rk_interner *values, rk_vec *sums)
{
    for (uint32_t v = c->first[column]; v < c->first[column + 1]; v++) {
        counted one = counted_of(c, v, counts[v - c->first[column]]);
        uint32_t id = one.n > 0 ? rk_interner_add(values, one.folded) : 0;
        if (id == RK_NO_ID || (one.n > 0 && id == sums->n && !rk_vec_extend(sums, NULL, 1))) {
            return false;
        }
        if (one.n > 0) {
            counted *sum = (counted *)sums->data + id;
            one.n += sum->n;
            *sum = one;
        }
    }
    return true;
}

/* A value as its first living item of a segment writes it; n 0: none has it. */
static rk_status first_name(rk_asker *asker, const rk_segment *segment, const rk_about *about, rk_slice folded,
                            rk_slice *out, rk_error *err)
{
    const rk_index *x = segment->index;
    const rk_columns *c = &x->columns;
    uint32_t column = rk_about_column(x, about), item;
    rk_value_run run = column == RK_NO_ID ? (rk_value_run){0} : rk_columns_find(c, column, folded, false);
    uint64_t at = c->start[run.begin], end = c->start[run.end];
    *out = (rk_slice){"", 0};
    while (at < end && x->dead && rk_has_bit(x->dead, c->item[at])) {
        at++;
    }
    if (at == end || at == c->start[run.begin]) {
        *out = at == end ? *out : rk_names_get(&c->name, run.begin);
        return RK_OK;
    }
    item = c->item[at];
    if (column < RK_COLUMN_ATTRIBUTES) {
        *out = rk_names_get(column == RK_COLUMN_BRAND ? &x->items.brand : &x->items.category, item);
        return RK_OK;
    }
    rk_text room = {0};
    rk_status status = RK_OK;
    for (uint64_t a = x->items.attribute_start[item]; !status && out->n == 0; a++) {
        rk_slice value = rk_names_get(&x->items.values, x->items.attribute_value[a]);
        bool is_column = x->items.attribute_name[a] == column - RK_COLUMN_ATTRIBUTES;
        status = is_column ? rk_value_fold(asker->folder, value, false, &room, err) : RK_OK;
        if (!status && is_column && rk_slice_equal((rk_slice){room.at, room.n}, folded)) {
            *out = value;
        }
    }
    rk_text_release(&room);
    return status;
}

/* A value as it was written first of all. */
static rk_status name_value(rk_asker *asker, const rk_about *about, rk_slice folded, rk_slice *out, rk_error *err)
{
    rk_status status = RK_OK;
    *out = (rk_slice){"", 0};
    for (size_t s = 0; !status && s < asker->corpus->n_segments && out->n == 0; s++) {
        status = first_name(asker, &asker->corpus->segment[s], about, folded, out, err);
    }
    return status;
}

/* ---- a column ---- */

static rk_status count_segments(rk_asker *asker, const rk_about *about, const uint64_t *bits, rk_arena *arena,
                                rk_vec *sums, rk_error *err)
{
    const rk_corpus *corpus = asker->corpus;
    rk_interner *values = rk_interner_new();
    bool is_done = values != NULL;
    for (size_t s = 0; is_done && s < corpus->n_segments; s++) {
        const rk_segment *segment = &corpus->segment[s];
        uint32_t column = rk_about_column(segment->index, about);
        uint32_t *counts = column == RK_NO_ID ? NULL : count_column(segment, column, bits + segment->base / 64, arena);
        is_done = column == RK_NO_ID || (counts && add_up(&segment->index->columns, column, counts, values, sums));
    }
    rk_interner_free(values);
    if (is_done && sums->n > 1) {
        qsort(sums->data, sums->n, sizeof(counted), by_folded);
    }
    return is_done ? RK_OK : rk_fail_memory(err, "facets");
}

static rk_status count_values(rk_asker *asker, const rk_about *about, const uint64_t *bits, size_t n_max,
                              rk_arena *arena, rk_facet_value *values, size_t *n, rk_error *err)
{
    const rk_corpus *corpus = asker->corpus;
    counted *kept = RK_TAKE(arena, counted, n_max);
    rk_vec sums = {.item_bytes = sizeof(counted)};
    rk_status status = kept ? RK_OK : rk_fail_memory(err, "facets");
    bool is_one = corpus->n_segments == 1 && !corpus->segment[0].index->dead;
    if (!status && is_one) {
        const rk_columns *c = &corpus->segment[0].index->columns;
        uint32_t column = rk_about_column(corpus->segment[0].index, about);
        uint32_t *counts = count_column(&corpus->segment[0], column, bits, arena);
        for (uint32_t v = c->first[column]; counts && v < c->first[column + 1]; v++) {
            counted one = counted_of(c, v, counts[v - c->first[column]]);
            keep_most(&one, kept, n_max, n);
        }
        status = counts ? RK_OK : rk_fail_memory(err, "facets");
    } else if (!status) {
        status = count_segments(asker, about, bits, arena, &sums, err);
        for (size_t i = 0; !status && i < sums.n; i++) {
            keep_most((const counted *)sums.data + i, kept, n_max, n);
        }
    }
    for (size_t i = 0; !status && i < *n; i++) {
        values[i] = (rk_facet_value){kept[i].name, kept[i].n};
        status = is_one ? RK_OK : name_value(asker, about, kept[i].folded, &values[i].name, err);
    }
    rk_vec_release(&sums);
    return status;
}

/* ---- bands of prices ---- */

enum { PRICE_KEYS = 1 << 16 };

static bool is_priced(float price) { return price >= 0 && isfinite(price); }

/* Prices from 0 on by their first 16 bits: bits of floats ascend as the floats do. */
static uint32_t price_key(float price)
{
    uint32_t bits;
    memcpy(&bits, &price, sizeof bits);
    return bits >> 16;
}

static float price_at(uint32_t key)
{
    float price;
    uint32_t bits = key << 16;
    memcpy(&price, &bits, sizeof price);
    return price;
}

/* 1, 2 or 5 times a power of ten, near to a price and not above it. */
static double round_price(double price)
{
    double power = pow(10, floor(log10(price))), first = price / power;
    return price <= 0 ? 0 : power * (first >= 5 ? 5 : first >= 2 ? 2 : 1);
}

/* Inner edges of bands, ascending, each a round number (1, 2 or 5 times a power of ten); returns how many. */
static size_t find_edges(const uint32_t *by_key, uint64_t n_priced, size_t n_bands, double *edges)
{
    size_t n = 0;
    uint64_t seen = 0;
    for (uint32_t key = 0; key < PRICE_KEYS && n + 1 < n_bands; key++) {
        seen += by_key[key];
        while (n + 1 < n_bands && seen * n_bands > n_priced * (n + 1)) {
            edges[n++] = round_price((double)price_at(key));
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (edges[i] > 0 && (kept == 0 || edges[i] > edges[kept - 1])) {
            edges[kept++] = edges[i];
        }
    }
    return kept;
}

static rk_slice name_band(rk_arena *arena, const double *edges, size_t n_edges, size_t band)
{
    rk_text name = {0};
    if (band > 0) {
        rk_text_add_real(&name, edges[band - 1]);
    }
    rk_text_add(&name, "..");
    if (band < n_edges) {
        rk_text_add(&name, "<");
        rk_text_add_real(&name, edges[band]);
    }
    const char *copy = name.failed ? NULL : rk_arena_copy(arena, name.at, name.n);
    rk_slice out = {copy, copy ? name.n : 0};
    rk_text_release(&name);
    return out;
}

/* How many prices are below each edge and not below the one before. */
static void count_bands(const rk_segment *segment, const uint64_t *bits, const double *edges, size_t n_edges,
                        rk_facet_value *values)
{
    const float *prices = segment->index->items.item_price;
    for (size_t w = 0; prices && w < rk_segment_n_words(segment); w++) {
        for (uint64_t left = bits[w]; left; left &= left - 1) {
            float price = prices[w * 64 + (size_t)__builtin_ctzll(left)];
            size_t band = 0;
            while (band < n_edges && price >= (float)edges[band]) {
                band++;
            }
            values[band].n += is_priced(price);
        }
    }
}

static uint64_t count_keys(const rk_segment *segment, const uint64_t *bits, uint32_t *by_key)
{
    const float *prices = segment->index->items.item_price;
    uint64_t n_priced = 0;
    for (size_t w = 0; prices && w < rk_segment_n_words(segment); w++) {
        for (uint64_t left = bits[w]; left; left &= left - 1) {
            float price = prices[w * 64 + (size_t)__builtin_ctzll(left)];
            if (is_priced(price)) {
                by_key[price_key(price + 0.0F)]++;
                n_priced++;
            }
        }
    }
    return n_priced;
}

static rk_status count_prices(const rk_corpus *corpus, const uint64_t *bits, size_t n_max, rk_arena *arena,
                              rk_facet_value *values, size_t *n, rk_error *err)
{
    uint32_t *by_key = RK_TAKE(arena, uint32_t, PRICE_KEYS);
    double *edges = RK_TAKE(arena, double, n_max);
    uint64_t n_priced = 0;
    if (!by_key || !edges) {
        return rk_fail_memory(err, "facets");
    }
    for (size_t s = 0; s < corpus->n_segments; s++) {
        n_priced += count_keys(&corpus->segment[s], bits + corpus->segment[s].base / 64, by_key);
    }
    if (n_priced == 0) {
        return RK_OK;
    }
    size_t n_edges = find_edges(by_key, n_priced, n_max, edges);
    for (size_t band = 0; band <= n_edges; band++) {
        values[band] = (rk_facet_value){name_band(arena, edges, n_edges, band), 0};
        if (!values[band].name.at) {
            return rk_fail_memory(err, "facets");
        }
    }
    for (size_t s = 0; s < corpus->n_segments; s++) {
        count_bands(&corpus->segment[s], bits + corpus->segment[s].base / 64, edges, n_edges, values);
    }
    for (size_t band = 0; band <= n_edges; band++) {
        if (values[band].n > 0) {
            values[(*n)++] = values[band];
        }
    }
    return RK_OK;
}

/* ---- any ---- */

rk_status rk_facet_count(rk_asker *asker, const rk_findings *findings, rk_slice field, size_t n_max, rk_arena *arena,
                         rk_facet_value *values, size_t *n, rk_error *err)
{
    rk_about about;
    *n = 0;
    if (!rk_about_find(asker->corpus, field, &about) || about.kind == RK_ABOUT_ID) {
        return rk_fail(err, RK_NOT_FOUND, "no field or attribute '%.*s' to count", (int)(field.n < 60 ? field.n : 60),
                       field.at);
    }
    const uint64_t *bits = bits_without(asker, findings, &about, arena);
    if (!bits) {
        return rk_fail_memory(err, "facets");
    }
    return about.kind == RK_ABOUT_PRICE ? count_prices(asker->corpus, bits, n_max, arena, values, n, err)
                                        : count_values(asker, &about, bits, n_max, arena, values, n, err);
}
