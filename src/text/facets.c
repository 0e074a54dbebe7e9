/* facets.c - how often each value stands among what was found.
 *
 * A brand or category is counted item by item, each by its one value; an attribute value by value, along its items. The
 * bits that are counted are all but for the field's own groups.
 */
#include <math.h>
#include <string.h>

#include "text/question_parts.h"

/* What is found when the conditions on this field are left aside. NULL: no memory. */
static const uint64_t *bits_without(const rk_index *x, const rk_findings *f, uint32_t about, rk_arena *arena)
{
    bool has_own = false;
    for (size_t g = 0; g < f->n_groups; g++) {
        has_own |= f->group[g].about == about;
    }
    uint64_t *bits = has_own ? RK_TAKE(arena, uint64_t, rk_bit_words(x)) : NULL;
    if (!has_own || !bits) {
        return has_own ? NULL : f->bits;
    }
    memcpy(bits, f->matched, rk_bit_words(x) * sizeof *bits);
    for (size_t g = 0; g < f->n_groups; g++) {
        for (size_t w = 0; f->group[g].about != about && w < rk_bit_words(x); w++) {
            bits[w] &= f->group[g].holds[w];
        }
    }
    return bits;
}

/* ---- values ---- */

static void count_single(const rk_index *x, uint32_t column, const uint64_t *bits, uint32_t *counts)
{
    uint32_t first = x->columns.first[column];
    for (size_t w = 0; w < rk_bit_words(x); w++) {
        for (uint64_t left = bits[w]; left; left &= left - 1) {
            size_t item = w * 64 + (size_t)__builtin_ctzll(left);
            uint32_t value = x->columns.single[item * RK_COLUMN_ATTRIBUTES + column];
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

/* The most frequent, sorted in as they come: n_max is small, and most values are behind the last. */
static size_t keep_most(const rk_columns *c, uint32_t column, const uint32_t *counts, rk_facet_value *values,
                        size_t n_max)
{
    size_t n = 0;
    for (uint32_t v = c->first[column]; v < c->first[column + 1]; v++) {
        uint64_t one = counts[v - c->first[column]];
        if (one == 0 || (n == n_max && values[n - 1].n >= one)) {
            continue;
        }
        size_t at = n < n_max ? n++ : n - 1;
        for (; at > 0 && values[at - 1].n < one; at--) {
            values[at] = values[at - 1];
        }
        values[at] = (rk_facet_value){rk_names_get(&c->name, v), one};
    }
    return n;
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
static void count_bands(const rk_index *x, const uint64_t *bits, const double *edges, size_t n_edges,
                        rk_facet_value *values)
{
    for (size_t w = 0; w < rk_bit_words(x); w++) {
        for (uint64_t left = bits[w]; left; left &= left - 1) {
            float price = x->items.item_price[w * 64 + (size_t)__builtin_ctzll(left)];
            size_t band = 0;
            while (band < n_edges && price >= (float)edges[band]) {
                band++;
            }
            values[band].n += is_priced(price);
        }
    }
}

static rk_status count_prices(const rk_index *x, const uint64_t *bits, size_t n_max, rk_arena *arena,
                              rk_facet_value *values, size_t *n, rk_error *err)
{
    uint32_t *by_key = RK_TAKE(arena, uint32_t, PRICE_KEYS);
    double *edges = RK_TAKE(arena, double, n_max);
    uint64_t n_priced = 0;
    if (!by_key || !edges) {
        return rk_fail_memory(err, "facets");
    }
    for (size_t w = 0; w < rk_bit_words(x); w++) {
        for (uint64_t left = bits[w]; left; left &= left - 1) {
            float price = x->items.item_price[w * 64 + (size_t)__builtin_ctzll(left)];
            if (is_priced(price)) {
                by_key[price_key(price + 0.0F)]++;
                n_priced++;
            }
        }
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
    count_bands(x, bits, edges, n_edges, values);
    for (size_t band = 0; band <= n_edges; band++) {
        if (values[band].n > 0) {
            values[(*n)++] = values[band];
        }
    }
    return RK_OK;
}

/* ---- any ---- */

rk_status rk_facet_count(const rk_index *x, const rk_findings *findings, rk_slice field, size_t n_max, rk_arena *arena,
                         rk_facet_value *values, size_t *n, rk_error *err)
{
    uint32_t about = rk_about_of(x, field);
    *n = 0;
    if (about == RK_NO_ID || about == RK_ABOUT_ID) {
        return rk_fail(err, RK_NOT_FOUND, "no field or attribute '%.*s' to count", (int)(field.n < 60 ? field.n : 60),
                       field.at);
    }
    const uint64_t *bits = bits_without(x, findings, about, arena);
    if (!bits) {
        return rk_fail_memory(err, "facets");
    }
    if (about == RK_ABOUT_PRICE) {
        return count_prices(x, bits, n_max, arena, values, n, err);
    }
    uint32_t column = about - RK_ABOUT_COLUMN;
    uint32_t *counts = RK_TAKE(arena, uint32_t, x->columns.first[column + 1] - x->columns.first[column]);
    if (!counts) {
        return rk_fail_memory(err, "facets");
    }
    if (column < RK_COLUMN_ATTRIBUTES) {
        count_single(x, column, bits, counts);
    } else {
        count_attribute(&x->columns, column, bits, counts);
    }
    *n = keep_most(&x->columns, column, counts, values, n_max);
    return RK_OK;
}
