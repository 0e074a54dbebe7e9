/* question_answer.c - the page of items that a question finds. By relevance the search itself knows the best; any other
 * order is that of one number an item, and the first of them are kept in a heap whose root is the last.
 */
#include <math.h>
#include <string.h>

#include "text/question_parts.h"

/* ---- what to sort by ---- */

static rk_status not_known(rk_slice name, const char *why, rk_error *err)
{
    return rk_fail(err, RK_NOT_FOUND, "cannot sort by '%.*s': %s", (int)(name.n < 60 ? name.n : 60), name.at, why);
}

/* A column that has numbers; RK_NO_ID: none of this name. */
static uint32_t find_numbers(const rk_index *x, rk_slice name)
{
    uint32_t about = rk_about_of(x, name);
    if (about == RK_NO_ID || about < RK_ABOUT_COLUMN + RK_COLUMN_ATTRIBUTES) {
        return RK_NO_ID;
    }
    uint32_t column = about - RK_ABOUT_COLUMN;
    for (uint32_t v = x->columns.first[column]; v < x->columns.first[column + 1]; v++) {
        if (!isnan(x->columns.number[v])) {
            return column;
        }
    }
    return RK_NO_ID;
}

/* What catalogues call the day that an item came. */
static uint32_t find_days(const rk_index *x)
{
    static const char *const names[] = {"date_released", "release_date", "released",   "date_added",
                                        "created_at",    "created",      "first_seen", "date"};
    uint32_t column = RK_NO_ID;
    for (size_t i = 0; column == RK_NO_ID && i < RK_COUNT_OF(names); i++) {
        column = find_numbers(x, rk_slice_of(names[i]));
    }
    return column;
}

static rk_status read_key(const rk_index *x, rk_slice name, rk_sort *out, rk_error *err)
{
    if (rk_same_name(name, "relevance")) {
        *out = (rk_sort){RK_BY_RELEVANCE, RK_NO_ID, false};
        return RK_OK;
    }
    if (rk_same_name(name, "price")) {
        *out = (rk_sort){RK_BY_PRICE, RK_NO_ID, false};
        return x->items.item_price ? RK_OK : not_known(name, "the items have no prices", err);
    }
    if (rk_same_name(name, "newness")) {
        *out = (rk_sort){RK_BY_NEWNESS, x->columns.since ? RK_NO_ID : find_days(x), true};
        return x->columns.since || out->column != RK_NO_ID
                   ? RK_OK
                   : not_known(name, "there is no log with times, and no attribute of days such as release_date", err);
    }
    if (rk_same_name(name, "popularity")) {
        *out = (rk_sort){RK_BY_POPULARITY, RK_NO_ID, true};
        return x->columns.events ? RK_OK : not_known(name, "the index is of a catalogue without a log of events", err);
    }
    *out = (rk_sort){RK_BY_COLUMN, find_numbers(x, name), false};
    return out->column != RK_NO_ID
               ? RK_OK
               : not_known(name, "known are relevance, price, newness, popularity and attributes of numbers", err);
}

rk_status rk_sort_read(const rk_index *index, rk_slice text, rk_sort *out, rk_error *err)
{
    bool is_turned = text.n > 1 && text.at[0] == '-';
    rk_slice name = {text.at + is_turned, text.n - is_turned};
    rk_sort sort;
    rk_status status = read_key(index, name, &sort, err);
    if (!status && is_turned && sort.key == RK_BY_RELEVANCE) {
        status = not_known(text, "the least relevant are all that do not match", err);
    }
    if (!status) {
        sort.is_descending ^= is_turned;
        *out = sort;
    }
    return status;
}

/* ---- numbers of the items ---- */

/* An item that may stand on the page: first those of the smallest key, NaN behind all. */
typedef struct {
    double key;
    uint32_t item;
} candidate;

static bool is_behind(candidate a, candidate b)
{
    if (isnan(a.key) || isnan(b.key) || a.key == b.key) {
        return isnan(a.key) == isnan(b.key) ? a.item > b.item : isnan(a.key);
    }
    return a.key > b.key;
}

/* The last on top. */
static void sift_down(candidate *heap, size_t n, candidate moved)
{
    size_t at = 0;
    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        child += child + 1 < n && is_behind(heap[child + 1], heap[child]);
        if (!is_behind(heap[child], moved)) {
            break;
        }
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

static void offer(candidate *heap, size_t *n, size_t n_max, candidate one)
{
    if (*n < n_max) {
        size_t at = (*n)++;
        for (; at > 0 && is_behind(one, heap[(at - 1) / 2]); at = (at - 1) / 2) {
            heap[at] = heap[(at - 1) / 2];
        }
        heap[at] = one;
    } else if (is_behind(heap[0], one)) {
        sift_down(heap, *n, one);
    }
}

/* The smallest number of a column that each item has (the largest when descending), NaN: none. NULL: no memory. */
static double *column_keys(const rk_index *x, const rk_sort *sort, rk_arena *arena)
{
    const rk_columns *c = &x->columns;
    double *keys = RK_TAKE(arena, double, x->n_items);
    for (uint32_t i = 0; keys && i < x->n_items; i++) {
        keys[i] = NAN;
    }
    for (uint32_t v = c->first[sort->column]; keys && v < c->first[sort->column + 1]; v++) {
        double number = c->number[v];
        for (uint64_t at = c->start[v]; !isnan(number) && at < c->start[v + 1]; at++) {
            double *key = &keys[c->item[at]];
            bool is_before = isnan(*key) || (sort->is_descending ? number > *key : number < *key);
            *key = is_before ? number : *key;
        }
    }
    return keys;
}

static double key_of(const rk_index *x, const rk_sort *sort, const double *keys, uint32_t item)
{
    double key = NAN;
    if (keys) {
        key = keys[item];
    } else if (sort->key == RK_BY_PRICE) {
        key = (double)x->items.item_price[item];
    } else if (sort->key == RK_BY_POPULARITY) {
        key = x->columns.events[item];
    } else if (sort->key == RK_BY_NEWNESS && x->columns.since[item] != INT64_MIN) {
        key = (double)x->columns.since[item];
    }
    return sort->is_descending ? -key : key;
}

static rk_status sort_found(const rk_index *x, const rk_question *q, const rk_page *page, rk_arena *arena,
                            rk_findings *out, rk_error *err)
{
    rk_search words = {q->term, q->n_terms, q->n_required, NULL};
    size_t n_max = page->from + page->n, n = 0;
    bool by_column = page->sort.key == RK_BY_COLUMN || (page->sort.key == RK_BY_NEWNESS && !x->columns.since);
    candidate *heap = RK_TAKE(arena, candidate, n_max);
    double *keys = by_column ? column_keys(x, &page->sort, arena) : NULL;
    if (!heap || (by_column && !keys)) {
        return rk_fail_memory(err, "the order of what was found");
    }
    for (size_t w = 0; w < rk_bit_words(x); w++) {
        for (uint64_t bits = out->bits[w]; bits; bits &= bits - 1) {
            uint32_t item = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(bits);
            offer(heap, &n, n_max, (candidate){key_of(x, &page->sort, keys, item), item});
        }
    }
    out->n = n > page->from ? n - page->from : 0;
    for (; n > 0; n--) {
        if (n > page->from) {
            size_t place = n - 1 - page->from;
            out->item[place] = heap[0].item;
            out->score[place] = rk_search_score(x, &words, heap[0].item);
        }
        sift_down(heap, n - 1, heap[n - 1]);
    }
    return RK_OK;
}

/* ---- the answer ---- */

/* No words: what holds the conditions, by number. */
static void list_found(const rk_index *x, const rk_page *page, rk_findings *out)
{
    uint64_t n_before = 0;
    for (size_t w = 0; w < rk_bit_words(x) && out->n < page->n; w++) {
        for (uint64_t bits = out->bits[w]; bits && out->n < page->n; bits &= bits - 1) {
            if (n_before++ >= page->from) {
                out->score[out->n] = 0;
                out->item[out->n++] = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(bits);
            }
        }
    }
}

static rk_status rank_found(rk_asker *asker, const rk_question *q, const rk_page *page, const uint64_t *barred,
                            rk_arena *arena, rk_findings *out, rk_error *err)
{
    size_t n_max = page->from + page->n;
    uint32_t *items = RK_TAKE(arena, uint32_t, n_max);
    float *scores = RK_TAKE(arena, float, n_max);
    if (!items || !scores) {
        return rk_fail_memory(err, "findings");
    }
    rk_search search = {q->term, q->n_terms, q->n_required, barred};
    size_t n = rk_search_best(asker->desk, asker->index, &search, n_max, items, scores);
    out->n = n > page->from ? n - page->from : 0;
    out->item = items + (out->n ? page->from : 0);
    out->score = scores + (out->n ? page->from : 0);
    return RK_OK;
}

/* Whether it asks for items at all: words that are known, or conditions where no words were typed. */
static bool can_match(const rk_question *q)
{
    bool has_bars = q->n_without + q->n_conditions + q->n_phrases > 0;
    return !q->is_impossible && (q->n_terms > 0 || (has_bars && q->n_unknown == 0));
}

/* matched: all that the words find, less what is barred; bits: of them what every group holds. */
static void match(rk_asker *asker, const rk_question *q, const uint64_t *barred, rk_findings *out)
{
    const rk_index *x = asker->index;
    if (q->n_terms > 0) {
        rk_search search = {q->term, q->n_terms, q->n_required, barred};
        rk_search_all(asker->desk, x, &search, out->matched);
    }
    for (size_t w = 0; w < rk_bit_words(x); w++) {
        uint64_t last = w == x->n_items / 64 ? (UINT64_C(1) << (x->n_items % 64)) - 1 : UINT64_MAX;
        out->matched[w] = q->n_terms > 0 ? out->matched[w] : last & ~barred[w];
        uint64_t bits = out->matched[w];
        for (size_t g = 0; g < out->n_groups; g++) {
            bits &= out->group[g].holds[w];
        }
        out->bits[w] = bits;
        out->total += (uint64_t)__builtin_popcountll(bits);
    }
}

static void bar_rest(const rk_index *x, uint64_t *barred, const rk_findings *out)
{
    for (size_t g = 0; g < out->n_groups; g++) {
        for (size_t w = 0; w < rk_bit_words(x); w++) {
            barred[w] |= ~out->group[g].holds[w];
        }
    }
}

static rk_status check_page(const rk_page *page, rk_error *err)
{
    if (page->n > RK_PAGE_DEPTH_MAX || page->from > RK_PAGE_DEPTH_MAX - page->n) {
        return rk_fail(err, RK_BAD_USAGE, "a page ends at item %d at most, this one at %zu", (int)RK_PAGE_DEPTH_MAX,
                       page->n > SIZE_MAX - page->from ? SIZE_MAX : page->n + page->from);
    }
    return RK_OK;
}

rk_status rk_question_page(rk_asker *asker, const rk_question *q, const rk_page *wanted, rk_arena *arena,
                           rk_findings *out, rk_error *err)
{
    const rk_index *x = asker->index;
    size_t n_words = rk_bit_words(x);
    rk_page page = *wanted;
    uint64_t *barred = RK_TAKE(arena, uint64_t, n_words);
    *out = (rk_findings){0};
    rk_status status = check_page(&page, err);
    if (status) {
        return status;
    }
    page.from = page.from < x->n_items ? page.from : x->n_items;
    page.n = page.n < x->n_items - page.from ? page.n : x->n_items - page.from;
    *out = (rk_findings){.item = RK_TAKE(arena, uint32_t, page.n),
                         .score = RK_TAKE(arena, float, page.n),
                         .bits = RK_TAKE(arena, uint64_t, n_words),
                         .matched = RK_TAKE(arena, uint64_t, n_words)};
    if (!barred || !out->item || !out->score || !out->bits || !out->matched) {
        return rk_fail_memory(err, "findings");
    }
    if (x->dead) {
        memcpy(barred, x->dead, n_words * sizeof *barred);
    }
    status = rk_question_filter(asker, q, arena, barred, out, err);
    if (status || !can_match(q)) {
        return status;
    }
    match(asker, q, barred, out);
    if (page.sort.key != RK_BY_RELEVANCE) {
        return sort_found(x, q, &page, arena, out, err);
    }
    if (q->n_terms == 0) {
        list_found(x, &page, out);
        return RK_OK;
    }
    bar_rest(x, barred, out);
    return rank_found(asker, q, &page, barred, arena, out, err);
}

rk_status rk_question_answer(rk_asker *asker, const rk_question *q, size_t n, rk_arena *arena, rk_findings *out,
                             rk_error *err)
{
    n = n < RK_PAGE_DEPTH_MAX ? n : RK_PAGE_DEPTH_MAX;
    return rk_question_page(asker, q, &(rk_page){.n = n}, arena, out, err);
}
