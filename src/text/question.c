/* question.c - see question.h. First the text is cut into parts, then each part becomes terms, phrases or conditions;
 * what must not match is then one bit an item.
 */
#include "text/question.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/map.h"
#include "base/vec.h"
#include "text/index_parts.h"

struct rk_asker {
    const rk_index *index;
    rk_analyser *analyser, *folder; /* the index's own; one that keeps every word whole, for values */
    rk_search_desk *desk;
};

rk_status rk_asker_new(const rk_index *index, rk_asker **out, rk_error *err)
{
    rk_asker *asker = calloc(1, sizeof *asker);
    if (!asker) {
        return rk_fail_memory(err, "a reader of questions");
    }
    asker->index = index;
    asker->desk = rk_search_desk_new();
    rk_status status = asker->desk ? rk_analyser_new(&index->options.analysis, &asker->analyser, err)
                                   : rk_fail_memory(err, "a reader of questions");
    status = status ? status : rk_analyser_new(&(rk_analysis){.stemmer = "none", .keep_stops = true}, &asker->folder, err);
    if (status) {
        rk_asker_free(asker);
        return status;
    }
    *out = asker;
    return RK_OK;
}

void rk_asker_free(rk_asker *asker)
{
    if (asker) {
        rk_analyser_free(asker->analyser);
        rk_analyser_free(asker->folder);
        rk_search_desk_free(asker->desk);
        free(asker);
    }
}

/* ---- parts ---- */

/* "-field<="value"" and the like: what stands between blanks, quotes kept together. */
typedef struct {
    rk_slice field, value; /* field empty: words */
    rk_relation relation;
    bool is_not, is_must, is_quoted;
} part;

static bool is_blank(char c) { return (unsigned char)c <= ' '; }

static bool is_field_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* A relation at `at`; *n its bytes, 0: none. */
static rk_relation relation_at(const char *at, const char *end, size_t *n)
{
    bool has_equals = at + 1 < end && at[1] == '=';
    *n = at < end && (*at == ':' || *at == '<' || *at == '>') ? 1 : 0;
    if (*n && *at != ':' && has_equals) {
        *n = 2;
        return *at == '<' ? RK_UP_TO : RK_FROM;
    }
    return *n == 0 || *at == ':' ? RK_IS : *at == '<' ? RK_BELOW : RK_ABOVE;
}

/* The value from at on: to the closing quote, or to the next blank. */
static const char *read_value(const char *at, const char *end, part *out)
{
    const char *close = at < end && *at == '"' ? memchr(at + 1, '"', (size_t)(end - at - 1)) : NULL;
    if (close) {
        out->value = (rk_slice){at + 1, (size_t)(close - at - 1)};
        out->is_quoted = true;
        return close + 1;
    }
    const char *begin = at;
    while (at < end && !is_blank(*at)) {
        at++;
    }
    out->value = (rk_slice){begin, (size_t)(at - begin)};
    return at;
}

static const char *read_part(const char *at, const char *end, part *out)
{
    *out = (part){0};
    if (at + 1 < end && (*at == '-' || *at == '+') && !is_blank(at[1])) {
        out->is_not = *at == '-';
        out->is_must = *at == '+';
        at++;
    }
    const char *field = at;
    size_t n = 0;
    while (at < end && is_field_char(*at)) {
        at++;
    }
    out->relation = relation_at(at, end, &n);
    bool has_value = n > 0 && at > field && at + n < end && !is_blank(at[n]);
    if (has_value) {
        out->field = (rk_slice){field, (size_t)(at - field)};
        return read_value(at + n, end, out);
    }
    return read_value(field, end, out);
}

/* ---- fields ---- */

static bool same_name(rk_slice a, const char *b) { return a.n == strlen(b) && strncasecmp(a.at, b, a.n) == 0; }

/* An attribute of this name, or one that ends in _NAME. RK_NO_ID: none. */
static uint32_t find_attribute(const rk_dataset *d, rk_slice name)
{
    uint32_t ending = RK_NO_ID;
    for (uint32_t a = 0; a < d->attributes.n; a++) {
        rk_slice one = rk_names_get(&d->attributes, a);
        bool ends = one.n >= name.n && strncasecmp(one.at + one.n - name.n, name.at, name.n) == 0;
        if (ends && one.n == name.n) {
            return a;
        }
        ending = ends && ending == RK_NO_ID && one.at[one.n - name.n - 1] == '_' ? a : ending;
    }
    return ending;
}

static const rk_names *find_table(const rk_dataset *d, rk_slice name)
{
    const rk_names *table = same_name(name, "brand")      ? &d->brand
                            : same_name(name, "category") ? &d->category
                            : same_name(name, "title")    ? &d->title
                                                          : NULL;
    return table && table->n > 0 ? table : NULL;
}

static bool is_known_field(const rk_dataset *d, rk_slice name)
{
    return find_table(d, name) || (same_name(name, "price") && d->item_price) || same_name(name, "id") ||
           find_attribute(d, name) != RK_NO_ID;
}

/* ---- words ---- */

static void add_term(rk_question *q, uint32_t term, bool is_must)
{
    for (size_t i = 0; i < q->n_terms; i++) {
        if (q->term[i].term == term) {
            q->term[i].weight += 1;
            if (is_must && i >= q->n_required) {
                rk_search_term moved = q->term[i];
                q->term[i] = q->term[q->n_required];
                q->term[q->n_required++] = moved;
            }
            return;
        }
    }
    if (q->n_terms == RK_SEARCH_TERMS_MAX) {
        return;
    }
    q->term[q->n_terms++] = (rk_search_term){term, 1};
    if (is_must) {
        rk_search_term moved = q->term[q->n_required];
        q->term[q->n_required] = q->term[q->n_terms - 1];
        q->term[q->n_terms - 1] = moved;
        q->n_required++;
    }
}

/* Words of a text into the question. A compound is one more term that counts, and never required itself. */
static rk_status add_words(rk_asker *asker, rk_slice text, const part *p, rk_question *q, rk_error *err)
{
    const rk_token *tokens;
    size_t n = 0;
    rk_status status = rk_analyse(asker->analyser, text, &tokens, &n, err);
    for (size_t i = 0; !status && i < n; i++) {
        uint32_t term = rk_index_find(asker->index, tokens[i].term);
        bool is_word = tokens[i].n_words == 1;
        if (p->is_not) {
            if (term != RK_NO_ID && is_word && q->n_without < RK_QUESTION_PARTS_MAX) {
                q->without[q->n_without++] = term;
            }
        } else if (term != RK_NO_ID) {
            add_term(q, term, p->is_must && is_word);
        } else if (is_word) {
            q->is_impossible |= p->is_must;
            if (q->n_unknown < RK_QUESTION_PARTS_MAX) {
                q->unknown[q->n_unknown++] = (rk_slice){text.at + tokens[i].begin, tokens[i].end - tokens[i].begin};
            }
        }
    }
    return status;
}

static bool read_range(rk_slice value, rk_condition *c)
{
    for (size_t i = 0; i + 1 < value.n; i++) {
        if (value.at[i] == '.' && value.at[i + 1] == '.') {
            rk_slice low = {value.at, i}, high = {value.at + i + 2, value.n - i - 2};
            c->low = -INFINITY;
            c->high = INFINITY;
            c->relation = RK_BETWEEN;
            return (low.n == 0 || rk_parse_real(low, &c->low)) && (high.n == 0 || rk_parse_real(high, &c->high));
        }
    }
    return false;
}

static bool read_condition(const part *p, rk_condition *c)
{
    *c = (rk_condition){.field = p->field, .value = p->value, .relation = p->relation, .is_not = p->is_not};
    if (p->relation == RK_IS) {
        rk_condition range = *c;
        if (!p->is_quoted && read_range(p->value, &range)) {
            *c = range;
        }
        return true;
    }
    return rk_parse_real(p->value, &c->low);
}

static rk_status add_part(rk_asker *asker, const part *p, rk_slice whole, rk_question *q, rk_error *err)
{
    rk_condition condition;
    bool is_condition = p->field.n > 0 && is_known_field(&asker->index->items, p->field) &&
                        q->n_conditions < RK_QUESTION_PARTS_MAX && read_condition(p, &condition);
    if (is_condition) {
        q->condition[q->n_conditions++] = condition;
        return RK_OK;
    }
    if (p->is_quoted && p->field.n == 0 && q->n_phrases < RK_QUESTION_PARTS_MAX) {
        part must = {.is_must = !p->is_not};
        q->phrase[q->n_phrases++] = (rk_phrase){p->value, p->is_not};
        return p->is_not ? RK_OK : add_words(asker, p->value, &must, q, err);
    }
    return add_words(asker, p->field.n > 0 ? whole : p->value, p, q, err);
}

rk_status rk_question_read(rk_asker *asker, rk_slice text, rk_question *out, rk_error *err)
{
    rk_status status = RK_OK;
    *out = (rk_question){0};
    if (text.n > RK_QUESTION_BYTES_MAX) {
        return rk_fail(err, RK_BAD_USAGE, "a question has at most %d bytes, this one has %zu",
                       (int)RK_QUESTION_BYTES_MAX, text.n);
    }
    if (rk_utf8_valid_prefix(text) < text.n) {
        return rk_fail(err, RK_BAD_USAGE, "the question is not UTF-8 from its byte %zu on",
                       rk_utf8_valid_prefix(text) + 1);
    }
    for (const char *at = text.at, *end = text.at + text.n; !status && at < end;) {
        part p;
        if (is_blank(*at)) {
            at++;
            continue;
        }
        const char *begin = at;
        at = read_part(at, end, &p);
        if (p.value.n > 0) {
            status = add_part(asker, &p, (rk_slice){begin, (size_t)(at - begin)}, out, err);
        }
    }
    return status;
}

/* ---- conditions ---- */

/* The words of a value, folded, with a blank behind each. */
static rk_status fold(rk_asker *asker, rk_slice value, rk_text *out, rk_error *err)
{
    const rk_token *tokens;
    size_t n = 0;
    rk_text_clear(out);
    rk_status status = rk_analyse(asker->folder, value, &tokens, &n, err);
    for (size_t i = 0; !status && i < n; i++) {
        if (tokens[i].n_words == 1) {
            rk_text_add_slice(out, tokens[i].term);
            rk_text_add(out, " ");
        }
    }
    return !status && out->failed ? rk_fail_memory(err, "a condition") : status;
}

/* A category is within another when it begins with its words. */
static bool fits(const rk_text *value, const rk_text *wanted, bool is_path)
{
    size_t n = wanted->n;
    bool is_long_enough = is_path ? value->n >= n : value->n == n;
    return n > 0 && is_long_enough && memcmp(value->at, wanted->at, n) == 0;
}

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
        return x >= c->low && x <= c->high;
    case RK_IS:
        break;
    }
    return false;
}

typedef struct {
    rk_asker *asker;
    const rk_condition *condition;
    rk_text wanted, value;
    bool is_path;
} checking;

static rk_status check_value(checking *k, rk_slice value, bool *holds, rk_error *err)
{
    double number;
    if (k->condition->relation != RK_IS) {
        *holds |= rk_parse_real(value, &number) && holds_number(k->condition, number);
        return RK_OK;
    }
    if (value.n == 0) {
        return RK_OK;
    }
    rk_status status = fold(k->asker, value, &k->value, err);
    *holds |= !status && fits(&k->value, &k->wanted, k->is_path);
    return status;
}

static bool holds_price(const rk_condition *c, float price)
{
    double wanted;
    if (c->relation == RK_IS) {
        return rk_parse_real(c->value, &wanted) && fabs((double)price - wanted) < 0.005;
    }
    return !isnan(price) && holds_number(c, (double)price);
}

/* By table of values: each different value is checked once. */
static rk_status check_attribute(checking *k, uint32_t attribute, uint64_t *holds, rk_error *err)
{
    const rk_dataset *d = &k->asker->index->items;
    unsigned char *known = calloc((size_t)d->values.n + 1, 1); /* 0: not asked, 1: no, 2: yes */
    rk_status status = known ? RK_OK : rk_fail_memory(err, "a condition");
    for (uint32_t i = 0; !status && i < d->n_items; i++) {
        for (uint64_t a = d->attribute_start[i]; !status && a < d->attribute_start[i + 1]; a++) {
            uint32_t v = d->attribute_value[a];
            if (d->attribute_name[a] != attribute) {
                continue;
            }
            if (known[v] == 0) {
                bool is_so = false;
                status = check_value(k, rk_names_get(&d->values, v), &is_so, err);
                known[v] = is_so ? 2 : 1;
            }
            holds[i / 64] |= known[v] == 2 ? UINT64_C(1) << (i % 64) : 0;
        }
    }
    free(known);
    return status;
}

/* Bits of the items that hold a condition, its `not` aside. */
static rk_status check_items(checking *k, uint64_t *holds, rk_error *err)
{
    const rk_dataset *d = &k->asker->index->items;
    const rk_condition *c = k->condition;
    const rk_names *table = find_table(d, c->field);
    bool is_id = same_name(c->field, "id"), is_price = same_name(c->field, "price") && d->item_price;
    rk_status status = RK_OK;
    if (!table && !is_id && !is_price) {
        return check_attribute(k, find_attribute(d, c->field), holds, err);
    }
    for (uint32_t i = 0; !status && i < d->n_items; i++) {
        bool is_so = is_price && holds_price(c, d->item_price[i]);
        if (is_id) {
            is_so = rk_slice_equal(rk_names_get(&d->items, i), c->value);
        } else if (table) {
            status = check_value(k, rk_names_get(table, i), &is_so, err);
        }
        holds[i / 64] |= is_so ? UINT64_C(1) << (i % 64) : 0;
    }
    return status;
}

static rk_status bar_condition(rk_asker *asker, const rk_condition *c, uint64_t *barred, uint64_t *holds, rk_error *err)
{
    size_t n_words = ((size_t)asker->index->n_items + 63) / 64;
    checking k = {.asker = asker, .condition = c, .is_path = same_name(c->field, "category")};
    memset(holds, 0, n_words * sizeof *holds);
    rk_status status = c->relation == RK_IS ? fold(asker, c->value, &k.wanted, err) : RK_OK;
    status = status ? status : check_items(&k, holds, err);
    for (size_t w = 0; !status && w < n_words; w++) {
        barred[w] |= c->is_not ? holds[w] : ~holds[w];
    }
    rk_text_release(&k.wanted);
    rk_text_release(&k.value);
    return status;
}

/* ---- phrases ---- */

/* Whether the words of wanted stand side by side in a text. */
static rk_status has_phrase(rk_asker *asker, rk_slice text, const rk_text *wanted, rk_text *room, bool *has,
                            rk_error *err)
{
    rk_status status = fold(asker, text, room, err);
    for (size_t at = 0; !status && !*has && at + wanted->n <= room->n; at++) {
        bool begins_word = at == 0 || room->at[at - 1] == ' ';
        *has = begins_word && memcmp(room->at + at, wanted->at, wanted->n) == 0;
    }
    return status;
}

static rk_status item_has_phrase(rk_asker *asker, uint32_t item, const rk_text *wanted, rk_text *room, bool *has,
                                 rk_error *err)
{
    const rk_dataset *d = &asker->index->items;
    const rk_names *const tables[] = {&d->title, &d->text, &d->brand, &d->category};
    rk_status status = RK_OK;
    *has = false;
    for (size_t t = 0; !status && !*has && t < RK_COUNT_OF(tables); t++) {
        status = item < tables[t]->n ? has_phrase(asker, rk_names_get(tables[t], item), wanted, room, has, err) : RK_OK;
    }
    for (uint64_t a = d->attribute_start ? d->attribute_start[item] : 0;
         !status && !*has && d->attribute_start && a < d->attribute_start[item + 1]; a++) {
        status = has_phrase(asker, rk_names_get(&d->values, d->attribute_value[a]), wanted, room, has, err);
    }
    return status;
}

/* Only items that have all words of the phrase are read. */
static rk_status bar_phrase(rk_asker *asker, const rk_phrase *phrase, uint64_t *barred, uint64_t *bits, rk_error *err)
{
    rk_question words = {0};
    rk_text wanted = {0}, room = {0};
    part must = {.is_must = true};
    size_t n_words = ((size_t)asker->index->n_items + 63) / 64;
    rk_status status = add_words(asker, phrase->text, &must, &words, err);
    status = status ? status : fold(asker, phrase->text, &wanted, err);
    if (!status && (words.is_impossible || words.n_required == 0 || wanted.n == 0)) {
        memset(bits, words.is_impossible ? 0 : 0xff, n_words * sizeof *bits);
    } else if (!status) {
        rk_search search = {words.term, words.n_required, words.n_required, NULL};
        rk_search_all(asker->desk, asker->index, &search, bits);
    }
    for (uint32_t i = 0; !status && wanted.n > 0 && i < asker->index->n_items; i++) {
        if (bits[i / 64] >> (i % 64) & 1) {
            bool has = false;
            status = item_has_phrase(asker, i, &wanted, &room, &has, err);
            bits[i / 64] &= has ? UINT64_MAX : ~(UINT64_C(1) << (i % 64));
        }
    }
    for (size_t w = 0; !status && w < n_words; w++) {
        barred[w] |= phrase->is_not ? bits[w] : ~bits[w];
    }
    rk_text_release(&wanted);
    rk_text_release(&room);
    return status;
}

/* ---- the answer ---- */

static rk_status bar_all(rk_asker *asker, const rk_question *q, uint64_t *barred, uint64_t *room, rk_error *err)
{
    size_t n_words = ((size_t)asker->index->n_items + 63) / 64;
    rk_status status = RK_OK;
    for (size_t i = 0; i < q->n_without; i++) {
        rk_search_term one = {q->without[i], 1};
        rk_search_all(asker->desk, asker->index, &(rk_search){&one, 1, 1, NULL}, room);
        for (size_t w = 0; w < n_words; w++) {
            barred[w] |= room[w];
        }
    }
    for (size_t i = 0; !status && i < q->n_conditions; i++) {
        status = bar_condition(asker, &q->condition[i], barred, room, err);
    }
    for (size_t i = 0; !status && i < q->n_phrases; i++) {
        status = bar_phrase(asker, &q->phrase[i], barred, room, err);
    }
    return status;
}

static bool has_bars(const rk_question *q) { return q->n_without + q->n_conditions + q->n_phrases > 0; }

/* No words: what holds the conditions, by number. */
static void list_all(const rk_index *x, const uint64_t *barred, size_t n, rk_findings *out)
{
    for (uint32_t i = 0; i < x->n_items; i++) {
        if (!(barred[i / 64] >> (i % 64) & 1)) {
            out->bits[i / 64] |= UINT64_C(1) << (i % 64);
            out->total++;
            if (out->n < n) {
                out->item[out->n] = i;
                out->score[out->n++] = 0;
            }
        }
    }
}

rk_status rk_question_answer(rk_asker *asker, const rk_question *q, size_t n, rk_arena *arena, rk_findings *out,
                             rk_error *err)
{
    size_t n_words = ((size_t)asker->index->n_items + 63) / 64;
    uint64_t *barred = RK_TAKE(arena, uint64_t, n_words), *room = RK_TAKE(arena, uint64_t, n_words);
    n = n < asker->index->n_items ? n : asker->index->n_items;
    *out = (rk_findings){.item = RK_TAKE(arena, uint32_t, n),
                         .score = RK_TAKE(arena, float, n),
                         .bits = RK_TAKE(arena, uint64_t, n_words)};
    if (!barred || !room || !out->item || !out->score || !out->bits) {
        return rk_fail_memory(err, "findings");
    }
    rk_status status = bar_all(asker, q, barred, room, err);
    if (status || q->is_impossible) {
        return status;
    }
    if (q->n_terms == 0) {
        if (has_bars(q)) {
            list_all(asker->index, barred, n, out);
        }
        return RK_OK;
    }
    rk_search search = {q->term, q->n_terms, q->n_required, has_bars(q) ? barred : NULL};
    out->n = rk_search_best(asker->desk, asker->index, &search, n, out->item, out->score);
    out->total = rk_search_all(asker->desk, asker->index, &search, out->bits);
    return RK_OK;
}

/* ---- facets ---- */

typedef struct {
    uint32_t id;
    uint64_t n;
} tally;

static int most_first(const void *a, const void *b)
{
    const tally *x = a, *y = b;
    return x->n > y->n ? -1 : x->n < y->n ? 1 : (x->id > y->id) - (x->id < y->id);
}

static bool is_found(const rk_findings *f, uint32_t item) { return f->bits[item / 64] >> (item % 64) & 1; }

/* Values of brands and categories are one a row: they are told apart by an interner. */
static rk_status count_table(const rk_names *table, const rk_findings *f, rk_interner *names, rk_vec *counts,
                             rk_error *err)
{
    for (uint32_t i = 0; i < table->n; i++) {
        rk_slice name = rk_names_get(table, i);
        if (name.n == 0 || !is_found(f, i)) {
            continue;
        }
        uint32_t id = rk_interner_add(names, name);
        if (id == RK_NO_ID || (id == counts->n && !rk_vec_push(counts, &(tally){id, 0}))) {
            return rk_fail_memory(err, "facets");
        }
        ((tally *)counts->data)[id].n++;
    }
    return RK_OK;
}

static rk_status count_attribute(const rk_dataset *d, uint32_t attribute, const rk_findings *f, rk_interner *names,
                                 rk_vec *counts, rk_error *err)
{
    for (uint32_t i = 0; i < d->n_items; i++) {
        for (uint64_t a = d->attribute_start[i]; is_found(f, i) && a < d->attribute_start[i + 1]; a++) {
            if (d->attribute_name[a] != attribute) {
                continue;
            }
            uint32_t id = rk_interner_add(names, rk_names_get(&d->values, d->attribute_value[a]));
            if (id == RK_NO_ID || (id == counts->n && !rk_vec_push(counts, &(tally){id, 0}))) {
                return rk_fail_memory(err, "facets");
            }
            ((tally *)counts->data)[id].n++;
        }
    }
    return RK_OK;
}

rk_status rk_facet_count(const rk_index *index, const rk_findings *findings, rk_slice field, size_t n_max,
                         rk_arena *arena, rk_slice *names, uint64_t *counts, size_t *n, rk_error *err)
{
    const rk_dataset *d = &index->items;
    const rk_names *table = find_table(d, field);
    uint32_t attribute = table ? RK_NO_ID : find_attribute(d, field);
    rk_interner *known = rk_interner_new();
    rk_vec tallies = {.item_bytes = sizeof(tally)};
    rk_status status = known ? RK_OK : rk_fail_memory(err, "facets");
    *n = 0;
    if (!status && table) {
        status = count_table(table, findings, known, &tallies, err);
    } else if (!status && attribute != RK_NO_ID) {
        status = count_attribute(d, attribute, findings, known, &tallies, err);
    } else if (!status) {
        status = rk_fail(err, RK_NOT_FOUND, "no field or attribute '%.*s' to count", (int)(field.n < 60 ? field.n : 60),
                         field.at);
    }
    if (!status && tallies.n > 1) {
        qsort(tallies.data, tallies.n, sizeof(tally), most_first);
    }
    for (size_t i = 0; !status && i < tallies.n && i < n_max; i++) {
        const tally *one = (const tally *)tallies.data + i;
        rk_slice name = rk_interner_key(known, one->id);
        const char *copy = rk_arena_copy(arena, name.at, name.n);
        status = copy ? RK_OK : rk_fail_memory(err, "facets");
        names[i] = (rk_slice){copy, name.n};
        counts[i] = one->n;
        *n = i + 1;
    }
    rk_vec_release(&tallies);
    rk_interner_free(known);
    return status;
}
