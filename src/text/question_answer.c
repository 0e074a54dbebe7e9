/* question_answer.c - the page of items that a question finds. By relevance the search itself knows the best; any other
 * order is that of one number an item, and the first of them are kept in a heap whose root is the last.
 */
#include <math.h>
#include <string.h>

#include "text/question_parts.h"

/* Postings that are hunted through in the time of looking up one item. */
enum { LOOK_UP_COST = 32 };

/* ---- what to sort by ---- */

static rk_status not_known(rk_slice name, const char *why, rk_error *err)
{
    return rk_fail(err, RK_NOT_FOUND, "cannot sort by '%.*s': %s", (int)(name.n < 60 ? name.n : 60), name.at, why);
}

static bool has_numbers(const rk_index *x, const rk_about *about)
{
    uint32_t column = rk_about_column(x, about);
    bool has = false;
    for (uint32_t v = column == RK_NO_ID ? 0 : x->columns.first[column];
         column != RK_NO_ID && !has && v < x->columns.first[column + 1]; v++) {
        has = !isnan(x->columns.number[v]);
    }
    return has;
}

/* The attribute of this name, when its values are numbers; n 0: none. */
static rk_slice find_numbers(const rk_corpus *c, rk_slice name)
{
    rk_about about;
    bool has = false;
    if (rk_about_find(c, name, &about) && about.kind == RK_ABOUT_ATTRIBUTE) {
        for (size_t s = 0; s < c->n_segments && !has; s++) {
            has = has_numbers(c->segment[s].index, &about);
        }
    }
    return has ? about.attribute : (rk_slice){"", 0};
}

/* What catalogues call the day that an item came. */
static rk_slice find_days(const rk_corpus *c)
{
    static const char *const names[] = {"date_released", "release_date", "released",   "date_added",
                                        "created_at",    "created",      "first_seen", "date"};
    rk_slice found = {"", 0};
    for (size_t i = 0; found.n == 0 && i < RK_COUNT_OF(names); i++) {
        found = find_numbers(c, rk_slice_of(names[i]));
    }
    return found;
}

/* What only an index of a dataset with a log has. */
static const rk_columns *log_of(const rk_corpus *c)
{
    return c->n_segments == 1 ? &c->segment[0].index->columns : NULL;
}

static rk_status read_key(const rk_corpus *c, rk_slice name, rk_sort *out, rk_error *err)
{
    const rk_columns *log = log_of(c);
    rk_about price;
    *out = (rk_sort){.key = RK_BY_RELEVANCE};
    if (rk_same_name(name, "relevance")) {
        return RK_OK;
    }
    if (rk_same_name(name, "price")) {
        out->key = RK_BY_PRICE;
        return rk_about_find(c, name, &price) && price.kind == RK_ABOUT_PRICE
                   ? RK_OK
                   : not_known(name, "the items have no prices", err);
    }
    if (rk_same_name(name, "newness")) {
        bool has_times = log && log->since;
        *out = (rk_sort){RK_BY_NEWNESS, has_times ? (rk_slice){"", 0} : find_days(c), true};
        return has_times || out->attribute.n > 0
                   ? RK_OK
                   : not_known(name, "there is no log with times, and no attribute of days such as release_date", err);
    }
    if (rk_same_name(name, "popularity")) {
        *out = (rk_sort){.key = RK_BY_POPULARITY, .is_descending = true};
        return log && log->events ? RK_OK : not_known(name, "the index is of a catalogue without a log of events", err);
    }
    *out = (rk_sort){RK_BY_ATTRIBUTE, find_numbers(c, name), false};
    return out->attribute.n > 0
               ? RK_OK
               : not_known(name, "known are relevance, price, newness, popularity and attributes of numbers", err);
}

rk_status rk_sort_read(const rk_corpus *corpus, rk_slice text, rk_sort *out, rk_error *err)
{
    bool is_turned = text.n > 1 && text.at[0] == '-';
    rk_slice name = {text.at + is_turned, text.n - is_turned};
    rk_sort sort;
    rk_status status = read_key(corpus, name, &sort, err);
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

/* The smallest number of a column that each item has (the largest when descending), NaN: none. */
static void fill_keys(const rk_index *x, uint32_t column, bool is_descending, double *keys)
{
    const rk_columns *c = &x->columns;
    for (uint32_t i = 0; i < x->n_items; i++) {
        keys[i] = NAN;
    }
    for (uint32_t v = column == RK_NO_ID ? 0 : c->first[column]; column != RK_NO_ID && v < c->first[column + 1]; v++) {
        double number = c->number[v];
        for (uint64_t at = c->start[v]; !isnan(number) && at < c->start[v + 1]; at++) {
            double *key = &keys[c->item[at]];
            bool is_before = isnan(*key) || (is_descending ? number > *key : number < *key);
            *key = is_before ? number : *key;
        }
    }
}

static double key_of(const rk_index *x, const rk_sort *sort, const double *keys, uint32_t item)
{
    double key = NAN;
    if (keys) {
        key = keys[item];
    } else if (sort->key == RK_BY_PRICE) {
        key = x->items.item_price ? (double)x->items.item_price[item] : key;
    } else if (sort->key == RK_BY_POPULARITY) {
        key = rk_index_events(x, item);
    } else if (rk_index_since(x, item) != INT64_MIN) {
        key = (double)rk_index_since(x, item);
    }
    return sort->is_descending ? -key : key;
}

/* Those of a segment that are found, into the heap. */
static rk_status offer_segment(const rk_segment *segment, const rk_page *page, const uint64_t *bits, rk_arena *arena,
                               candidate *heap, size_t *n, rk_error *err)
{
    const rk_index *x = segment->index;
    rk_about about = {RK_ABOUT_ATTRIBUTE, page->sort.attribute};
    double *keys = NULL;
    if (page->sort.attribute.n > 0) {
        keys = RK_TAKE(arena, double, x->n_items);
        if (!keys) {
            return rk_fail_memory(err, "the order of what was found");
        }
        fill_keys(x, rk_about_column(x, &about), page->sort.is_descending, keys);
    }
    for (size_t w = 0; w < rk_segment_n_words(segment); w++) {
        for (uint64_t left = bits[w]; left; left &= left - 1) {
            uint32_t item = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left);
            offer(heap, n, page->from + page->n, (candidate){key_of(x, &page->sort, keys, item), segment->base + item});
        }
    }
    return RK_OK;
}

float rk_question_score(const rk_asker *asker, const rk_question *q, uint32_t item)
{
    rk_search_term room[RK_SEARCH_TERMS_MAX];
    rk_search search;
    uint32_t within;
    const rk_segment *segment = rk_corpus_segment_of(asker->corpus, item, &within);
    return rk_question_search(q, segment, room, &search) ? rk_search_score(segment->index, &search, within) : 0;
}

float rk_asked_gain(const rk_asker *asker, const rk_asked *asked, uint32_t item)
{
    uint32_t within;
    const rk_segment *segment = rk_corpus_segment_of(asker->corpus, item, &within);
    rk_search_term one = {rk_index_find(segment->index, asked->term), asked->weight};
    return one.term == RK_NO_ID ? 0 : rk_search_score(segment->index, &(rk_search){&one, 1, 0, NULL}, within);
}

static rk_status sort_found(const rk_asker *asker, const rk_question *q, const rk_page *page, rk_arena *arena,
                            rk_findings *out, rk_error *err)
{
    size_t n = 0;
    candidate *heap = RK_TAKE(arena, candidate, page->from + page->n);
    rk_status status = heap ? RK_OK : rk_fail_memory(err, "the order of what was found");
    for (size_t s = 0; !status && s < asker->corpus->n_segments; s++) {
        const rk_segment *segment = &asker->corpus->segment[s];
        status = offer_segment(segment, page, out->bits + segment->base / 64, arena, heap, &n, err);
    }
    out->n = !status && n > page->from ? n - page->from : 0;
    for (; !status && n > 0; n--) {
        if (n > page->from) {
            size_t place = n - 1 - page->from;
            out->item[place] = heap[0].item;
            out->score[place] = rk_question_score(asker, q, heap[0].item);
        }
        sift_down(heap, n - 1, heap[n - 1]);
    }
    return status;
}

/* ---- the answer ---- */

/* No words: what holds the conditions, by number. */
static void list_found(const rk_asker *asker, const rk_page *page, rk_findings *out)
{
    uint64_t n_before = 0;
    for (size_t w = 0; w < rk_bit_words(asker) && out->n < page->n; w++) {
        for (uint64_t bits = out->bits[w]; bits && out->n < page->n; bits &= bits - 1) {
            if (n_before++ >= page->from) {
                out->score[out->n] = 0;
                out->item[out->n++] = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(bits);
            }
        }
    }
}

/* Whether few match: then each is looked up, instead of hunting for the best of those that the words find. */
static bool are_few(const rk_search_part *part, uint64_t n)
{
    uint64_t n_postings = 0;
    for (size_t t = 0; t < part->search->n_terms; t++) {
        n_postings += rk_index_docs(part->index, part->search->terms[t].term);
    }
    return n * LOOK_UP_COST <= n_postings;
}

static uint64_t count_bits(const uint64_t *bits, size_t n_words)
{
    uint64_t n = 0;
    for (size_t w = 0; w < n_words; w++) {
        n += (uint64_t)__builtin_popcountll(bits[w]);
    }
    return n;
}

/* One search of all segments, each with the bar that those before have set. */
static rk_status rank_found(rk_asker *asker, const rk_question *q, const rk_page *page, const uint64_t *barred,
                            rk_arena *arena, rk_findings *out, rk_error *err)
{
    const rk_corpus *c = asker->corpus;
    size_t n_max = page->from + page->n, n_parts = 0;
    uint32_t *items = RK_TAKE(arena, uint32_t, n_max);
    float *scores = RK_TAKE(arena, float, n_max);
    rk_search_part *parts = RK_TAKE(arena, rk_search_part, c->n_segments);
    rk_search *searches = RK_TAKE(arena, rk_search, c->n_segments);
    rk_search_term *room = RK_TAKE(arena, rk_search_term, c->n_segments * q->n_terms);
    if (!items || !scores || !parts || !searches || !room) {
        return rk_fail_memory(err, "findings");
    }
    for (size_t s = 0; s < c->n_segments; s++) {
        const rk_segment *segment = &c->segment[s];
        if (rk_question_search(q, segment, room + s * q->n_terms, &searches[n_parts])) {
            searches[n_parts].barred = barred + segment->base / 64;
            parts[n_parts] = (rk_search_part){segment->index, &searches[n_parts], segment->base};
            const uint64_t *found = out->bits + segment->base / 64;
            if (are_few(&parts[n_parts], count_bits(found, rk_segment_n_words(segment)))) {
                searches[n_parts].among = found;
            }
            n_parts++;
        }
    }
    size_t n = rk_search_best_of(asker->desk, parts, n_parts, n_max, items, scores);
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
static void match(rk_asker *asker, const rk_question *q, const rk_segment *segment, const uint64_t *barred,
                  rk_findings *out)
{
    const rk_index *x = segment->index;
    rk_search_term room[RK_SEARCH_TERMS_MAX];
    rk_search search;
    size_t first = segment->base / 64;
    uint64_t *matched = out->matched + first;
    bool has_all = rk_question_search(q, segment, room, &search);
    if (q->n_terms > 0 && has_all) {
        search.barred = barred + first;
        rk_search_all(asker->desk, x, &search, matched);
    }
    for (size_t w = 0; w < rk_segment_n_words(segment); w++) {
        uint64_t last = w == x->n_items / 64 ? (UINT64_C(1) << (x->n_items % 64)) - 1 : UINT64_MAX;
        matched[w] = q->n_terms > 0 ? matched[w] : last & ~barred[first + w];
        uint64_t bits = matched[w];
        for (size_t g = 0; g < out->n_groups; g++) {
            bits &= out->group[g].holds[first + w];
        }
        out->bits[first + w] = bits;
        out->total += (uint64_t)__builtin_popcountll(bits);
    }
}

static void bar_rest(const rk_asker *asker, uint64_t *barred, const rk_findings *out)
{
    for (size_t g = 0; g < out->n_groups; g++) {
        for (size_t w = 0; w < rk_bit_words(asker); w++) {
            barred[w] |= ~out->group[g].holds[w];
        }
    }
}

static void bar_dead(const rk_corpus *c, uint64_t *barred)
{
    for (size_t s = 0; s < c->n_segments; s++) {
        const rk_segment *segment = &c->segment[s];
        if (segment->index->dead) {
            memcpy(barred + segment->base / 64, segment->index->dead, rk_segment_n_words(segment) * sizeof *barred);
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
    const rk_corpus *c = asker->corpus;
    size_t n_words = rk_bit_words(asker), n_items = (size_t)c->n_items;
    rk_page page = *wanted;
    uint64_t *barred = RK_TAKE(arena, uint64_t, n_words);
    *out = (rk_findings){0};
    rk_status status = check_page(&page, err);
    if (status) {
        return status;
    }
    page.from = page.from < n_items ? page.from : n_items;
    page.n = page.n < n_items - page.from ? page.n : n_items - page.from;
    *out = (rk_findings){.item = RK_TAKE(arena, uint32_t, page.n),
                         .score = RK_TAKE(arena, float, page.n),
                         .bits = RK_TAKE(arena, uint64_t, n_words),
                         .matched = RK_TAKE(arena, uint64_t, n_words)};
    if (!barred || !out->item || !out->score || !out->bits || !out->matched) {
        return rk_fail_memory(err, "findings");
    }
    bar_dead(c, barred);
    status = rk_question_filter(asker, q, arena, barred, out, err);
    if (status || !can_match(q)) {
        return status;
    }
    for (size_t s = 0; s < c->n_segments; s++) {
        match(asker, q, &c->segment[s], barred, out);
    }
    if (page.sort.key != RK_BY_RELEVANCE) {
        return sort_found(asker, q, &page, arena, out, err);
    }
    if (q->n_terms == 0) {
        list_found(asker, &page, out);
        return RK_OK;
    }
    bar_rest(asker, barred, out);
    return rank_found(asker, q, &page, barred, arena, out, err);
}

rk_status rk_question_answer(rk_asker *asker, const rk_question *q, size_t n, rk_arena *arena, rk_findings *out,
                             rk_error *err)
{
    n = n < RK_PAGE_DEPTH_MAX ? n : RK_PAGE_DEPTH_MAX;
    return rk_question_page(asker, q, &(rk_page){.n = n}, arena, out, err);
}
