/* question_filter.c - what must not match, and what conditions want, as one bit an item.
 *
 * A condition on a column is a run of values, found by bisection, and the items of these are set one by one; prices are
 * compared sixty-four at a time. Only phrases read texts, and only of items that have all of their words.
 */
#include <math.h>
#include <string.h>

#include "text/question_parts.h"

/* ---- numbers ---- */

static bool holds_number(const rk_condition *c, double x)
{
    switch (c->relation) {
    case RK_BELOW:
        return x < c->low;
    case RK_UP_TO:
        return x <= c->low;
    case RK_ABOVE:
        return x > c->low;
    case RK_FROM:
        return x >= c->low;
    case RK_BETWEEN:
        return x >= c->low && (c->is_open ? x < c->high : x <= c->high);
    case RK_IS:
        break;
    }
    return false;
}

/* The least and the largest price that a condition holds, both among them; NaN is never between. A price is the float
 * next to what was written, and so are these: 20.09 is 20.09. */
typedef struct {
    float low, high;
} span;

static float least_from(double low, bool with_low)
{
    float f = (float)low;
    return with_low ? f : nextafterf(f, INFINITY);
}

static float most_to(double high, bool with_high)
{
    float f = (float)high;
    return with_high ? f : nextafterf(f, -INFINITY);
}

static span span_of(const rk_condition *c)
{
    static const double cent = 0.005;
    double wanted = rk_value_number(c->value);
    switch (c->relation) {
    case RK_BELOW:
    case RK_UP_TO:
        return (span){-INFINITY, most_to(c->low, c->relation == RK_UP_TO)};
    case RK_ABOVE:
    case RK_FROM:
        return (span){least_from(c->low, c->relation == RK_FROM), INFINITY};
    case RK_BETWEEN:
        return (span){least_from(c->low, true), most_to(c->high, !c->is_open)};
    case RK_IS:
        break;
    }
    return (span){least_from(wanted - cent, false), most_to(wanted + cent, false)};
}

/* One bit for each of 64 bytes that are 0 or 1: the product puts byte i of eight at bit 56 + i. */
static uint64_t bits_of(const uint8_t flags[64])
{
    uint64_t bits = 0;
    for (size_t i = 0; i < 64; i += 8) {
        uint64_t eight;
        memcpy(&eight, flags + i, sizeof eight);
        bits |= (eight * UINT64_C(0x0102040810204080) >> 56) << i;
    }
    return bits;
}

static void hold_prices(const rk_index *x, const rk_condition *c, uint64_t *holds)
{
    const float *price = x->items.item_price;
    span s = span_of(c);
    for (size_t w = 0; price && w * 64 < x->n_items; w++) {
        uint8_t flags[64] = {0};
        size_t first = w * 64, n = x->n_items - first < 64 ? x->n_items - first : 64;
        for (size_t i = 0; i < n; i++) {
            flags[i] = (price[first + i] >= s.low) & (price[first + i] <= s.high);
        }
        holds[w] |= bits_of(flags);
    }
}

/* ---- columns ---- */

static void hold_run(const rk_columns *c, rk_value_run run, uint64_t *holds)
{
    for (uint64_t at = c->start[run.begin]; run.begin < run.end && at < c->start[run.end]; at++) {
        rk_set_bit(holds, c->item[at]);
    }
}

static void hold_value(const rk_columns *c, uint32_t value, uint64_t *holds)
{
    hold_run(c, (rk_value_run){value, value + 1}, holds);
}

static void hold_numbers(const rk_columns *c, const rk_condition *condition, uint32_t column, uint64_t *holds)
{
    double wanted = rk_value_number(condition->value);
    for (uint32_t v = c->first[column]; v < c->first[column + 1]; v++) {
        if (holds_number(condition, c->number[v]) || (condition->relation == RK_IS && c->number[v] == wanted)) {
            hold_value(c, v, holds);
        }
    }
}

/* No category begins so: those that have such a level, with all below it. */
static void hold_levels(const rk_columns *c, rk_slice folded, uint64_t *holds)
{
    for (uint32_t v = c->first[RK_COLUMN_CATEGORY]; v < c->first[RK_COLUMN_CATEGORY + 1]; v++) {
        rk_slice value = rk_names_get(&c->folded, v);
        bool has = false;
        for (size_t at = 1; !has && at + folded.n <= value.n; at++) {
            has = value.at[at - 1] == '>' && memcmp(value.at + at, folded.at, folded.n) == 0;
        }
        if (has) {
            hold_value(c, v, holds);
        }
    }
}

/* A condition, and its value as values are compared. */
typedef struct {
    const rk_condition *condition;
    rk_slice folded;
    bool is_level; /* no category of the corpus begins so */
} wish;

static void hold_column(const rk_columns *c, uint32_t column, const wish *w, uint64_t *holds)
{
    if (w->condition->relation != RK_IS) {
        hold_numbers(c, w->condition, column, holds);
    } else if (w->is_level) {
        hold_levels(c, w->folded, holds);
    } else if (w->folded.n > 0) {
        bool is_path = column == RK_COLUMN_CATEGORY;
        hold_run(c, rk_columns_find(c, column, w->folded, is_path), holds);
        if (!is_path) {
            hold_numbers(c, w->condition, column, holds); /* 17 is 17.0 */
        }
    }
}

static bool has_living(const rk_index *x, rk_value_run run)
{
    const rk_columns *c = &x->columns;
    bool has = false;
    for (uint64_t at = c->start[run.begin]; run.begin < run.end && !has && at < c->start[run.end]; at++) {
        has = !x->dead || !rk_has_bit(x->dead, c->item[at]);
    }
    return has;
}

static rk_status make_wish(rk_asker *asker, const rk_condition *condition, rk_text *room, wish *out, rk_error *err)
{
    const rk_corpus *corpus = asker->corpus;
    bool is_path = condition->about.kind == RK_ABOUT_CATEGORY;
    bool is_value = is_path || condition->about.kind == RK_ABOUT_BRAND || condition->about.kind == RK_ABOUT_ATTRIBUTE;
    *out = (wish){.condition = condition};
    if (!is_value || condition->relation != RK_IS) {
        return RK_OK;
    }
    rk_status status = rk_value_fold(asker->folder, condition->value, is_path, room, err);
    out->folded = (rk_slice){room->at, room->n};
    out->is_level = !status && is_path && room->n > 0;
    for (size_t s = 0; s < corpus->n_segments && out->is_level; s++) {
        const rk_index *x = corpus->segment[s].index;
        out->is_level = !has_living(x, rk_columns_find(&x->columns, RK_COLUMN_CATEGORY, out->folded, true));
    }
    return status;
}

/* What an attribute says that tells what can be had now: a number of pieces, or a word. */
static bool is_in_stock(const rk_columns *c, uint32_t value)
{
    static const char *const words[] = {"yes ", "y ", "true ", "in stock ", "instock ", "available ", "limited "};
    rk_slice folded = rk_names_get(&c->folded, value);
    if (!isnan(c->number[value])) {
        return c->number[value] > 0;
    }
    bool is_in = false;
    for (size_t i = 0; i < RK_COUNT_OF(words); i++) {
        size_t n = strlen(words[i]);
        is_in |= folded.n >= n && memcmp(folded.at, words[i], n) == 0;
    }
    return is_in;
}

static void hold_stock(const rk_columns *c, uint32_t column, const rk_condition *condition, uint64_t *holds)
{
    for (uint32_t v = c->first[column]; v < c->first[column + 1]; v++) {
        if (is_in_stock(c, v) == (condition->low > 0)) {
            hold_value(c, v, holds);
        }
    }
}

rk_status rk_corpus_is_out(const rk_corpus *corpus, rk_analyser *folder, uint32_t item, bool *out, rk_error *err)
{
    uint32_t within;
    const rk_index *x = rk_corpus_segment_of(corpus, item, &within)->index;
    rk_about about = {RK_ABOUT_STOCK, rk_stock_attribute(corpus)};
    uint32_t column = about.attribute.n > 0 ? rk_about_column(x, &about) : RK_NO_ID;
    rk_text folded = {0};
    rk_status status = RK_OK;
    *out = false;
    if (column == RK_NO_ID) {
        return RK_OK;
    }
    for (uint64_t a = x->items.attribute_start[within]; !status && a < x->items.attribute_start[within + 1]; a++) {
        if (x->items.attribute_name[a] != column - RK_COLUMN_ATTRIBUTES) {
            continue;
        }
        status = rk_value_fold(folder, rk_names_get(&x->items.values, x->items.attribute_value[a]), false, &folded, err);
        rk_value_run run = {0};
        if (!status) {
            run = rk_columns_find(&x->columns, column, (rk_slice){folded.at, folded.n}, false);
        }
        *out |= !status && run.begin < run.end && !is_in_stock(&x->columns, run.begin);
    }
    rk_text_release(&folded);
    return status;
}

/* Sets the bits of a segment's items that a condition speaks of, its minus apart. */
static void hold(const rk_index *x, const wish *w, uint64_t *holds)
{
    const rk_about *about = &w->condition->about;
    if (about->kind == RK_ABOUT_ID) {
        uint32_t item = rk_names_find(&x->items.items, w->condition->value);
        if (item != RK_NO_ID) {
            rk_set_bit(holds, item);
        }
        return;
    }
    if (about->kind == RK_ABOUT_PRICE) {
        hold_prices(x, w->condition, holds);
        return;
    }
    uint32_t column = rk_about_column(x, about);
    if (column == RK_NO_ID) {
        return;
    }
    if (about->kind == RK_ABOUT_STOCK) {
        hold_stock(&x->columns, column, w->condition, holds);
    } else {
        hold_column(&x->columns, column, w, holds);
    }
}

/* ---- phrases ---- */

/* Whether the words of wanted stand side by side in a text. */
static rk_status has_phrase(rk_asker *asker, rk_slice text, const rk_text *wanted, rk_text *room, bool *has,
                            rk_error *err)
{
    rk_status status = rk_value_fold(asker->folder, text, false, room, err);
    for (size_t at = 0; !status && !*has && at + wanted->n <= room->n; at++) {
        bool begins_word = at == 0 || room->at[at - 1] == ' ';
        *has = begins_word && memcmp(room->at + at, wanted->at, wanted->n) == 0;
    }
    return status;
}

static rk_status item_has_phrase(rk_asker *asker, const rk_dataset *d, uint32_t item, bool in_title,
                                 const rk_text *wanted, rk_text *room, bool *has, rk_error *err)
{
    const rk_names *const tables[] = {&d->title, &d->text, &d->brand, &d->category};
    size_t n_tables = in_title ? 1 : RK_COUNT_OF(tables);
    rk_status status = RK_OK;
    *has = false;
    for (size_t t = 0; !status && !*has && t < n_tables; t++) {
        status = item < tables[t]->n ? has_phrase(asker, rk_names_get(tables[t], item), wanted, room, has, err) : RK_OK;
    }
    bool has_attributes = !in_title && d->attribute_start;
    for (uint64_t a = has_attributes ? d->attribute_start[item] : 0;
         !status && !*has && has_attributes && a < d->attribute_start[item + 1]; a++) {
        status = has_phrase(asker, rk_names_get(&d->values, d->attribute_value[a]), wanted, room, has, err);
    }
    return status;
}

/* The items of a segment that have all words of a phrase. */
static void find_candidates(rk_asker *asker, const rk_segment *segment, const rk_question *words, uint64_t *bits)
{
    rk_search_term room[RK_SEARCH_TERMS_MAX];
    rk_search search;
    bool may_be = rk_question_search(words, segment, room, &search) && !words->is_impossible;
    if (!may_be || words->n_required == 0) {
        memset(bits, may_be ? 0xff : 0, rk_segment_n_words(segment) * sizeof *bits);
        return;
    }
    search.n_terms = search.n_required;
    rk_search_all(asker->desk, segment->index, &search, bits);
}

static rk_status keep_those_that_have(rk_asker *asker, const rk_segment *segment, const rk_phrase *phrase,
                                      const rk_text *wanted, rk_text *room, uint64_t *bits, rk_error *err)
{
    const rk_dataset *d = &segment->index->items;
    rk_status status = RK_OK;
    for (size_t w = 0; w < rk_segment_n_words(segment); w++) {
        for (uint64_t left = bits[w]; !status && left; left &= left - 1) {
            uint32_t item = (uint32_t)(w * 64) + (uint32_t)__builtin_ctzll(left);
            bool has = false;
            if (item < d->n_items) {
                status = item_has_phrase(asker, d, item, phrase->in_title, wanted, room, &has, err);
            }
            bits[w] &= has ? UINT64_MAX : ~(left & -left);
        }
    }
    return status;
}

rk_status rk_phrase_items(rk_asker *asker, const rk_phrase *phrase, uint64_t *bits, rk_error *err)
{
    rk_text wanted = {0}, room = {0};
    rk_question words = {0};
    rk_status status = rk_question_add_words(asker, phrase->text, RK_WORDS_MUST, &words, err);
    status = status ? status : rk_value_fold(asker->folder, phrase->text, false, &wanted, err);
    for (size_t s = 0; !status && s < asker->corpus->n_segments; s++) {
        const rk_segment *segment = &asker->corpus->segment[s];
        uint64_t *here = bits + segment->base / 64;
        find_candidates(asker, segment, &words, here);
        status = wanted.n > 0 ? keep_those_that_have(asker, segment, phrase, &wanted, &room, here, err) : RK_OK;
    }
    rk_text_release(&wanted);
    rk_text_release(&room);
    return status;
}

/* ---- all of a question ---- */

/* The group of a condition: conditions with a colon share theirs with those of the same field. */
static rk_group *group_of(const rk_question *q, size_t condition, rk_findings *out, rk_arena *arena, size_t n_words)
{
    const rk_condition *c = &q->condition[condition];
    bool has_colon = c->relation == RK_IS || c->relation == RK_BETWEEN;
    for (size_t i = 0; has_colon && i < condition; i++) {
        const rk_condition *before = &q->condition[i];
        bool is_alike = rk_about_same(&before->about, &c->about) && !before->is_not &&
                        (before->relation == RK_IS || before->relation == RK_BETWEEN);
        if (is_alike) {
            out->group_of[condition] = out->group_of[i];
            return &out->group[out->group_of[i]];
        }
    }
    rk_group *fresh = &out->group[out->n_groups];
    *fresh = (rk_group){c->about, RK_TAKE(arena, uint64_t, n_words)};
    out->group_of[condition] = out->n_groups++;
    return fresh;
}

static rk_status filter_conditions(rk_asker *asker, const rk_question *q, rk_arena *arena, uint64_t *barred,
                                   rk_findings *out, rk_error *err)
{
    size_t n_words = rk_bit_words(asker);
    rk_status status = RK_OK;
    rk_text room = {0};
    for (size_t i = 0; !status && i < q->n_conditions; i++) {
        wish w = {0};
        out->group_of[i] = SIZE_MAX;
        uint64_t *holds = q->condition[i].is_not ? barred : group_of(q, i, out, arena, n_words)->holds;
        status = holds ? make_wish(asker, &q->condition[i], &room, &w, err)
                       : rk_fail_memory(err, "the conditions of a question");
        for (size_t s = 0; !status && s < asker->corpus->n_segments; s++) {
            const rk_segment *segment = &asker->corpus->segment[s];
            hold(segment->index, &w, holds + segment->base / 64);
        }
    }
    rk_text_release(&room);
    return status;
}

static void bar_term(rk_asker *asker, rk_slice term, uint64_t *room, uint64_t *barred)
{
    for (size_t s = 0; s < asker->corpus->n_segments; s++) {
        const rk_segment *segment = &asker->corpus->segment[s];
        rk_search_term one = {rk_index_find(segment->index, term), 1};
        uint64_t *here = barred + segment->base / 64;
        if (one.term != RK_NO_ID) {
            rk_search_all(asker->desk, segment->index, &(rk_search){&one, 1, 1, NULL}, room);
        }
        for (size_t w = 0; one.term != RK_NO_ID && w < rk_segment_n_words(segment); w++) {
            here[w] |= room[w];
        }
    }
}

rk_status rk_question_filter(rk_asker *asker, const rk_question *q, rk_arena *arena, uint64_t *barred, rk_findings *out,
                             rk_error *err)
{
    size_t n_words = rk_bit_words(asker);
    bool has_room = q->n_without + q->n_phrases > 0;
    uint64_t *room = has_room ? RK_TAKE(arena, uint64_t, n_words) : NULL;
    rk_status status = has_room && !room ? rk_fail_memory(err, "the conditions of a question") : RK_OK;
    for (size_t i = 0; !status && i < q->n_without; i++) {
        bar_term(asker, q->without[i], room, barred);
    }
    status = status ? status : filter_conditions(asker, q, arena, barred, out, err);
    for (size_t i = 0; !status && i < q->n_phrases; i++) {
        status = rk_phrase_items(asker, &q->phrase[i], room, err);
        for (size_t w = 0; !status && w < n_words; w++) {
            barred[w] |= q->phrase[i].is_not ? room[w] : ~room[w];
        }
    }
    return status;
}
