/* search_levels.c - candidates are the postings of high levels.
 *
 * Let the bar be what a candidate must be above, and give each list a share of it, the shares together no more than the
 * bar. An item above the bar has in some list more than that list's share: so the postings above their list's share are
 * all the candidates, and of an item that is no candidate of a list that list gives its share at most. MaxScore (see
 * search.c) is the choice in which all lists but the strongest have all that they can give as their share; with
 * levels as they are, most postings of a list alike and few higher, it is far better to let each list keep its few
 * high postings as candidates. Shares are chosen by counts in a sample of each list's levels, greedily: the step that
 * saves the most candidates for what it takes of the bar. They are chosen again as the bar rises.
 *
 * Levels are a byte each, in item order, and looked at 64 at a time; ids are unpacked only in blocks with candidates.
 * Where all of some terms are required, the rarest alone may make the candidates, when that is better.
 */
#include <string.h>

#include "text/search_parts.h"

enum { SAMPLE = 256, PIECES = 4, SPLIT_AFTER = 64 };

static void sample(rk_cursor *c)
{
    uint16_t seen[RK_LEVELS] = {0};
    uint32_t n_pieces = c->n > SAMPLE ? PIECES : 1, piece = c->n > SAMPLE ? SAMPLE / PIECES : c->n,
             step = c->n / n_pieces;
    for (uint32_t p = 0; p < n_pieces; p++) {
        for (uint32_t i = 0; i < piece; i++) {
            seen[c->levels[p * step + i]]++;
        }
    }
    c->sample = n_pieces * piece > 0 ? n_pieces * piece : 1;
    c->above[c->top + 1] = 0;
    for (uint32_t level = c->top + 1; level-- > 0;) {
        c->above[level] = (uint16_t)(c->above[level + 1] + seen[level]);
        c->low = seen[level] > 0 ? level : c->low;
    }
}

void rk_hunt_sample(rk_hunt *h)
{
    for (size_t i = 0; i < h->desk->n; i++) {
        sample(&h->desk->cursors[i]);
    }
}

/* About how many postings have a level or more. */
static double n_from(const rk_cursor *c, uint32_t level) { return (double)c->n * c->above[level] / c->sample; }

static void set_least(rk_cursor *c, uint32_t least)
{
    c->least = least;
    c->rest = least > 0 ? c->gain[least - 1] : 0;
}

static double n_candidates(const rk_hunt *h)
{
    double n = 0;
    for (size_t i = 0; i < h->desk->n; i++) {
        n += n_from(&h->desk->cursors[i], h->desk->cursors[i].least);
    }
    return n;
}

/* As far up as the budget allows. */
static uint32_t highest_least(const rk_cursor *c, uint32_t budget)
{
    uint32_t low = 0, high = c->top + 1; /* low is allowed, beyond high none */
    while (low < high) {
        uint32_t middle = (low + high + 1) / 2;
        if (c->gain[middle - 1] <= budget) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

/* The lead gets what the others cannot give; the others make no candidates: they are required, or too weak. */
static double leave_to(rk_hunt *h, rk_cursor *lead, uint32_t bar)
{
    uint32_t others = 0;
    for (size_t i = 0; i < h->desk->n; i++) {
        rk_cursor *c = &h->desk->cursors[i];
        set_least(c, c->top + 1);
        others += c == lead ? 0 : c->most;
    }
    set_least(lead, bar > others ? highest_least(lead, bar - others) : 0);
    return n_candidates(h);
}

/* A step of a list's share, from its least level to another. */
typedef struct {
    rk_cursor *list;
    uint32_t least;
    double worth; /* candidates saved for what it takes */
} step;

static step best_step(const rk_hunt *h, uint32_t budget)
{
    step best = {NULL, 0, 0};
    for (size_t i = 0; i < h->desk->n; i++) {
        rk_cursor *c = &h->desk->cursors[i];
        double now = n_from(c, c->least);
        for (uint32_t level = c->least > c->low ? c->least : c->low; level <= c->top; level++) {
            uint32_t price = c->gain[level] - c->rest;
            if (price > budget) {
                break;
            }
            double worth = (now - n_from(c, level + 1)) / (price + 1.0);
            if (worth > best.worth) {
                best = (step){c, level + 1, worth};
            }
        }
    }
    return best;
}

double rk_hunt_split(rk_hunt *h)
{
    uint32_t bar = rk_hunt_bar(h), budget = bar;
    for (size_t i = 0; i < h->desk->n; i++) {
        set_least(&h->desk->cursors[i], 0);
    }
    for (step s = best_step(h, budget); s.list; s = best_step(h, budget)) {
        uint32_t before = s.list->rest;
        set_least(s.list, s.least);
        budget -= s.list->rest - before;
    }
    for (size_t i = 0; i < h->desk->n; i++) { /* what is left is of use for levels that the sample has not */
        rk_cursor *c = &h->desk->cursors[i];
        budget += c->rest;
        set_least(c, highest_least(c, budget));
        budget -= c->rest;
    }
    double n = n_candidates(h);
    if (h->n_required > 0) {
        uint32_t least[RK_SEARCH_TERMS_MAX];
        for (size_t i = 0; i < h->desk->n; i++) {
            least[i] = h->desk->cursors[i].least;
        }
        double n_led = leave_to(h, rk_hunt_nth(h, 0), bar);
        if (n_led <= n) {
            return n_led;
        }
        for (size_t i = 0; i < h->desk->n; i++) {
            set_least(&h->desk->cursors[i], least[i]);
        }
    }
    return n;
}

/* ---- candidates ---- */

static void mark_block(const rk_hunt *h, rk_cursor *c)
{
    c->marks[0] = c->marks[1] = 0;
    if (c->scan < c->end && h->index->block_most[c->scan] >= c->least) {
        h->kernels->mark(rk_cursor_levels(c, c->scan), rk_cursor_n_in(c, c->scan), (uint8_t)c->least, c->marks);
    }
}

/* To the next candidate at or behind `from`. */
static void go_on(const rk_hunt *h, rk_cursor *c, uint32_t from)
{
    while (c->scan < c->end) {
        if (c->marks[0] | c->marks[1]) {
            const uint32_t *ids = rk_cursor_ids(c, h->index, h->kernels, c->scan);
            do {
                size_t half = c->marks[0] ? 0 : 1;
                c->place = (uint32_t)(half * 64) + (uint32_t)__builtin_ctzll(c->marks[half]);
                c->item = ids[c->place];
                c->marks[half] &= c->marks[half] - 1;
                if (c->item >= from) {
                    return;
                }
            } while (c->marks[0] | c->marks[1]);
        }
        c->scan++;
        mark_block(h, c);
    }
    c->item = UINT32_MAX;
}

/* All lists to their candidates from `from` on, with the shares as they are. */
static void start(const rk_hunt *h, uint32_t from)
{
    for (size_t i = 0; i < h->desk->n; i++) {
        rk_cursor *c = &h->desk->cursors[i];
        c->scan = c->least <= c->top ? rk_cursor_block_of(c, h->index, c->block, from) : c->end;
        mark_block(h, c);
        go_on(h, c, from);
    }
}

/* A candidate of some lists, which give what they give; the others their share at most. */
static void judge(rk_hunt *h, uint32_t item)
{
    uint32_t score = 0, rest = 0, bar = rk_hunt_bar(h);
    for (size_t i = 0; i < h->desk->n; i++) {
        const rk_cursor *c = &h->desk->cursors[i];
        if (c->item == item) {
            score += c->gain[rk_cursor_levels(c, c->scan)[c->place]];
        } else {
            rest += c->rest;
        }
    }
    if (score + rest <= bar || rk_hunt_is_barred(h, item)) {
        return;
    }
    for (size_t i = 0; i < h->desk->n; i++) {
        rk_cursor *c = rk_hunt_nth(h, i);
        if (c->item == item) {
            continue;
        }
        rest -= c->rest;
        rk_cursor_seek(c, h->index, item);
        uint32_t most = rk_cursor_most_here(c, h->index);
        most = most < c->rest ? most : c->rest;
        if (score + most + rest <= bar) {
            return;
        }
        uint32_t gain = most > 0 ? rk_cursor_look_up(c, h->index, h->kernels, item) : 0;
        if (gain == 0 && i < h->n_required) {
            return;
        }
        score += gain;
    }
    if (score > bar) {
        rk_hunt_offer(h, item, score);
    }
}

void rk_hunt_by_levels(rk_hunt *h, uint32_t from)
{
    uint32_t bar = rk_hunt_bar(h), n_judged = 0;
    rk_hunt_split(h);
    start(h, from);
    for (;;) {
        uint32_t item = UINT32_MAX;
        for (size_t i = 0; i < h->desk->n; i++) {
            item = h->desk->cursors[i].item < item ? h->desk->cursors[i].item : item;
        }
        if (item == UINT32_MAX) {
            return;
        }
        judge(h, item);
        if (++n_judged >= SPLIT_AFTER && rk_hunt_bar(h) > bar) {
            bar = rk_hunt_bar(h);
            n_judged = 0;
            rk_hunt_split(h);
            start(h, item + 1);
            continue;
        }
        for (size_t i = 0; i < h->desk->n; i++) {
            if (h->desk->cursors[i].item == item) {
                go_on(h, &h->desk->cursors[i], item + 1);
            }
        }
    }
}
