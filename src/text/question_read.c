/* question_read.c - a question's text cut into parts, and each part to terms, phrases or conditions. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text/question_parts.h"

rk_status rk_asker_new(const rk_corpus *corpus, rk_asker **out, rk_error *err)
{
    rk_asker *asker = calloc(1, sizeof *asker);
    if (!asker) {
        return rk_fail_memory(err, "a reader of questions");
    }
    asker->corpus = corpus;
    asker->desk = rk_search_desk_new();
    rk_status status = asker->desk ? rk_analyser_new(&corpus->analysis, &asker->analyser, err)
                                   : rk_fail_memory(err, "a reader of questions");
    status = status ? status : rk_analyser_new(&rk_value_analysis, &asker->folder, err);
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

/* "-field<="value"" and the like: what stands between blanks, quotes and lists kept together. */
typedef struct {
    rk_slice whole, field, value; /* field empty: words */
    rk_relation relation;
    bool is_not, is_must, is_quoted, is_list;
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

/* The quote that closes the one at `at`; NULL: none opens there, or it stays open. */
static const char *find_quote(const char *at, const char *end)
{
    return at < end && *at == '"' ? memchr(at + 1, '"', (size_t)(end - at - 1)) : NULL;
}

/* The ')' behind the list that opens at `at`, quotes passed over; NULL: it stays open. */
static const char *find_list_end(const char *at, const char *end)
{
    for (at++; at < end && *at != ')'; at++) {
        const char *close = find_quote(at, end);
        at = close ? close : at;
    }
    return at < end ? at : NULL;
}

/* The value from at on: to the closing quote, to the end of the list, or to the next blank. */
static const char *read_value(const char *at, const char *end, part *out)
{
    const char *quote = find_quote(at, end);
    const char *list =
        out->field.n > 0 && out->relation == RK_IS && at < end && *at == '(' ? find_list_end(at, end) : NULL;
    const char *close = quote ? quote : list;
    out->is_quoted = quote != NULL;
    out->is_list = !quote && list;
    if (close) {
        out->value = (rk_slice){at + 1, (size_t)(close - at - 1)};
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
    const char *begin = at;
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
    out->field = (rk_slice){field, has_value ? (size_t)(at - field) : 0};
    at = read_value(has_value ? at + n : field, end, out);
    out->whole = (rk_slice){begin, (size_t)(at - begin)};
    return at;
}

/* The next value of a list: *list is what is left of it. false: none. */
static bool next_of_list(rk_slice *list, rk_slice *value, bool *is_quoted)
{
    const char *at = list->at, *end = list->at + list->n;
    while (at < end && (is_blank(*at) || *at == ',')) {
        at++;
    }
    if (at == end) {
        return false;
    }
    const char *quote = find_quote(at, end), *stop = at;
    *is_quoted = quote != NULL;
    while (!quote && stop < end && *stop != ',') {
        stop++;
    }
    *value = quote ? (rk_slice){at + 1, (size_t)(quote - at - 1)} : rk_slice_trim((rk_slice){at, (size_t)(stop - at)});
    at = quote ? quote + 1 : stop;
    *list = (rk_slice){at, (size_t)(end - at)};
    return true;
}

/* ---- fields ---- */

bool rk_same_name(rk_slice a, const char *b) { return a.n == strlen(b) && strncasecmp(a.at, b, a.n) == 0; }

/* The attribute of this name, or else the first that ends in _NAME, as the first segment that has it writes it. n 0:
 * none. */
static rk_slice find_attribute(const rk_corpus *c, rk_slice name)
{
    rk_slice ending = {"", 0};
    for (size_t s = 0; s < c->n_segments; s++) {
        const rk_names *names = &c->segment[s].index->items.attributes;
        for (uint32_t a = 0; a < names->n; a++) {
            rk_slice one = rk_names_get(names, a);
            bool ends = one.n >= name.n && strncasecmp(one.at + one.n - name.n, name.at, name.n) == 0;
            if (ends && one.n == name.n) {
                return one;
            }
            ending = ends && ending.n == 0 && one.at[one.n - name.n - 1] == '_' ? one : ending;
        }
    }
    return ending;
}

rk_slice rk_stock_attribute(const rk_corpus *corpus)
{
    static const char *const names[] = {"stock", "in_stock", "availability", "available"};
    rk_slice found = {"", 0};
    for (size_t i = 0; found.n == 0 && i < RK_COUNT_OF(names); i++) {
        found = find_attribute(corpus, rk_slice_of(names[i]));
    }
    return found;
}

/* Whether some segment has what a condition on a field wants to read. */
static bool has_about(const rk_corpus *c, rk_about_kind kind)
{
    bool has = kind == RK_ABOUT_ID;
    for (size_t s = 0; s < c->n_segments && !has; s++) {
        const rk_dataset *d = &c->segment[s].index->items;
        has =
            kind == RK_ABOUT_PRICE ? d->item_price != NULL : (kind == RK_ABOUT_BRAND ? &d->brand : &d->category)->n > 0;
    }
    return has;
}

bool rk_about_find(const rk_corpus *corpus, rk_slice name, rk_about *out)
{
    static const struct {
        const char *name;
        rk_about_kind kind;
    } fields[] = {
        {"id", RK_ABOUT_ID}, {"price", RK_ABOUT_PRICE}, {"brand", RK_ABOUT_BRAND}, {"category", RK_ABOUT_CATEGORY}};
    for (size_t i = 0; i < RK_COUNT_OF(fields); i++) {
        if (rk_same_name(name, fields[i].name) && has_about(corpus, fields[i].kind)) {
            *out = (rk_about){fields[i].kind, {"", 0}};
            return true;
        }
    }
    *out = (rk_about){RK_ABOUT_ATTRIBUTE, find_attribute(corpus, name)};
    return out->attribute.n > 0;
}

uint32_t rk_about_column(const rk_index *index, const rk_about *about)
{
    const rk_dataset *d = &index->items;
    if (about->kind == RK_ABOUT_BRAND) {
        return d->brand.n > 0 ? RK_COLUMN_BRAND : RK_NO_ID;
    }
    if (about->kind == RK_ABOUT_CATEGORY) {
        return d->category.n > 0 ? RK_COLUMN_CATEGORY : RK_NO_ID;
    }
    for (uint32_t a = 0; a < d->attributes.n; a++) {
        if (rk_slice_equal(rk_names_get(&d->attributes, a), about->attribute)) {
            return RK_COLUMN_ATTRIBUTES + a;
        }
    }
    return RK_NO_ID;
}

static bool has_titles(const rk_corpus *c)
{
    bool has = false;
    for (size_t s = 0; s < c->n_segments && !has; s++) {
        has = c->segment[s].index->items.title.n > 0;
    }
    return has;
}

/* ---- words ---- */

/* To the end of those required. */
static void require(rk_question *q, size_t i)
{
    rk_asked moved = q->term[i];
    q->term[i] = q->term[q->n_required];
    q->term[q->n_required++] = moved;
}

static void add_term(rk_question *q, const rk_asked *term, bool is_must)
{
    size_t i = 0;
    while (i < q->n_terms && !rk_slice_equal(q->term[i].term, term->term)) {
        i++;
    }
    if (i == RK_SEARCH_TERMS_MAX) {
        return;
    }
    if (i == q->n_terms) {
        q->term[q->n_terms++] = *term;
    } else {
        q->term[i].weight += term->weight;
        q->term[i].typed = q->term[i].typed.n > 0 ? q->term[i].typed : term->typed;
    }
    if (is_must && i >= q->n_required) {
        require(q, i);
    }
}

/* What means the same counts, too, and is never required. */
static void add_synonyms(rk_asker *asker, const rk_token *tokens, size_t n, rk_question *q)
{
    rk_synonym others[RK_SEARCH_TERMS_MAX];
    size_t n_others = rk_synonyms_widen(asker->corpus->synonyms, tokens, n, others, RK_SEARCH_TERMS_MAX);
    for (size_t i = 0; i < n_others; i++) {
        rk_asked one = {.weight = others[i].weight};
        one.term = rk_corpus_find(asker->corpus, others[i].term, &one.id);
        if (one.term.n > 0) {
            add_term(q, &one, false);
        }
    }
}

rk_status rk_question_add_words(rk_asker *asker, rk_slice text, rk_words_rule rule, rk_question *q, rk_error *err)
{
    const rk_token *tokens;
    size_t n = 0;
    rk_status status = rk_analyse(asker->analyser, text, &tokens, &n, err);
    for (size_t i = 0; !status && i < n; i++) {
        rk_asked one = {.weight = 1, .typed = {text.at + tokens[i].begin, tokens[i].end - tokens[i].begin}};
        one.term = rk_corpus_find(asker->corpus, tokens[i].term, &one.id);
        bool is_word = tokens[i].n_words == 1, is_known = one.term.n > 0;
        if (rule == RK_WORDS_NOT) {
            if (is_known && is_word && q->n_without < RK_QUESTION_PARTS_MAX) {
                q->without[q->n_without++] = one.term;
            }
        } else if (is_known) {
            add_term(q, &one, rule == RK_WORDS_MUST && is_word);
        } else if (is_word) {
            q->is_impossible |= rule == RK_WORDS_MUST;
            if (q->n_unknown < RK_QUESTION_PARTS_MAX) {
                q->unknown[q->n_unknown++] = one.typed;
            }
        }
    }
    if (!status && rule != RK_WORDS_NOT) {
        add_synonyms(asker, tokens, n, q);
    }
    return status;
}

bool rk_question_search(const rk_question *q, const rk_segment *segment, rk_search_term *room, rk_search *out)
{
    *out = (rk_search){.terms = room};
    for (size_t i = 0; i < q->n_terms; i++) {
        const rk_asked *one = &q->term[i];
        uint32_t id = one->id != RK_NO_ID ? one->id : rk_index_find(segment->index, one->term);
        if (id != RK_NO_ID) {
            room[out->n_terms++] = (rk_search_term){id, one->weight};
            out->n_required += i < q->n_required;
        }
    }
    return out->n_required == q->n_required;
}

/* ---- conditions ---- */

/* A number, or a day. */
static bool read_number(rk_slice text, double *out)
{
    double number = rk_value_number(text);
    if (isnan(number)) {
        return false;
    }
    *out = number;
    return true;
}

static bool read_range(rk_slice value, rk_condition *c)
{
    for (size_t i = 0; i + 1 < value.n; i++) {
        if (value.at[i] == '.' && value.at[i + 1] == '.') {
            c->is_open = i + 2 < value.n && value.at[i + 2] == '<';
            size_t n_dots = c->is_open ? 3 : 2;
            rk_slice low = {value.at, i}, high = {value.at + i + n_dots, value.n - i - n_dots};
            c->low = -INFINITY;
            c->high = INFINITY;
            c->relation = RK_BETWEEN;
            return (low.n == 0 || read_number(low, &c->low)) && (high.n == 0 || read_number(high, &c->high));
        }
    }
    return false;
}

static const char *const yes_words[] = {"yes", "true", "1", "in"}, *const no_words[] = {"no", "false", "0", "out"};

static bool is_one_of(rk_slice word, const char *const *words, size_t n)
{
    bool is = false;
    for (size_t i = 0; i < n; i++) {
        is |= rk_same_name(word, words[i]);
    }
    return is;
}

/* in:stock, stock:yes, stock:no; low: 1 or 0. */
static bool read_stock(const rk_corpus *corpus, const part *p, rk_condition *c)
{
    bool is_in = rk_same_name(p->field, "in") && rk_same_name(p->value, "stock");
    bool is_yes = is_in || is_one_of(p->value, yes_words, RK_COUNT_OF(yes_words));
    bool is_no = is_one_of(p->value, no_words, RK_COUNT_OF(no_words));
    bool is_asked = p->relation == RK_IS && (is_in || rk_same_name(p->field, "stock")) && (is_yes || is_no);
    rk_about about = {RK_ABOUT_STOCK, is_asked ? rk_stock_attribute(corpus) : (rk_slice){"", 0}};
    if (about.attribute.n == 0) {
        return false;
    }
    *c = (rk_condition){.field = p->field, .value = p->value, .about = about, .is_not = p->is_not};
    c->low = is_yes ? 1 : 0;
    return true;
}

static bool read_condition(const rk_corpus *corpus, const part *p, rk_condition *c)
{
    if (read_stock(corpus, p, c)) {
        return true;
    }
    *c = (rk_condition){.field = p->field, .value = p->value, .relation = p->relation, .is_not = p->is_not};
    if (!rk_about_find(corpus, p->field, &c->about)) {
        return false;
    }
    if (p->relation == RK_IS) {
        rk_condition range = *c;
        if (!p->is_quoted && read_range(p->value, &range)) {
            *c = range;
        }
        return true;
    }
    return read_number(p->value, &c->low);
}

static rk_status add_condition(rk_question *q, const rk_condition *condition, rk_slice whole, rk_error *err)
{
    if (q->n_conditions == RK_QUESTION_PARTS_MAX) {
        return rk_fail(err, RK_BAD_USAGE, "a question has at most %d conditions", (int)RK_QUESTION_PARTS_MAX);
    }
    q->condition[q->n_conditions] = *condition;
    q->condition[q->n_conditions++].whole = whole;
    return RK_OK;
}

/* The conditions of a part; *is_one: it is one, or several. */
static rk_status add_conditions(rk_asker *asker, const part *p, rk_question *q, bool *is_one, rk_error *err)
{
    rk_condition condition;
    rk_status status = RK_OK;
    part one = *p;
    if (!p->is_list) {
        *is_one = read_condition(asker->corpus, p, &condition);
        return *is_one ? add_condition(q, &condition, p->whole, err) : RK_OK;
    }
    for (rk_slice list = p->value; !status && next_of_list(&list, &one.value, &one.is_quoted);) {
        if (one.value.n > 0 && read_condition(asker->corpus, &one, &condition)) {
            *is_one = true;
            status = add_condition(q, &condition, p->whole, err);
        }
    }
    return status;
}

/* ---- the question ---- */

static rk_status add_phrase(rk_asker *asker, const part *p, rk_question *q, rk_error *err)
{
    if (q->n_phrases == RK_QUESTION_PARTS_MAX) {
        return rk_fail(err, RK_BAD_USAGE, "a question has at most %d phrases", (int)RK_QUESTION_PARTS_MAX);
    }
    q->phrase[q->n_phrases++] = (rk_phrase){p->value, p->is_not, p->field.n > 0};
    return p->is_not ? RK_OK : rk_question_add_words(asker, p->value, RK_WORDS_MUST, q, err);
}

static rk_status add_part(rk_asker *asker, const part *p, rk_question *q, rk_error *err)
{
    bool is_condition = false;
    bool in_title = p->relation == RK_IS && rk_same_name(p->field, "title") && !p->is_list && has_titles(asker->corpus);
    rk_status status = p->field.n > 0 && !in_title ? add_conditions(asker, p, q, &is_condition, err) : RK_OK;
    if (status || is_condition) {
        return status;
    }
    if ((p->is_quoted && p->field.n == 0) || in_title) {
        return add_phrase(asker, p, q, err);
    }
    size_t n_sign = p->is_not || p->is_must;
    if (p->is_must && q->n_must < RK_QUESTION_PARTS_MAX) {
        q->must[q->n_must++] = p->whole;
    }
    rk_slice text = {p->whole.at + n_sign, p->whole.n - n_sign};
    rk_words_rule rule = p->is_not ? RK_WORDS_NOT : p->is_must ? RK_WORDS_MUST : RK_WORDS_ANY;
    return rk_question_add_words(asker, text, rule, q, err);
}

/* A word without a sign, a field or quotes. */
static bool is_plain(const part *p) { return p->field.n == 0 && !p->is_not && !p->is_must && !p->is_quoted; }

/* Plain words beside each other are one text: "500 gb" is a measure, "hard drive" may have a synonym. */
static rk_status add_run(rk_asker *asker, rk_slice *run, rk_question *q, rk_error *err)
{
    rk_status status = run->n > 0 ? rk_question_add_words(asker, *run, RK_WORDS_ANY, q, err) : RK_OK;
    run->n = 0;
    return status;
}

rk_status rk_question_read(rk_asker *asker, rk_slice text, rk_question *out, rk_error *err)
{
    *out = (rk_question){.text = text};
    return rk_question_read_more(asker, text, out, err);
}

rk_status rk_question_read_more(rk_asker *asker, rk_slice text, rk_question *out, rk_error *err)
{
    rk_status status = RK_OK;
    rk_slice run = {text.at, 0};
    if (text.n > RK_QUESTION_BYTES_MAX) {
        return rk_fail(err, RK_BAD_USAGE, "a question has at most %d bytes, this one has %zu",
                       (int)RK_QUESTION_BYTES_MAX, text.n);
    }
    if (rk_utf8_valid_prefix(text) < text.n) {
        return rk_fail(err, RK_BAD_USAGE, "the question is not UTF-8 from its byte %zu on",
                       rk_utf8_valid_prefix(text) + 1);
    }
    for (const char *at = text.at, *end = text.n > 0 ? text.at + text.n : text.at; !status && at < end;) {
        part p;
        if (is_blank(*at)) {
            at++;
            continue;
        }
        at = read_part(at, end, &p);
        if (p.value.n > 0 && is_plain(&p)) {
            run.at = run.n > 0 ? run.at : p.whole.at;
            run.n = (size_t)(at - run.at);
        } else if (p.value.n > 0) {
            status = add_run(asker, &run, out, err);
            status = status ? status : add_part(asker, &p, out, err);
        }
    }
    return status ? status : add_run(asker, &run, out, err);
}
