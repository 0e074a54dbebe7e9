/* test_contrast.c - bpr and logistic: their losses against finite differences, an epoch against the obvious one in
 * double, the lots against what they must keep, and what comes of it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "math/random.h"
#include "model/contrast.h"
#include "support/faults.h"
#include "support/test.h"

static double uniform(uint64_t *seed) { return (double)test_random(seed) / 2147483648.0; }

/* ---- losses ---- */

enum { TAKEN = 3, DRAWN = 21 };

static double miss(double x) { return log(1 + exp(-x)); }

/* The definitions of contrast.h, for any scores. */
static double reference_loss(rk_contrast_loss loss, double against, double negatives, const double *taken,
                             const double *weight, size_t n_taken, const double *drawn, size_t n_drawn)
{
    double sum = 0, mean = 0;
    for (size_t j = 0; j < n_drawn; j++) {
        mean += exp(drawn[j]) / (double)n_drawn;
    }
    for (size_t k = 0; k < n_taken; k++) {
        sum += weight[k] *
               (loss == RK_CONTRAST_SOFTMAX ? -log(exp(taken[k]) / (exp(taken[k]) + against * mean)) : miss(taken[k]));
    }
    for (size_t j = 0; j < n_drawn && loss == RK_CONTRAST_LOGISTIC; j++) {
        sum += negatives * (double)n_taken / (double)n_drawn * miss(-drawn[j]);
    }
    return sum;
}

static void pulls_are_the_gradient_of_the_loss(void **state)
{
    (void)state;
    const double nudge = 1e-5, against = 37, negatives = 5;
    for (int loss = RK_CONTRAST_SOFTMAX; loss <= RK_CONTRAST_LOGISTIC; loss++) {
        uint64_t seed = 5;
        double score[TAKEN + DRAWN], weight[TAKEN] = {1, 2.5, 0.5}, met;
        float taken[TAKEN], weights[TAKEN];
        _Alignas(64) float drawn[32];
        for (size_t k = 0; k < TAKEN + DRAWN; k++) {
            score[k] = 6 * uniform(&seed) - 3;
            *(k < TAKEN ? &taken[k] : &drawn[k - TAKEN]) = (float)score[k];
        }
        for (size_t k = 0; k < TAKEN; k++) {
            weights[k] = (float)weight[k];
        }
        rk_contrast_aim aim = {
            rk_contrast_kernels_best(), (rk_contrast_loss)loss, false, true, 1, (float)against, (float)negatives};
        rk_contrast_match match = {taken, weights, drawn, TAKEN, DRAWN};
        double total = (double)rk_contrast_pulls(&aim, &match, &met), sum = 0;
        double wanted = reference_loss(aim.loss, against, negatives, score, weight, TAKEN, score + TAKEN, DRAWN);
        assert_true(fabs(met - wanted) < 1e-5 * wanted);
        for (size_t k = 0; k < TAKEN + DRAWN; k++) {
            double at[TAKEN + DRAWN], side[2];
            for (int s = 0; s < 2; s++) {
                memcpy(at, score, sizeof at);
                at[k] += s ? nudge : -nudge;
                side[s] = reference_loss(aim.loss, against, negatives, at, weight, TAKEN, at + TAKEN, DRAWN);
            }
            double slope = (side[1] - side[0]) / (2 * nudge);
            assert_true(fabs((k < TAKEN ? -(double)taken[k] : (double)drawn[k - TAKEN]) - slope) < 1e-5);
            sum += k < TAKEN ? 0 : (double)drawn[k - TAKEN];
        }
        assert_true(fabs(total - sum) < 1e-5);
    }
}

/* ---- kernels ---- */

static size_t kernels_here(const rk_contrast_kernels *out[3])
{
    size_t n = 0;
    out[n++] = &rk_contrast_kernels_generic;
#if defined(__x86_64__)
    const rk_kernels *all[4];
    size_t n_all = rk_kernels_all(all, 4);
    for (size_t i = 0; i < n_all; i++) {
        if (strcmp(all[i]->name, "avx2") == 0) {
            out[n++] = &rk_contrast_kernels_avx2;
        } else if (strcmp(all[i]->name, "avx512") == 0) {
            out[n++] = &rk_contrast_kernels_avx512;
        }
    }
#endif
    return n;
}

enum { ROWS = 40, WIDTH_MAX = 208 };

/* Rows of random numbers, one of them x. */
typedef struct {
    _Alignas(64) float rows[ROWS * WIDTH_MAX];
    _Alignas(64) float x[WIDTH_MAX];
    _Alignas(64) float out[64];
    uint32_t id[ROWS];
} numbers;

static numbers *new_numbers(uint64_t seed)
{
    numbers *n = aligned_alloc(64, (sizeof *n + 63) / 64 * 64);
    assert_non_null(n);
    for (size_t k = 0; k < ROWS * WIDTH_MAX; k++) {
        n->rows[k] = (float)(2 * uniform(&seed) - 1);
    }
    for (size_t k = 0; k < WIDTH_MAX; k++) {
        n->x[k] = (float)(2 * uniform(&seed) - 1);
    }
    for (uint32_t r = 0; r < ROWS; r++) {
        n->id[r] = (r * 7 + 3) % ROWS; /* each once */
    }
    return n;
}

static void every_kernel_scores_and_moves_like_plain_loops(void **state)
{
    (void)state;
    const rk_contrast_kernels *kernels[3];
    size_t n_kernels = kernels_here(kernels);
    for (size_t k = 0; k < n_kernels; k++) {
        for (size_t width = 16; width <= WIDTH_MAX; width += 48) {
            numbers *a = new_numbers(width), *b = new_numbers(width);
            rk_contrast_move moves[ROWS];
            _Alignas(64) float gathered[WIDTH_MAX] = {0};
            double wanted[WIDTH_MAX] = {0};
            size_t n = 11;
            kernels[k]->score(a->out, a->rows, a->id, n, a->x, 0.5F, width);
            for (size_t j = 0; j < n; j++) {
                double score = 0;
                moves[j] = (rk_contrast_move){a->id[j], 0.1F * (float)j, 0.9F, -0.2F};
                for (size_t d = 0; d < width; d++) {
                    double y = (double)b->rows[b->id[j] * width + d], x = (double)b->x[d];
                    score += 0.5 * x * y;
                    wanted[d] += (double)moves[j].pull * y;
                    b->rows[b->id[j] * width + d] = (float)(0.9 * y - 0.2 * x);
                }
                assert_true(fabs((double)a->out[j] - score) < 1e-5);
            }
            kernels[k]->move(a->rows, moves, n, a->x, gathered, width);
            for (size_t d = 0; d < ROWS * width; d++) {
                assert_true(fabsf(a->rows[d] - b->rows[d]) < 1e-6F);
            }
            for (size_t d = 0; d < width; d++) {
                assert_true(fabs((double)gathered[d] - wanted[d]) < 1e-5);
            }
            free(a);
            free(b);
        }
    }
}

static void every_kernel_knows_the_exponential(void **state)
{
    (void)state;
    const rk_contrast_kernels *kernels[3];
    size_t n_kernels = kernels_here(kernels);
    for (size_t k = 0; k < n_kernels; k++) {
        for (size_t n = 1; n <= 37; n += 4) {
            uint64_t seed = n;
            _Alignas(64) float soft[48], squashed[48];
            float value[48], top = -1000, most;
            double sum = 0;
            for (size_t j = 0; j < n; j++) {
                value[j] = soft[j] = squashed[j] = j == 5 ? -900 : (float)(60 * uniform(&seed) - 30);
                top = value[j] > top ? value[j] : top;
            }
            double got = (double)kernels[k]->soften(soft, n, &most);
            kernels[k]->squash(squashed, n);
            for (size_t j = 0; j < n; j++) {
                double e = exp((double)(value[j] - top)), s = 1 / (1 + exp(-(double)value[j]));
                assert_true(fabs((double)soft[j] - e) <= 4e-7 * e + 1e-37);
                assert_true(fabs((double)squashed[j] - s) <= 4e-7 * s + 1e-37);
                sum += e;
            }
            assert_true(most == top && fabs(got - sum) < 1e-6 * sum);
        }
    }
}

static void lots_pay_out_what_was_paid_in(void **state)
{
    (void)state;
    enum { ROUNDS = 400, N = 45 };
    const rk_contrast_kernels *kernels[3];
    size_t n_kernels = kernels_here(kernels);
    for (size_t k = 0; k < n_kernels; k++) {
        uint64_t seed = 3;
        _Alignas(64) float purse[RK_CONTRAST_LANES] = {0}, value[48];
        double in = 0, out = 0;
        for (size_t round = 0; round < ROUNDS; round++) {
            float before[N];
            for (size_t j = 0; j < N; j++) {
                before[j] = value[j] = (float)pow(uniform(&seed), 6) * 2;
                in += (double)value[j];
            }
            kernels[k]->draw_lots(value, N, 1, purse);
            for (size_t j = 0; j < N; j++) {
                assert_true(value[j] == 0 || value[j] == 1 || value[j] == before[j]);
                assert_true(before[j] < 1 || value[j] == before[j]);
                out += (double)value[j];
            }
        }
        assert_true(fabs(in - out) <= RK_CONTRAST_LANES + 0.01); /* what is left in the purses */
    }
}

/* ---- an epoch ---- */

/* The same training as contrast.c's without its kernels: double precision, plain loops, whole histories searched. */
typedef struct {
    const rk_contrast_settings *s;
    rk_contrast_loss loss;
    const rk_csr *taken;
    size_t dim, wide;
    uint32_t n_users, n_items;
    double *x, *y, *energy_x, *energy_y; /* x: [n_users x wide] */
    double rate;
    bool is_cosine;
} plain;

static double inner(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t d = 0; d < n; d++) {
        sum += a[d] * b[d];
    }
    return sum;
}

static void plain_start(const plain *p, double *v, uint32_t n, uint64_t stream, size_t one)
{
    for (size_t r = 0; r < n; r++) {
        rk_random random = rk_random_of(1, rk_contrast_stream(stream, 0, r));
        double *at = v + r * p->wide, length = 0;
        for (size_t d = 0; d < p->dim; d++) {
            at[d] = 0.1 / sqrt((double)p->dim) * rk_random_normal(&random);
            length += at[d] * at[d];
        }
        for (size_t d = 0; p->is_cosine && d < p->dim; d++) {
            at[d] /= sqrt(length);
        }
        if (one < p->wide) {
            at[one] = 1;
        }
    }
}

static bool has_taken(const rk_csr *taken, uint32_t user, uint32_t item)
{
    for (uint64_t e = taken->start[user]; e < taken->start[user + 1]; e++) {
        if (taken->col[e] == item) {
            return true;
        }
    }
    return false;
}

static double plain_step(const plain *p, double *energy, double square)
{
    *energy += square;
    return p->s->rates == RK_CONTRAST_EQUAL ? p->rate : p->rate / sqrt(1 + *energy);
}

static void plain_move(const plain *p, double *v, const double *by, double step, double penalties, size_t one)
{
    double square = 0;
    for (size_t d = 0; d < p->wide; d++) {
        v[d] = (p->is_cosine ? 1 : fmax(0, 1 - step * p->s->lambda * penalties)) * v[d] + step * by[d];
        square += v[d] * v[d];
    }
    for (size_t d = 0; p->is_cosine && d < p->wide; d++) {
        v[d] /= sqrt(square);
    }
    if (!p->is_cosine && one < p->wide) {
        v[one] = 1;
    }
}

/* Slopes of reference_loss by every score, from differences. */
static void slopes(const plain *p, double against, double *score, const double *weight, size_t n_taken, size_t n_drawn,
                   double *out)
{
    double scale = 1e-4;
    for (size_t k = 0; k < n_taken + n_drawn; k++) {
        double at = score[k], side[2];
        for (int s = 0; s < 2; s++) {
            score[k] = at + (s ? scale : -scale);
            side[s] = reference_loss(p->loss, against, (double)p->s->negatives, score, weight, n_taken, score + n_taken,
                                     n_drawn);
        }
        score[k] = at;
        out[k] = (side[1] - side[0]) / (2 * scale);
    }
}

enum { VISIT_ITEMS = 400 };

static void plain_visit(plain *p, uint32_t user, const uint32_t *item, const double *weight, size_t n_taken,
                        size_t n_drawn)
{
    double score[VISIT_ITEMS], slope[VISIT_ITEMS], old_x[64], pull[64] = {0}, step[64], total = 0;
    double *x = p->x + user * p->wide, scale = p->is_cosine ? 1 / p->s->temperature : 1;
    double against = p->s->against > 0 ? p->s->against : p->n_items;
    size_t one_x = p->dim, one_y = p->dim + 1;
    for (size_t k = 0; k < n_taken + n_drawn; k++) {
        score[k] = scale * inner(x, p->y + item[k] * p->wide, p->wide);
    }
    slopes(p, against, score, weight, n_taken, n_drawn, slope);
    for (size_t j = 0; j < n_drawn; j++) {
        total += slope[n_taken + j];
    }
    memcpy(old_x, x, p->wide * sizeof *x);
    for (size_t k = 0; k < n_taken + n_drawn; k++) {
        double *y = p->y + item[k] * p->wide;
        for (size_t d = 0; d < p->wide; d++) {
            pull[d] -= slope[k] * y[d];
            step[d] = -slope[k] * old_x[d];
        }
        double square = slope[k] * slope[k] * inner(old_x, old_x, p->wide);
        double penalties = k < n_taken ? 1 : slope[k] / total * (double)n_taken;
        plain_move(p, y, step, plain_step(p, &p->energy_y[item[k]], square), penalties, one_y);
    }
    pull[p->is_cosine ? 63 : one_x] = 0;
    plain_move(p, x, pull, plain_step(p, &p->energy_x[user], inner(pull, pull, p->wide)), (double)n_taken, one_x);
}

/* Cards from the top that the user has not taken in all the history, each once, at most once through the deck. */
static size_t plain_draw(const plain *p, const rk_contrast_deal *deal, size_t block, uint32_t user, uint64_t *next,
                         uint32_t *item, size_t n_wanted)
{
    uint64_t n_cards = deal->cards_start[block + 1] - deal->cards_start[block];
    size_t n = 0;
    for (uint64_t tries = 0; tries < n_cards && n < n_wanted; tries++) {
        uint32_t drawn = deal->item_at[deal->cards[deal->cards_start[block] + *next]];
        bool is_new = !has_taken(p->taken, user, drawn);
        for (size_t j = 0; j < n; j++) {
            is_new &= item[j] != drawn;
        }
        *next = (*next + 1) % n_cards;
        item[n] = drawn;
        n += is_new;
    }
    return n;
}

static void plain_tile(plain *p, const rk_contrast_deal *deal, uint64_t epoch, size_t tile)
{
    size_t block = tile % deal->n_blocks, most = p->s->negatives == 1 ? 1 : 32;
    rk_random random = rk_random_of(1, rk_contrast_stream(RK_CONTRAST_STREAM_TILE, epoch, tile));
    uint64_t n_cards = deal->cards_start[block + 1] - deal->cards_start[block];
    uint64_t next = rk_random_below(&random, (uint32_t)n_cards);
    for (uint64_t e = deal->start[tile]; e < deal->start[tile + 1];) {
        uint32_t user = deal->events[e].user, item[VISIT_ITEMS];
        double weight[32];
        size_t n = 0;
        for (; e < deal->start[tile + 1] && deal->events[e].user == user && n < most; e++, n++) {
            item[n] = deal->item_at[deal->events[e].slot];
            weight[n] = (double)deal->events[e].weight;
            assert_true(has_taken(p->taken, user, item[n]));
        }
        size_t n_drawn = plain_draw(p, deal, block, user, &next, item + n, p->s->negatives * n);
        if (n_drawn > 0) {
            plain_visit(p, user, item, weight, n, n_drawn);
        }
    }
}

static plain new_plain(const rk_contrast_settings *s, rk_contrast_loss loss, const rk_csr *taken)
{
    plain p = {.s = s, .loss = loss, .taken = taken, .n_users = taken->n_rows, .n_items = taken->n_cols};
    p.is_cosine = s->likeness == RK_CONTRAST_COSINE;
    p.dim = s->factors;
    p.wide = p.dim + (p.is_cosine ? 0 : loss == RK_CONTRAST_SOFTMAX ? 1 : 2);
    p.x = calloc(p.n_users * p.wide, sizeof *p.x);
    p.y = calloc(p.n_items * p.wide, sizeof *p.y);
    p.energy_x = calloc(p.n_users, sizeof *p.energy_x);
    p.energy_y = calloc(p.n_items, sizeof *p.energy_y);
    plain_start(&p, p.x, p.n_users, RK_CONTRAST_STREAM_USERS, p.dim);
    plain_start(&p, p.y, p.n_items, RK_CONTRAST_STREAM_ITEMS, p.dim + 1);
    return p;
}

static void free_plain(plain *p)
{
    free(p->x);
    free(p->y);
    free(p->energy_x);
    free(p->energy_y);
}

static void plain_train(plain *p, size_t width)
{
    rk_contrast_deal deal = {0};
    rk_error err;
    rk_run run = {.seed = 1};
    assert_int_equal(rk_contrast_deal_init(&deal, p->taken, width, p->s->popularity, p->s->alpha, &err), RK_OK);
    for (uint64_t epoch = 0; epoch < p->s->epochs; epoch++) {
        p->rate = p->s->step * (1 - (double)epoch / (double)p->s->epochs);
        rk_contrast_deal_epoch(&deal, p->taken, epoch, &run);
        for (size_t diagonal = 0; diagonal < deal.n_blocks; diagonal++) {
            for (size_t block = 0; block < deal.n_blocks; block++) {
                plain_tile(p, &deal, epoch, block * deal.n_blocks + (block + diagonal) % deal.n_blocks);
            }
        }
    }
    rk_contrast_deal_release(&deal);
}

static void assert_near(const float *got, const double *wanted, uint32_t n, const plain *p)
{
    for (uint32_t r = 0; r < n; r++) {
        for (size_t d = 0; d < p->dim; d++) {
            assert_true(fabs((double)got[r * p->dim + d] - wanted[r * p->wide + d]) < 2e-3);
        }
    }
}

static void compare_training(const char *name, rk_contrast_loss loss, const char *const *set)
{
    const rk_model_kind *kind = rk_model_kind_find(name);
    rk_contrast_settings s = {0};
    rk_error err;
    rk_option_table table = {kind->options, kind->n_options, &s};
    rk_options_defaults(table);
    for (const char *const *at = set; *at; at++) {
        assert_int_equal(rk_options_set(table, *at, &err), RK_OK);
    }
    s.alpha = loss == RK_CONTRAST_SOFTMAX ? 1 : s.alpha;
    fixture f = fixture_random(11, 300, 900, 21000); /* enough for several blocks */
    rk_model_draft draft = fixture_train(&f, name, 2, set);
    plain p = new_plain(&s, loss, &draft.seen);
    plain_train(&p, (p.wide + 15) / 16 * 16);
    assert_near(draft.user_vector, p.x, p.n_users, &p);
    assert_near(draft.item_vector, p.y, p.n_items, &p);
    for (uint32_t i = 0; draft.item_bias && i < p.n_items; i++) {
        assert_true(fabs((double)draft.item_bias[i] - p.y[i * p.wide + p.dim]) < 2e-3);
    }
    free_plain(&p);
    rk_model_draft_release(&draft);
    fixture_release(&f);
}

static void an_epoch_is_the_obvious_one(void **state)
{
    (void)state;
    const char *const cosine[] = {"factors=12",     "epochs=2", "negatives=5", "moved=0",
                                  "popularity=0.5", "step=0.3", NULL};
    const char *const pairs[] = {"factors=12", "epochs=2",    "negatives=1",      "moved=0",     "against=1",
                                 "step=0.05",  "rates=equal", "likeness=product", "lambda=0.02", NULL};
    const char *const logistic[] = {"factors=12", "epochs=2",    "negatives=3", "moved=0", "weigh=sum",
                                    "alpha=0.4",  "lambda=0.01", "step=0.3",    NULL};
    compare_training("bpr", RK_CONTRAST_SOFTMAX, cosine);
    compare_training("bpr", RK_CONTRAST_SOFTMAX, pairs);
    compare_training("logistic", RK_CONTRAST_LOGISTIC, logistic);
}

/* ---- what comes of it ---- */

static void the_thread_count_changes_no_bit(void **state)
{
    (void)state;
    static const char *const names[] = {"bpr", "logistic"};
    const char *const set[] = {"factors=20", "epochs=3", "negatives=24", "loss", NULL};
    fixture f = fixture_random(10, 700, 2500, 30000);
    for (size_t k = 0; k < 2; k++) {
        rk_model_draft one = fixture_train(&f, names[k], 1, set);
        for (unsigned n_threads = 2; n_threads <= 4; n_threads += 2) {
            rk_model_draft many = fixture_train(&f, names[k], n_threads, set);
            assert_memory_equal(one.user_vector, many.user_vector, 700 * 20 * sizeof(float));
            assert_memory_equal(one.item_vector, many.item_vector, 2500 * 20 * sizeof(float));
            assert_int_equal(one.n_encode, many.n_encode);
            assert_memory_equal(one.encode, many.encode, one.n_encode * sizeof(float));
            assert_true(json_equal(one.figures, many.figures));
            rk_model_draft_release(&many);
        }
        rk_model_draft_release(&one);
    }
    fixture_release(&f);
}

static void the_loss_falls(void **state)
{
    (void)state;
    static const char *const names[] = {"bpr", "logistic"};
    const char *const set[] = {"epochs=12", "factors=16", "loss", NULL};
    fixture f = fixture_random(12, 200, 300, 6000);
    for (size_t k = 0; k < 2; k++) {
        rk_model_draft draft = fixture_train(&f, names[k], 2, set);
        const json_t *losses = json_object_get(draft.figures, "loss");
        assert_int_equal(json_array_size(losses), 12);
        double first = json_real_value(json_array_get(losses, 0)), last = json_real_value(json_array_get(losses, 11));
        assert_true(last > 0 && last < 0.9 * first);
        rk_model_draft_release(&draft);
    }
    fixture_release(&f);
}

enum { PEOPLE = 240, THINGS = 120, TASTES = 4, EACH = THINGS / TASTES, HABITS = 9 };

/* Everybody takes HABITS things, mostly of one's own taste; the last has taken nothing. */
static fixture tastes(void)
{
    float *rating = calloc((size_t)PEOPLE * THINGS, sizeof *rating);
    uint64_t seed = 77;
    for (size_t u = 0; u + 1 < PEOPLE; u++) {
        for (size_t n = 0; n < HABITS;) {
            size_t taste = test_random(&seed) % 10 == 0 ? test_random(&seed) % TASTES : u % TASTES;
            float *cell = rating + u * THINGS + taste * EACH + test_random(&seed) % EACH;
            n += *cell == 0;
            *cell = 1;
        }
    }
    fixture f = fixture_ratings(rating, PEOPLE, THINGS);
    free(rating);
    return f;
}

static rk_model *open_tastes(const char *dir, const char *name, const char *const *set)
{
    char path[256];
    rk_error err = {0};
    rk_model *model = NULL;
    fixture f = tastes();
    fixture_train_file(&f, dir, name, fixture_path(path, dir, "model.rk"), set);
    assert_int_equal(rk_model_open(path, &model, &err), RK_OK);
    fixture_release(&f);
    return model;
}

/* The share of the ten best that are of the user's own taste. */
static double own_taste(const rk_model *model, uint32_t user, rk_query *query)
{
    rk_history seen = rk_model_seen(model, user);
    uint32_t items[10], n, own = 0;
    float scores[10];
    rk_error err;
    assert_int_equal(rk_model_best(model, query, seen.item, seen.n, 10, items, scores, &n, &err), RK_OK);
    for (uint32_t i = 0; i < n; i++) {
        own += items[i] / EACH == user % TASTES;
    }
    return own / 10.0;
}

static void folded_users_rank_about_as_well_as_trained_ones(void **state)
{
    (void)state;
    static const char *const kinds[][3] = {
        {"bpr", "likeness=cosine", NULL}, {"bpr", "likeness=product", NULL}, {"logistic", "step=1", NULL}};
    for (size_t k = 0; k < RK_COUNT_OF(kinds); k++) {
        const char *const set[] = {"factors=8", "epochs=30", "negatives=16", "lambda=0.001", kinds[k][1], NULL};
        char dir[64];
        rk_arena arena = {0};
        rk_error err;
        double trained = 0, folded = 0;
        fixture_folder(dir);
        rk_model *model = open_tastes(dir, kinds[k][0], set);
        for (uint32_t u = 0; u + 1 < PEOPLE; u++) {
            rk_query query;
            assert_int_equal(rk_model_user_query(model, u, &arena, &query, &err), RK_OK);
            trained += own_taste(model, u, &query) / (PEOPLE - 1);
            assert_int_equal(rk_model_encode(model, rk_model_seen(model, u), &arena, &query, &err), RK_OK);
            folded += own_taste(model, u, &query) / (PEOPLE - 1);
            rk_arena_clear(&arena);
        }
        assert_true(trained > 0.8 && folded > trained - 0.05);
        rk_model_close(model);
        rk_arena_release(&arena);
        fixture_remove(dir);
    }
}

static void whoever_took_nothing_is_asked_as_the_mean_of_the_users(void **state)
{
    (void)state;
    static const char *const names[] = {"bpr", "logistic"};
    const char *const set[] = {"factors=8", "epochs=3", NULL};
    for (size_t k = 0; k < 2; k++) {
        char dir[64];
        rk_arena arena = {0};
        rk_error err;
        rk_query known, empty;
        fixture_folder(dir);
        rk_model *model = open_tastes(dir, names[k], set);
        assert_int_equal(rk_model_user_query(model, PEOPLE - 1, &arena, &known, &err), RK_OK);
        assert_int_equal(rk_model_encode(model, (rk_history){0}, &arena, &empty, &err), RK_OK);
        for (size_t d = 0; d < 8; d++) {
            double mean = 0;
            for (uint32_t u = 0; u + 1 < PEOPLE; u++) {
                rk_query query;
                assert_int_equal(rk_model_user_query(model, u, &arena, &query, &err), RK_OK);
                mean += (double)query.vector[d] / (PEOPLE - 1);
            }
            assert_true(fabs((double)known.vector[d] - mean) < 1e-5);
            assert_true(known.vector[d] == empty.vector[d]);
        }
        rk_model_close(model);
        rk_arena_release(&arena);
        fixture_remove(dir);
    }
}

static void reasons_are_of_the_same_taste(void **state)
{
    (void)state;
    const char *const set[] = {"factors=8", "epochs=30", "negatives=16", NULL};
    char dir[64];
    rk_arena arena = {0};
    rk_error err;
    fixture_folder(dir);
    rk_model *model = open_tastes(dir, "bpr", set);
    const uint32_t items[] = {2, 3, EACH, EACH + 1};
    const uint32_t probe[] = {4, EACH + 2};
    uint32_t reasons[2];
    assert_int_equal(rk_model_reasons(model, (rk_history){items, NULL, 4}, probe, 2, 1, &arena, reasons, &err), RK_OK);
    assert_true(reasons[0] / EACH == 0 && reasons[1] / EACH == 1);
    rk_model_close(model);
    rk_arena_release(&arena);
    fixture_remove(dir);
}

static void a_user_who_took_everything_harms_nothing(void **state)
{
    (void)state;
    const char *const set[] = {"factors=4", "epochs=4", "negatives=300", NULL};
    float rating[3 * 5] = {1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0};
    fixture f = fixture_ratings(rating, 3, 5);
    rk_model_draft draft = fixture_train(&f, "bpr", 2, set);
    for (size_t d = 0; d < 3 * 4; d++) {
        assert_true(isfinite(draft.user_vector[d]));
    }
    rk_model_draft_release(&draft);
    fixture_release(&f);
}

/* ---- refusals ---- */

static rk_status try_training(const fixture *f, const char *name, const char *set, rk_error *err)
{
    const rk_model_kind *kind = rk_model_kind_find(name);
    rk_contrast_settings s = {0};
    rk_model_draft draft = {0};
    rk_option_table table = {kind->options, kind->n_options, &s};
    rk_options_defaults(table);
    rk_status status = rk_options_set(table, set, err);
    status = status ? status : kind->train(&f->dataset, &s, &(rk_run){0}, &draft, err);
    rk_model_draft_release(&draft);
    return status;
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"temperature=0",  "negatives=0",   "factors=0", "step=0",
                                      "popularity=1.5", "likeness=dice", "epochs=0"};
    fixture f = fixture_random(13, 30, 40, 300);
    rk_error err;
    for (size_t k = 0; k < RK_COUNT_OF(bad); k++) {
        assert_int_equal(try_training(&f, "bpr", bad[k], &err), RK_BAD_USAGE);
    }
    fixture_release(&f);
    fixture empty = fixture_random(13, 3, 4, 0);
    assert_int_equal(try_training(&empty, "bpr", "epochs=1", &err), RK_BAD_INPUT);
    assert_string_equal(err.message, "there is no event to learn from");
    fixture_release(&empty);
}

static void steps_that_lead_nowhere_are_told(void **state)
{
    (void)state;
    const rk_model_kind *kind = rk_model_kind_find("bpr");
    rk_contrast_settings s = {0};
    rk_model_draft draft = {0};
    rk_error err;
    rk_option_table table = {kind->options, kind->n_options, &s};
    static const char *const wild[] = {"likeness=product", "step=1000", "rates=equal", "lambda=0", "epochs=200"};
    fixture f = fixture_random(14, 60, 80, 1500);
    rk_options_defaults(table);
    for (size_t k = 0; k < RK_COUNT_OF(wild); k++) {
        assert_int_equal(rk_options_set(table, wild[k], &err), RK_OK);
    }
    assert_int_equal(kind->train(&f.dataset, &s, &(rk_run){0}, &draft, &err), RK_BAD_INPUT);
    assert_string_equal(err.message, "the steps led away from every solution; a smaller step or more lambda may help");
    rk_model_draft_release(&draft);
    fixture_release(&f);
}

typedef struct {
    const fixture *f;
    const char *name;
} training;

static bool attempt(void *context)
{
    const training *t = context;
    rk_error err = {0};
    rk_status status = try_training(t->f, t->name, "epochs=1", &err);
    assert_true(status == RK_OK || status == RK_NO_MEMORY);
    return status == RK_OK;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    fixture f = fixture_random(15, 20, 30, 200);
    training bpr = {&f, "bpr"}, logistic = {&f, "logistic"};
    assert_true(fault_each(attempt, &bpr) > 0);
    assert_true(fault_each(attempt, &logistic) > 0);
    fixture_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pulls_are_the_gradient_of_the_loss),
        cmocka_unit_test(every_kernel_scores_and_moves_like_plain_loops),
        cmocka_unit_test(every_kernel_knows_the_exponential),
        cmocka_unit_test(lots_pay_out_what_was_paid_in),
        cmocka_unit_test(an_epoch_is_the_obvious_one),
        cmocka_unit_test(the_thread_count_changes_no_bit),
        cmocka_unit_test(the_loss_falls),
        cmocka_unit_test(folded_users_rank_about_as_well_as_trained_ones),
        cmocka_unit_test(whoever_took_nothing_is_asked_as_the_mean_of_the_users),
        cmocka_unit_test(reasons_are_of_the_same_taste),
        cmocka_unit_test(a_user_who_took_everything_harms_nothing),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(steps_that_lead_nowhere_are_told),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
