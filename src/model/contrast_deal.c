/* contrast_deal.c - who is met with what, and in which order: every epoch is dealt anew.
 *
 * Users and items are shuffled and cut into blocks, and a tile is the events between one block of each. Tiles on one
 * diagonal touch different users and items, so they are learnt side by side, and a barrier separates the diagonals
 * (Gemulla et al., "Large-scale matrix factorization with distributed stochastic gradient descent", 2011). The vectors
 * of a block of items fit a second-level cache.
 *
 * What we do differently: negatives come from the tile's own block of items. So a user's events of the tile, which
 * stand together, are all that the user took of that block, and what was taken is never drawn, at no cost. And they are
 * drawn like cards: an item lies in its block's deck as often as popularity^beta says, the deck is shuffled and dealt
 * from the top. No random number is drawn for a negative, and none comes again before all others have come.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/random.h"
#include "model/contrast.h"

enum { BLOCKS_MIN = 16, BLOCKS_MAX = 256, BLOCK_BYTES = 1 << 19, BLOCK_ITEMS_MIN = 128, BLOCKED_EVENTS_MIN = 20000 };

static size_t choose_blocks(const rk_csr *taken, size_t width)
{
    size_t bytes = (size_t)taken->n_cols * width * sizeof(float), n = bytes / BLOCK_BYTES + 1;
    size_t most = taken->n_cols / BLOCK_ITEMS_MIN;
    most = most < taken->n_rows ? most : taken->n_rows;
    most = most < BLOCKS_MAX ? most : BLOCKS_MAX;
    n = n > BLOCKS_MIN ? n : BLOCKS_MIN;
    n = n < most ? n : most;
    return n < 1 || taken->start[taken->n_rows] < BLOCKED_EVENTS_MIN ? 1 : n;
}

/* weight[i]: what the decks hold of item i on the average; 1 for all of equal popularity. */
static void weigh_items(const rk_csr *taken, double popularity, float *weight)
{
    uint64_t n_events = taken->start[taken->n_rows];
    double sum = 0;
    for (uint64_t e = 0; e < n_events; e++) {
        weight[taken->col[e]] += 1;
    }
    for (uint32_t i = 0; i < taken->n_cols; i++) {
        weight[i] = (float)pow(weight[i] > 1 ? (double)weight[i] : 1, popularity);
        sum += (double)weight[i];
    }
    for (uint32_t i = 0; i < taken->n_cols; i++) {
        weight[i] = (float)((double)weight[i] * taken->n_cols / sum);
    }
}

rk_status rk_contrast_deal_init(rk_contrast_deal *deal, const rk_csr *taken, size_t width, double popularity,
                                double alpha, rk_error *err)
{
    size_t n_blocks = choose_blocks(taken, width), n_items = taken->n_cols, n_users = taken->n_rows;
    deal->n_blocks = n_blocks;
    deal->n_users = taken->n_rows;
    deal->n_items = taken->n_cols;
    deal->alpha = (float)alpha;
    deal->item_at = malloc((n_items + 1) * sizeof *deal->item_at);
    deal->slot_of = malloc((n_items + 1) * sizeof *deal->slot_of);
    deal->block_of = malloc((n_items + 1) * sizeof *deal->block_of);
    deal->user_at = malloc((n_users + 1) * sizeof *deal->user_at);
    deal->events = malloc((taken->start[n_users] + 1) * sizeof *deal->events);
    deal->start = calloc(n_blocks * n_blocks + 1, sizeof *deal->start);
    deal->weight = calloc(n_items + 1, sizeof *deal->weight);
    deal->cards = malloc((n_items + 2) * sizeof *deal->cards);
    deal->cards_start = calloc(n_blocks + 1, sizeof *deal->cards_start);
    if (!deal->item_at || !deal->slot_of || !deal->block_of || !deal->user_at || !deal->events || !deal->start ||
        !deal->weight || !deal->cards || !deal->cards_start) {
        return rk_fail_memory(err, "tiles of events");
    }
    weigh_items(taken, popularity, deal->weight);
    return RK_OK;
}

void rk_contrast_deal_release(rk_contrast_deal *deal)
{
    free(deal->item_at);
    free(deal->slot_of);
    free(deal->block_of);
    free(deal->user_at);
    free(deal->events);
    free(deal->start);
    free(deal->weight);
    free(deal->cards);
    free(deal->cards_start);
    *deal = (rk_contrast_deal){0};
}

/* ---- blocks ---- */

static uint32_t begin_of(uint32_t n, size_t n_blocks, size_t block)
{
    return (uint32_t)((block * n + n_blocks - 1) / n_blocks);
}

uint32_t rk_contrast_block_begin(const rk_contrast_deal *deal, size_t block)
{
    return begin_of(deal->n_items, deal->n_blocks, block);
}

/* ---- an epoch ---- */

/* In place, all orders alike. */
static void mix(rk_random *random, uint32_t *values, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        uint32_t j = rk_random_below(random, (uint32_t)i), before = values[i - 1];
        values[i - 1] = values[j];
        values[j] = before;
    }
}

/* As many cards as the weights say: what they leave over below 1 is carried on to the next item. */
static void fill_decks(rk_contrast_deal *deal, rk_random *random)
{
    double carried = rk_random_uniform(random);
    uint64_t n = 0;
    for (size_t block = 0; block < deal->n_blocks; block++) {
        uint32_t end = rk_contrast_block_begin(deal, block + 1);
        deal->cards_start[block] = n;
        for (uint32_t slot = rk_contrast_block_begin(deal, block); slot < end; slot++) {
            carried += (double)deal->weight[deal->item_at[slot]];
            for (; carried >= 1 && n <= deal->n_items; carried--) {
                deal->cards[n++] = slot;
            }
        }
        mix(random, deal->cards + deal->cards_start[block], n - deal->cards_start[block]);
    }
    deal->cards_start[deal->n_blocks] = n;
}

static void place_items(rk_contrast_deal *deal, rk_random *random)
{
    rk_random_shuffle(random, deal->item_at, deal->n_items);
    for (size_t block = 0; block < deal->n_blocks; block++) {
        uint32_t end = rk_contrast_block_begin(deal, block + 1);
        for (uint32_t slot = rk_contrast_block_begin(deal, block); slot < end; slot++) {
            deal->slot_of[deal->item_at[slot]] = slot;
            deal->block_of[deal->item_at[slot]] = (uint16_t)block;
        }
    }
}

/* Where the tiles of each block of users begin. */
static void place_users(rk_contrast_deal *deal, const rk_csr *taken, rk_random *random)
{
    uint64_t n = 0;
    rk_random_shuffle(random, deal->user_at, deal->n_users);
    for (size_t block = 0; block < deal->n_blocks; block++) {
        uint32_t end = begin_of(deal->n_users, deal->n_blocks, block + 1);
        deal->start[block * deal->n_blocks] = n;
        for (uint32_t p = begin_of(deal->n_users, deal->n_blocks, block); p < end; p++) {
            n += taken->start[deal->user_at[p] + 1] - taken->start[deal->user_at[p]];
        }
    }
    deal->start[deal->n_blocks * deal->n_blocks] = n;
}

typedef struct {
    rk_contrast_deal *deal;
    const rk_csr *taken;
} spread_job;

/* Fills the tiles of one block of users: a stretch of events that is theirs alone. */
static void spread_block(void *context, rk_span span)
{
    const spread_job *job = context;
    rk_contrast_deal *deal = job->deal;
    const rk_csr *taken = job->taken;
    uint64_t *start = deal->start + span.begin * deal->n_blocks, next[BLOCKS_MAX + 1] = {start[0]};
    const uint32_t *user = deal->user_at + begin_of(deal->n_users, deal->n_blocks, span.begin);
    const uint32_t *end = deal->user_at + begin_of(deal->n_users, deal->n_blocks, span.begin + 1);
    for (const uint32_t *u = user; u < end; u++) {
        for (uint64_t e = taken->start[*u]; e < taken->start[*u + 1]; e++) {
            next[deal->block_of[taken->col[e]] + 1]++;
        }
    }
    for (size_t b = 0; b < deal->n_blocks; b++) {
        start[b] = next[b];
        next[b + 1] += next[b];
    }
    for (const uint32_t *u = user; u < end; u++) {
        for (uint64_t e = taken->start[*u]; e < taken->start[*u + 1]; e++) {
            uint32_t item = taken->col[e];
            float weight = rk_contrast_weight(deal->alpha, taken->value ? taken->value[e] : 1);
            deal->events[next[deal->block_of[item]]++] = (rk_contrast_event){*u, deal->slot_of[item], weight};
        }
    }
}

void rk_contrast_deal_epoch(rk_contrast_deal *deal, const rk_csr *taken, uint64_t epoch, const rk_run *run)
{
    rk_random random = rk_random_of(run->seed, rk_contrast_stream(RK_CONTRAST_STREAM_DEAL, epoch, 0));
    spread_job job = {deal, taken};
    place_items(deal, &random);
    place_users(deal, taken, &random);
    fill_decks(deal, &random);
    rk_parallel_for(run->pool, deal->n_blocks, 1, spread_block, &job);
}
