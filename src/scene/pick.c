/* pick.c - see pick.h. The greatest likeness of each candidate to what stands above is kept and grows by one comparison
 * a place, instead of being found anew.
 */
#include "scene/pick.h"

#include "base/map.h"
#include "math/dot.h"

typedef struct {
    const rk_candidate *candidates;
    size_t n;
    const rk_pick_rule *rule;
    double scale;                   /* 1 / the greatest value */
    bool *is_placed;                /* [n] */
    float *likeness;                /* [n] greatest, to what is above */
    float *products;                /* [n] */
    uint32_t *n_category, *n_brand; /* [n] of the same above */
    size_t n_above;
} picking;

static bool breaks_cap(const picking *p, size_t i)
{
    const rk_pick_rule *r = p->rule;
    return (r->per_category && p->n_category[i] >= r->per_category) || (r->per_brand && p->n_brand[i] >= r->per_brand);
}

static unsigned tier_of(const picking *p, size_t i)
{
    const rk_candidate *c = &p->candidates[i];
    return c->is_buried ? 3 : c->is_fill ? 2 : breaks_cap(p, i) ? 1 : 0;
}

static double merit(const picking *p, size_t i)
{
    double value = p->candidates[i].value * p->scale;
    return p->rule->mmr < 1 ? p->rule->mmr * value - (1 - p->rule->mmr) * (double)p->likeness[i] : value;
}

static bool is_better(const picking *p, size_t a, double merit_a, size_t b, double merit_b)
{
    const rk_candidate *x = &p->candidates[a], *y = &p->candidates[b];
    if (merit_a != merit_b) {
        return merit_a > merit_b;
    }
    return x->value != y->value ? x->value > y->value : a < b;
}

static bool pinned_to(const picking *p, size_t place, size_t *out)
{
    for (size_t i = 0; i < p->n; i++) {
        if (!p->is_placed[i] && p->candidates[i].pin == place) {
            *out = i;
            return true;
        }
    }
    return false;
}

/* Pinned ones wait for their place. */
static bool find_best(const picking *p, size_t *out)
{
    unsigned best_tier = RK_TIERS;
    double best_merit = 0;
    for (size_t i = 0; i < p->n; i++) {
        if (p->is_placed[i] || p->candidates[i].pin > 0) {
            continue;
        }
        unsigned tier = tier_of(p, i);
        double m = tier <= best_tier ? merit(p, i) : 0;
        if (tier < best_tier || (tier == best_tier && is_better(p, i, m, *out, best_merit))) {
            best_tier = tier;
            best_merit = m;
            *out = i;
        }
    }
    return best_tier < RK_TIERS;
}

static bool find_last_pin(const picking *p, size_t *out)
{
    uint32_t least = UINT32_MAX;
    for (size_t i = 0; i < p->n; i++) {
        if (!p->is_placed[i] && p->candidates[i].pin > 0 && p->candidates[i].pin < least) {
            least = p->candidates[i].pin;
            *out = i;
        }
    }
    return least < UINT32_MAX;
}

static void note_alike(picking *p, size_t chosen)
{
    const rk_candidate *c = &p->candidates[chosen];
    const rk_pick_rule *r = p->rule;
    if (r->vector) {
        rk_kernels_best()->rows_f32(p->products, r->vector, r->dim, p->n, r->vector + chosen * r->dim, r->dim);
    }
    for (size_t i = 0; i < p->n; i++) {
        bool is_same = c->category != RK_NO_ID && p->candidates[i].category == c->category;
        float like = r->vector ? p->products[i] : is_same ? 1.0F : 0.0F;
        p->likeness[i] = p->n_above == 1 || like > p->likeness[i] ? like : p->likeness[i];
    }
}

static void place(picking *p, size_t chosen)
{
    const rk_candidate *c = &p->candidates[chosen];
    p->is_placed[chosen] = true;
    p->n_above++;
    for (size_t i = 0; i < p->n; i++) {
        p->n_category[i] += c->category != RK_NO_ID && p->candidates[i].category == c->category;
        p->n_brand[i] += c->brand != RK_NO_ID && p->candidates[i].brand == c->brand;
    }
    if (p->rule->mmr < 1) {
        note_alike(p, chosen);
    }
}

bool rk_pick(const rk_candidate *candidates, size_t n, const rk_pick_rule *rule, size_t n_places, rk_arena *arena,
             uint32_t *order, size_t *n_picked)
{
    picking p = {.candidates = candidates, .n = n, .rule = rule};
    size_t n_out = n < n_places ? n : n_places, chosen = 0;
    p.is_placed = RK_TAKE(arena, bool, n);
    p.likeness = RK_TAKE(arena, float, n);
    p.products = RK_TAKE(arena, float, n);
    p.n_category = RK_TAKE(arena, uint32_t, n);
    p.n_brand = RK_TAKE(arena, uint32_t, n);
    if (!p.is_placed || !p.likeness || !p.products || !p.n_category || !p.n_brand) {
        return false;
    }
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        most = candidates[i].value > most ? candidates[i].value : most;
    }
    p.scale = most > 0 ? 1 / most : 0;
    for (size_t at = 0; at < n_out; at++) {
        if (!pinned_to(&p, at + 1, &chosen) && !find_best(&p, &chosen) && !find_last_pin(&p, &chosen)) {
            break;
        }
        order[at] = (uint32_t)chosen;
        place(&p, chosen);
    }
    *n_picked = p.n_above;
    return true;
}
