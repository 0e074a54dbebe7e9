/* contrast_visit.c - one user's step: what was taken of a tile pulls nearer, a sample of the rest is pushed away.
 *
 * A visit takes up to VISIT_MAX of the user's events and draws `negatives` cards for each; every event stands against
 * all that were drawn. (With one negative each event is a visit of its own: BPR to the letter.) Scores come first, and
 * what follows from them are pulls: minus the gradient by the scores. Then vectors move once, from where they stood.
 *
 * What we do differently
 *   Most of the drawn pull next to nothing. So only about `moved` for each event are moved: whoever pulls more than the
 *   limit, and of the others one in so many by lot, with the limit for its pull, which leaves the expected step as it
 *   is. Scoring is a fraction of the work of moving, so many negatives cost little.
 *   A vector of length 1 stays so without being measured: |y + a x|^2 = 1 + 2 a <x, y> + a^2, and the score is known.
 *   Where little of y is left, as of one pushed away by a user that lies in its direction, what rounding made of its
 *   length grows by as much: such a vector is measured, and one of which nothing would be left stays where it is.
 *   A step is divided by the root of 1 plus the squared lengths of the row's gradients so far: AdaGrad (Duchi, Hazan,
 *   Singer, 2011) with one number for a row.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "math/random.h"
#include "model/contrast.h"

enum { VISIT_MAX = 32, ALIGN = 64, LINE = 16, AHEAD = 4 };
/* The least squared length that tells a direction, and from where on lengths of 1 are measured again. */
static const float SQUARE_MIN = 1e-6F, KEEP_MAX = 1.5F, SCORE_MAX = 1.0001F;

/* ---- losses ---- */

/* -log sigma(x) */
static double miss(double x) { return x > 0 ? log1p(exp(-x)) : log1p(exp(x)) - x; }

/* A taken item pulls w (1 - p); the drawn share the sum of that. */
static float pull_softly(const rk_contrast_aim *aim, const rk_contrast_match *m, double *loss)
{
    float top, sum = aim->kernels->soften(m->drawn, m->n_drawn, &top), total = 0;
    float level = top + logf(sum) + logf(aim->against / (float)m->n_drawn);
    for (size_t k = 0; k < m->n_taken; k++) {
        float ahead = m->taken[k] - level;
        *loss += aim->with_loss ? (double)m->weight[k] * miss((double)ahead) : 0;
        m->taken[k] = m->weight[k] / (1 + expf(ahead));
        total += m->taken[k];
    }
    for (size_t j = 0; j < m->n_drawn; j++) {
        m->drawn[j] *= total / sum;
    }
    return total;
}

/* A taken item pulls w sigma(-s), a drawn one sigma(s). */
static float pull_each(const rk_contrast_aim *aim, const rk_contrast_match *m, double *loss)
{
    float total = 0, weight = aim->negatives * (float)m->n_taken / (float)m->n_drawn;
    for (size_t k = 0; k < m->n_taken; k++) {
        *loss += aim->with_loss ? (double)m->weight[k] * miss((double)m->taken[k]) : 0;
        m->taken[k] = m->weight[k] / (1 + expf(m->taken[k]));
    }
    for (size_t j = 0; j < m->n_drawn && aim->with_loss; j++) {
        *loss += (double)weight * miss(-(double)m->drawn[j]);
    }
    aim->kernels->squash(m->drawn, m->n_drawn);
    for (size_t j = 0; j < m->n_drawn; j++) {
        m->drawn[j] *= weight;
        total += m->drawn[j];
    }
    return total;
}

float rk_contrast_pulls(const rk_contrast_aim *aim, const rk_contrast_match *match, double *loss)
{
    *loss = 0;
    return aim->loss == RK_CONTRAST_SOFTMAX ? pull_softly(aim, match, loss) : pull_each(aim, match, loss);
}

/* ---- a worker's room ---- */

static size_t up(size_t n) { return (n + RK_CONTRAST_LANES) / RK_CONTRAST_LANES * RK_CONTRAST_LANES; }

static size_t stamps_max(const rk_contrast_deal *deal) { return (deal->n_items + deal->n_blocks - 1) / deal->n_blocks; }

static size_t drawn_max(const rk_contrast *c)
{
    size_t block = stamps_max(&c->deal), wanted = c->s->negatives * VISIT_MAX;
    return up(block < wanted ? block : wanted);
}

size_t rk_contrast_room_bytes(const rk_contrast *c)
{
    size_t n = drawn_max(c) + VISIT_MAX, words = 5 * n + VISIT_MAX + c->width + RK_CONTRAST_LANES;
    return (up(words) + up(stamps_max(&c->deal))) * sizeof(float) + up(n) * sizeof(rk_contrast_move);
}

rk_status rk_contrast_room_init(rk_contrast_room *room, const rk_contrast *c, rk_error *err)
{
    size_t n = drawn_max(c);
    float *at = aligned_alloc(ALIGN, rk_contrast_room_bytes(c));
    room->block = at;
    if (!at) {
        return rk_fail_memory(err, "room to learn in");
    }
    memset(at, 0, rk_contrast_room_bytes(c));
    room->match.drawn = at;
    room->match.taken = at += n;
    room->gathered = at += VISIT_MAX;
    room->purse = at += c->width;
    room->score = at += RK_CONTRAST_LANES;
    room->match.weight = at += n + VISIT_MAX;
    room->moves = (rk_contrast_move *)(void *)(at += VISIT_MAX);
    room->drawn = (uint32_t *)(void *)(room->moves + n + VISIT_MAX);
    room->taken = room->drawn + n;
    room->chosen = room->taken + VISIT_MAX;
    room->stamp = room->chosen + n + VISIT_MAX;
    return RK_OK;
}

void rk_contrast_room_release(rk_contrast_room *room)
{
    free(room->block);
    *room = (rk_contrast_room){0};
}

/* ---- a visit ---- */

/* A block of items in their slots, and its cards. */
typedef struct {
    const uint32_t *items, *cards;
    size_t n, next;
    uint32_t first; /* slot */
} deck;

/* Events of one user in one tile, and those of them that are visited now. */
typedef struct {
    const rk_contrast_event *all, *now;
    size_t n_all, n_now;
} group;

/* The events at hand, and cards that the user has not taken, each once; at most once through the deck. */
static void draw(const rk_contrast *c, rk_contrast_room *room, deck *d, const group *g)
{
    uint32_t *stamp = room->stamp, visit = ++room->visit;
    size_t n = 0, n_wanted = c->s->negatives * g->n_now, n_left = d->n;
    for (size_t e = 0; e < g->n_all; e++) {
        stamp[g->all[e].slot - d->first] = visit;
    }
    while (n < n_wanted && n_left > 0) {
        size_t end = d->n - d->next < n_left ? d->n : d->next + n_left, from = d->next;
        for (; d->next < end && n < n_wanted; d->next++) {
            uint32_t place = d->cards[d->next] - d->first;
            room->drawn[n] = d->items[place];
            n += stamp[place] != visit;
            stamp[place] = visit;
        }
        n_left -= d->next - from;
        d->next = d->next < d->n ? d->next : 0;
    }
    room->match.n_drawn = n;
    room->match.n_taken = g->n_now;
    for (size_t e = 0; e < g->n_now; e++) {
        room->taken[e] = d->items[g->now[e].slot - d->first];
        room->match.weight[e] = g->now[e].weight;
    }
}

/* The step of a row whose gradient has this squared length. */
static float step_of(const rk_contrast *c, float *energy, float square)
{
    if (c->s->rates == RK_CONTRAST_EQUAL) {
        return c->rate;
    }
    *energy += square;
    return c->rate / sqrtf(1 + *energy);
}

/* score: <x, y>, of vectors of length 1. penalties: how often the vector is shrunk. */
static rk_contrast_move move_of(const rk_contrast *c, const rk_contrast_move *wanted, float score, float square,
                                float penalties)
{
    float step = step_of(c, &c->items.energy[wanted->row], wanted->pull * wanted->pull * square);
    float add = step * wanted->pull, keep = fmaxf(0, 1 - step * (float)c->s->lambda * penalties);
    if (c->aim.is_cosine) {
        float left = 1 + 2 * add * fmaxf(-1, fminf(score, 1)) + add * add;
        keep = left > SQUARE_MIN ? 1 / sqrtf(left) : 1;
        add = left > SQUARE_MIN ? add * keep : 0;
    }
    return (rk_contrast_move){wanted->row, wanted->pull, keep, add};
}

/* Who is to be moved: every taken item, and of the drawn those that the lots left a pull. */
static size_t choose(rk_contrast_room *room)
{
    const rk_contrast_match *m = &room->match;
    size_t n = 0;
    for (; n < m->n_taken; n++) {
        room->moves[n] = (rk_contrast_move){.row = room->taken[n], .pull = m->taken[n]};
    }
    for (size_t j = 0; j < m->n_drawn; j++) {
        if (m->drawn[j] > 0) {
            room->moves[n++] = (rk_contrast_move){.row = room->drawn[j], .pull = -m->drawn[j]};
        }
    }
    return n;
}

/* total: of the pulls of the drawn, before the lots. The drawn are shrunk as often as the taken, by their shares. */
static void plan(const rk_contrast *c, rk_contrast_room *room, const float *x, float total, size_t n)
{
    size_t n_taken = room->match.n_taken;
    float square = c->aim.is_cosine ? 1 : c->dots->dot_f32(x, x, c->width);
    if (c->aim.is_cosine) { /* pulls have taken the place of the scores, and few are needed */
        for (size_t k = 0; k < n; k++) {
            room->chosen[k] = room->moves[k].row;
        }
        c->aim.kernels->score(room->score, c->items.vector, room->chosen, n, x, 1, c->width);
    }
    for (size_t k = 0; k < n; k++) {
        float penalties = k < n_taken ? 1 : -room->moves[k].pull / total * (float)n_taken;
        room->moves[k] = move_of(c, &room->moves[k], room->score[k], square, penalties);
    }
}

static void scale(float *x, float by, size_t width)
{
    for (size_t d = 0; d < width; d++) {
        x[d] *= by;
    }
}

/* The few whose length may be off. */
static void straighten(const rk_contrast *c, const rk_contrast_room *room, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        if (room->moves[k].keep > KEEP_MAX || fabsf(room->score[k]) > SCORE_MAX) {
            float *y = c->items.vector + room->moves[k].row * c->width;
            scale(y, 1 / sqrtf(c->dots->dot_f32(y, y, c->width)), c->width);
        }
    }
}

static void move_user(const rk_contrast *c, uint32_t user, const rk_contrast_room *room)
{
    float *x = c->users.vector + user * c->width, *pull = room->gathered;
    if (!c->aim.is_cosine) {
        pull[c->dim] = 0; /* the column that is 1 */
    }
    float step = step_of(c, &c->users.energy[user], c->dots->dot_f32(pull, pull, c->width));
    float keep = fmaxf(0, 1 - step * (float)c->s->lambda * (float)room->match.n_taken);
    if (!c->aim.is_cosine) {
        scale(x, keep, c->width);
        x[c->dim] = 1;
    }
    c->dots->axpy_f32(x, pull, step, c->width);
    if (c->aim.is_cosine) {
        if (!(c->dots->dot_f32(x, x, c->width) > SQUARE_MIN)) {
            c->dots->axpy_f32(x, pull, -step, c->width);
        }
        scale(x, 1 / sqrtf(c->dots->dot_f32(x, x, c->width)), c->width);
    }
}

/* Returns the loss met, where it is asked for. */
static double visit(const rk_contrast *c, rk_contrast_room *room, deck *d, const group *g)
{
    const rk_contrast_kernels *kernels = c->aim.kernels;
    rk_contrast_match *m = &room->match;
    const float *x = c->users.vector + g->now->user * c->width;
    double loss;
    draw(c, room, d, g);
    if (m->n_drawn == 0) {
        return 0; /* the user has taken all of this block */
    }
    kernels->score(m->taken, c->items.vector, room->taken, m->n_taken, x, c->aim.scale, c->width);
    kernels->score(m->drawn, c->items.vector, room->drawn, m->n_drawn, x, c->aim.scale, c->width);
    float total = rk_contrast_pulls(&c->aim, m, &loss);
    if (c->s->moved > 0 && total > 0) {
        kernels->draw_lots(m->drawn, m->n_drawn, total / (float)(c->s->moved * m->n_taken), room->purse);
    }
    size_t n = choose(room);
    plan(c, room, x, total, n);
    memset(room->gathered, 0, c->width * sizeof *room->gathered);
    kernels->move(c->items.vector, room->moves, n, x, room->gathered, c->width);
    if (c->aim.is_cosine) {
        straighten(c, room, n);
    }
    for (size_t k = 0; c->n_used > c->dim + 1 && k < n; k++) {
        c->items.vector[room->moves[k].row * c->width + c->dim + 1] = 1;
    }
    move_user(c, g->now->user, room);
    return loss;
}

static void begin_tile(const rk_contrast *c, rk_contrast_room *room, size_t tile, uint64_t epoch, deck *d)
{
    const rk_contrast_deal *deal = &c->deal;
    size_t block = tile % deal->n_blocks;
    rk_random random = rk_random_of(c->run->seed, rk_contrast_stream(RK_CONTRAST_STREAM_TILE, epoch, tile));
    d->cards = deal->cards + deal->cards_start[block];
    d->n = deal->cards_start[block + 1] - deal->cards_start[block];
    d->next = d->n > 0 ? rk_random_below(&random, (uint32_t)d->n) : 0;
    d->first = rk_contrast_block_begin(deal, block);
    d->items = deal->item_at + d->first;
    memset(room->stamp, 0, stamps_max(deal) * sizeof *room->stamp);
    room->visit = 0;
    for (size_t l = 0; l < RK_CONTRAST_LANES; l++) {
        room->purse[l] = ((float)l + 0.5F) / RK_CONTRAST_LANES;
    }
}

/* The user whose turn comes soon. */
static void prefetch(const rk_contrast *c, uint32_t user)
{
    const float *x = c->users.vector + user * c->width;
    for (size_t d = 0; d < c->width; d += LINE) {
        __builtin_prefetch(x + d);
    }
    __builtin_prefetch(&c->users.energy[user]);
}

double rk_contrast_tile(const rk_contrast *c, rk_contrast_room *room, size_t tile, uint64_t epoch)
{
    const rk_contrast_event *event = c->deal.events + c->deal.start[tile];
    const rk_contrast_event *end = c->deal.events + c->deal.start[tile + 1];
    size_t most = c->s->negatives == 1 ? 1 : VISIT_MAX;
    double loss = 0;
    deck d;
    begin_tile(c, room, tile, epoch, &d);
    while (event < end) {
        group g = {.all = event, .now = event};
        while (event < end && event->user == g.all->user) {
            event++;
        }
        if (event + AHEAD < end) {
            prefetch(c, event[AHEAD].user);
        }
        g.n_all = (size_t)(event - g.all);
        for (; g.now < event; g.now += g.n_now) {
            g.n_now = (size_t)(event - g.now) < most ? (size_t)(event - g.now) : most;
            loss += visit(c, room, &d, &g);
        }
    }
    return loss;
}
