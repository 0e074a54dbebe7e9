/* ivf_search.c - from a query to the few items that are worth a product in floats.
 *
 * Candidates gather in a pool of twice what is wanted; when it is full the better half stays and its least score
 * becomes the limit, which for each list is a whole number that sums of bytes are compared with. So most items of a
 * list are passed over 32 at a time.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ann/ann_inside.h"
#include "ann/ivf.h"
#include "base/map.h"
#include "math/dot.h"

enum { SUM_MAX = 65535, BYTE_MAX = 255 };

static rk_ivf_key key_of(float score, uint32_t number)
{
    uint32_t bits;
    score += 0.0F; /* no -0 */
    memcpy(&bits, &score, sizeof bits);
    bits ^= bits >> 31 ? UINT32_MAX : 0x80000000u;
    return (rk_ivf_key)bits << 32 | (UINT32_MAX - number);
}

uint32_t rk_ivf_number(rk_ivf_key key) { return UINT32_MAX - (uint32_t)key; }

static float score_of(rk_ivf_key key)
{
    uint32_t bits = (uint32_t)(key >> 32);
    float score;
    bits ^= bits >> 31 ? 0x80000000u : UINT32_MAX;
    memcpy(&score, &bits, sizeof score);
    return score;
}

/* Hoare's partition of keys low .. high, two at least: returns j below high, keys up to j are no smaller than those
 * behind. */
static size_t partition(rk_ivf_key *keys, size_t low, size_t high)
{
    rk_ivf_key pivot = keys[low + (high - low) / 2];
    size_t i = low, j = high;
    for (;; i++, j--) {
        while (keys[i] > pivot) {
            i++;
        }
        while (keys[j] < pivot) {
            j--;
        }
        if (i >= j) {
            return j < high ? j : j - 1;
        }
        rk_ivf_key other = keys[i];
        keys[i] = keys[j];
        keys[j] = other;
    }
}

/* Moves the n largest of keys to the front; 1 <= n < n_keys. */
static void select_best(rk_ivf_key *keys, size_t n_keys, size_t n)
{
    size_t low = 0, high = n_keys - 1;
    while (low < high) {
        size_t split = partition(keys, low, high);
        if (n - 1 <= split) {
            high = split;
        } else {
            low = split + 1;
        }
    }
}

/* ---- a desk ---- */

rk_status rk_ivf_desk_new(const rk_ivf *ivf, rk_ivf_desk **out, rk_error *err)
{
    rk_ivf_desk *desk = calloc(1, sizeof *desk);
    if (desk) {
        desk->query = malloc(ivf->dim * sizeof *desk->query);
        desk->scores = malloc(ivf->n_lists * sizeof *desk->scores);
        desk->list = malloc(ivf->n_lists * sizeof *desk->list);
        desk->list_score = malloc(ivf->n_lists * sizeof *desk->list_score);
        desk->exact = malloc(ivf->n_parts * ivf->n_words * sizeof *desk->exact);
        desk->table = malloc(ivf->n_parts * ivf->n_words);
    }
    if (!desk || !desk->query || !desk->scores || !desk->list || !desk->list_score || !desk->exact || !desk->table) {
        rk_ivf_desk_free(desk);
        return rk_fail_memory(err, "a desk");
    }
    *out = desk;
    return RK_OK;
}

void rk_ivf_desk_free(rk_ivf_desk *desk)
{
    if (desk) {
        free(desk->query);
        free(desk->scores);
        free(desk->list);
        free(desk->list_score);
        rk_topk_free(desk->topk);
        free(desk->exact);
        free(desk->table);
        free(desk->candidate);
        free(desk);
    }
}

static rk_status make_room(rk_ivf_desk *desk, size_t n_lists, size_t n_wanted, rk_error *err)
{
    size_t room = 2 * n_wanted + RK_IVF_BLOCK;
    desk->n_candidates = 0;
    if (desk->n_topk != n_lists) {
        rk_topk_free(desk->topk);
        desk->topk = rk_topk_new(n_lists);
        desk->n_topk = desk->topk ? n_lists : 0;
    }
    if (desk->room < room) {
        free(desk->candidate);
        desk->candidate = malloc(room * sizeof *desk->candidate);
        desk->room = desk->candidate ? room : 0;
    }
    return desk->topk && desk->candidate ? RK_OK : rk_fail_memory(err, "candidates");
}

/* ---- a query ---- */

/* Products with all words; each number of the query with sixteen at once. */
static void multiply_words(const rk_ivf *ivf, rk_ivf_desk *desk)
{
    size_t n_words = ivf->n_words;
    for (size_t p = 0; p < ivf->n_parts; p++) {
        float *sum = desk->exact + p * n_words;
        memset(sum, 0, n_words * sizeof *sum);
        for (size_t d = ivf->part[p]; d < ivf->part[p + 1]; d++) {
            const float *word = ivf->word + d * n_words;
            float value = desk->query[d];
            for (size_t w = 0; w < n_words; w += RK_IVF_WORDS) {
                for (size_t l = 0; l < RK_IVF_WORDS; l++) {
                    sum[w + l] += value * word[w + l];
                }
            }
        }
    }
}

/* The same step for all parts, so that bytes add up: as fine as the widest part allows. */
static void fill_table(const rk_ivf *ivf, rk_ivf_desk *desk)
{
    float widest = 0, least[RK_IVF_PARTS_MAX];
    desk->offset = 0;
    for (size_t p = 0; p < ivf->n_parts; p++) {
        const float *sum = desk->exact + p * ivf->n_words;
        float low = sum[0], high = sum[0];
        for (size_t w = 1; w < ivf->n_words; w++) {
            low = sum[w] < low ? sum[w] : low;
            high = sum[w] > high ? sum[w] : high;
        }
        widest = high - low > widest ? high - low : widest;
        least[p] = low;
        desk->offset += low;
    }
    desk->step = widest / BYTE_MAX;
    float inverse = desk->step > 0 ? 1 / desk->step : 0;
    for (size_t p = 0; p < ivf->n_parts; p++) {
        for (size_t w = p * ivf->n_words; w < (p + 1) * ivf->n_words; w++) {
            float value = (desk->exact[w] - least[p]) * inverse + .5F;
            desk->table[w] = value < BYTE_MAX ? (uint8_t)(value > 0 ? value : 0) : BYTE_MAX;
        }
    }
}

typedef struct {
    const rk_ivf *ivf;
    rk_ivf_desk *desk;
    size_t n_wanted;
    const uint64_t *barred;
    rk_ivf_kernel *kernel;
    float least; /* of the candidates' scores, once there are enough */
} collecting;

/* The sum that an item of a list needs; past SUM_MAX: none has it. */
static uint32_t sum_needed(const collecting *c, float list_score)
{
    float sum = (c->least - list_score - c->desk->offset) / c->desk->step;
    return !(sum > 0) ? 0 : sum > SUM_MAX ? SUM_MAX + 1 : (uint32_t)ceilf(sum);
}

static void keep_best(collecting *c)
{
    rk_ivf_desk *desk = c->desk;
    select_best(desk->candidate, desk->n_candidates, c->n_wanted);
    rk_ivf_key worst = desk->candidate[0];
    for (size_t i = 1; i < c->n_wanted; i++) {
        worst = desk->candidate[i] < worst ? desk->candidate[i] : worst;
    }
    desk->n_candidates = c->n_wanted;
    c->least = score_of(worst);
}

/* The items of one block that reach the sum; afterwards there is room for a block more. */
static void take_block(collecting *c, const uint32_t *item, const uint16_t *sum, uint32_t may, float list_score)
{
    rk_ivf_desk *desk = c->desk;
    for (; may; may &= may - 1) {
        size_t i = (size_t)__builtin_ctz(may);
        if (item[i] != RK_NO_ID && !(c->barred && rk_bit(c->barred, item[i]))) {
            float score = list_score + (desk->offset + desk->step * (float)sum[i]);
            desk->candidate[desk->n_candidates++] = key_of(score, item[i]);
        }
    }
    if (desk->n_candidates >= 2 * c->n_wanted) {
        keep_best(c);
    }
}

static void scan_list(collecting *c, size_t list, float list_score)
{
    const rk_ivf *ivf = c->ivf;
    rk_ivf_desk *desk = c->desk;
    size_t block_bytes = ivf->n_parts * rk_ivf_line(ivf->n_words);
    for (size_t b = ivf->start[list], end = ivf->start[list + 1]; b < end; b += RK_IVF_STRIPE) {
        rk_ivf_scan scan = {ivf->code + b * block_bytes, desk->table, ivf->n_parts,
                            end - b < RK_IVF_STRIPE ? end - b : RK_IVF_STRIPE, sum_needed(c, list_score)};
        if (scan.least > SUM_MAX) {
            return;
        }
        c->kernel(&scan, desk->sum, desk->may);
        for (size_t i = 0; i < scan.n_blocks; i++) {
            if (desk->may[i]) {
                take_block(c, ivf->item + (b + i) * RK_IVF_BLOCK, desk->sum + i * RK_IVF_BLOCK, desk->may[i],
                           list_score);
            }
        }
    }
}

/* The best lists, in order. */
static rk_status rank_lists(const rk_ivf *ivf, rk_ivf_desk *desk, size_t n_lists, size_t n_wanted, rk_error *err)
{
    rk_status status = make_room(desk, n_lists, n_wanted, err);
    if (!status) {
        rk_topk_clear(desk->topk);
        rk_topk_offer(desk->topk, 0, desk->scores, ivf->n_lists, NULL, 0);
        desk->n_topk = n_lists;
    }
    return status;
}

rk_status rk_ivf_collect(const rk_ivf *ivf, rk_ivf_desk *desk, const float *query, size_t n_lists, size_t n_wanted,
                         size_t n_least, const uint64_t *barred, rk_error *err)
{
    const rk_kernels *kernels = rk_kernels_best();
    collecting c = {ivf, desk, n_wanted, barred, rk_ivf_kernel_best(ivf->n_words), -INFINITY};
    kernels->rows_f32(desk->query, ivf->turn, ivf->dim, ivf->dim, query, ivf->dim);
    kernels->rows_f32(desk->scores, ivf->centre, ivf->dim, ivf->n_lists, desk->query, ivf->dim);
    multiply_words(ivf, desk);
    fill_table(ivf, desk);
    for (size_t done = 0; done < ivf->n_lists && (done == 0 || desk->n_candidates < n_least);) {
        size_t n = done == 0 ? n_lists : ivf->n_lists; /* few that are not barred: in the order of all */
        size_t kept = done == 0 ? 0 : desk->n_candidates;
        rk_status status = rank_lists(ivf, desk, n, n_wanted, err);
        if (status) {
            return status;
        }
        desk->n_candidates = kept;
        size_t n_ranked = rk_topk_take(desk->topk, desk->list, desk->list_score);
        for (; done < n_ranked && (done < n_lists || desk->n_candidates < n_least); done++) {
            scan_list(&c, desk->list[done], desk->list_score[done]);
        }
        if (n_ranked < n) { /* scores that are no numbers, of a damaged file */
            break;
        }
    }
    if (desk->n_candidates > n_wanted) {
        keep_best(&c);
    }
    return RK_OK;
}
