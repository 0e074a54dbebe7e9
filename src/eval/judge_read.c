/* judge_read.c - ratings of a CSV, or clicks in their place, and the files of TREC. */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/vec.h"
#include "data/csv.h"
#include "data/source.h"
#include "eval/clicks.h"
#include "eval/judge.h"

enum { FILE_BYTES_MAX = 1 << 30 };

void rk_judgements_release(rk_judgements *j)
{
    for (size_t i = 0; i < j->n_queries; i++) {
        free(j->query[i]);
    }
    for (size_t i = 0; i < j->n_docs; i++) {
        free(j->doc[i]);
    }
    free(j->query);
    free(j->doc);
    free(j->rating);
    *j = (rk_judgements){0};
}

typedef struct {
    rk_interner *queries, *docs;
    rk_vec ratings; /* rk_rating */
} pile;

static rk_status pile_init(pile *p, rk_error *err)
{
    *p = (pile){rk_interner_new(), rk_interner_new(), {.item_bytes = sizeof(rk_rating)}};
    return p->queries && p->docs ? RK_OK : rk_fail_memory(err, "judgements");
}

static void pile_release(pile *p)
{
    rk_interner_free(p->queries);
    rk_interner_free(p->docs);
    rk_vec_release(&p->ratings);
}

static int by_pair(const void *a, const void *b)
{
    const rk_rating *x = a, *y = b;
    if (x->query != y->query) {
        return x->query < y->query ? -1 : 1;
    }
    return (x->doc > y->doc) - (x->doc < y->doc);
}

/* A stable sort, so that of a pair judged twice the last stands last. */
static void merge_sort(rk_rating *at, rk_rating *room, size_t n)
{
    if (n < 2) {
        return;
    }
    size_t half = n / 2, i = 0, j = half, k = 0;
    merge_sort(at, room, half);
    merge_sort(at + half, room, n - half);
    while (i < half || j < n) {
        bool is_left = j == n || (i < half && by_pair(&at[i], &at[j]) <= 0);
        room[k++] = is_left ? at[i++] : at[j++];
    }
    memcpy(at, room, n * sizeof *at);
}

/* Sorted by query, each pair once. */
static rk_status close_pile(pile *p, rk_judgements *out, rk_error *err)
{
    size_t n = p->ratings.n, kept = 0;
    rk_rating *room = malloc((n + 1) * sizeof *room), *at = p->ratings.data;
    if (!room) {
        return rk_fail_memory(err, "judgements");
    }
    merge_sort(at, room, n);
    free(room);
    for (size_t i = 0; i < n; i++) {
        kept -= kept > 0 && by_pair(&at[kept - 1], &at[i]) == 0;
        at[kept++] = at[i];
    }
    p->ratings.n = kept;
    out->n_ratings = kept;
    out->rating = rk_vec_move(&p->ratings);
    return RK_OK;
}

static char **copy_names(const rk_interner *names, size_t *n)
{
    *n = 0;
    uint32_t count = rk_interner_count(names);
    char **out = calloc((size_t)count + 1, sizeof *out);
    for (uint32_t i = 0; out && i < count; i++) {
        rk_slice key = rk_interner_key(names, i);
        out[i] = strndup(key.n ? key.at : "", key.n);
        if (!out[i]) {
            return out; /* as many as *n says */
        }
        *n = i + 1;
    }
    return out;
}

static rk_status add_rating(pile *p, rk_slice query, rk_slice doc, double rating, rk_error *err)
{
    rk_rating one = {rk_interner_add(p->queries, query), rk_interner_add(p->docs, doc), rating};
    bool is_kept = one.query != RK_NO_ID && one.doc != RK_NO_ID && rk_vec_push(&p->ratings, &one);
    return is_kept ? RK_OK : rk_fail_memory(err, "judgements");
}

/* ---- ratings ---- */

typedef struct {
    const char *names[3]; /* the first is what it is called here */
    bool is_optional;
} named;

/* -1 for an optional one that is not there. */
static rk_status find_columns(const rk_csv *csv, const named *wanted, size_t n, const char *words, int *columns,
                              rk_error *err)
{
    for (size_t c = 0; c < n; c++) {
        columns[c] = -1;
        for (size_t a = 0; a < RK_COUNT_OF(wanted[c].names) && columns[c] < 0; a++) {
            columns[c] = rk_csv_find(csv, wanted[c].names[a]);
        }
        if (columns[c] < 0 && !wanted[c].is_optional) {
            return rk_fail(err, RK_BAD_INPUT, "%s: no column '%s'; %s", rk_csv_name(csv), wanted[c].names[0], words);
        }
    }
    return RK_OK;
}

static rk_status read_number(const rk_csv *csv, const rk_csv_row *row, int column, const char *what, double *out,
                             rk_error *err)
{
    rk_slice value = rk_slice_trim(row->cells[column].text);
    if (rk_parse_real(value, out)) {
        return RK_OK;
    }
    return rk_fail_at(err, (rk_place){rk_csv_name(csv), row->line, 0}, "%s is a number, got '%.*s'", what,
                      (int)(value.n < 40 ? value.n : 40), value.at);
}

#define QUERY_AND_DOC                                                                                                  \
    {{"query", "q", "search_term"}, false}, { {"docid", "doc", "product_id"}, false }

static const char *const rating_names[] = {"rating", "relevance", "grade"};

static rk_status read_ratings(rk_csv *csv, pile *p, rk_error *err)
{
    static const named wanted[] = {QUERY_AND_DOC, {{"rating", "relevance", "grade"}, false}};
    int columns[RK_COUNT_OF(wanted)];
    const rk_csv_row *row = NULL;
    rk_status status =
        find_columns(csv, wanted, RK_COUNT_OF(wanted), "ratings have the columns query, docid, rating", columns, err);
    status = status ? status : rk_csv_next(csv, &row, err);
    while (!status && row) {
        double rating = 0;
        rk_slice query = rk_slice_trim(row->cells[columns[0]].text), doc = rk_slice_trim(row->cells[columns[1]].text);
        status = read_number(csv, row, columns[2], "a rating", &rating, err);
        status = status ? status : add_rating(p, query, doc, rating, err);
        status = status ? status : rk_csv_next(csv, &row, err);
    }
    return status;
}

/* ---- clicks ---- */

static bool has_clicks(const rk_csv *csv)
{
    bool has_rating = false;
    for (size_t i = 0; i < RK_COUNT_OF(rating_names); i++) {
        has_rating |= rk_csv_find(csv, rating_names[i]) >= 0;
    }
    return !has_rating && rk_csv_find(csv, "clicks") >= 0;
}

static rk_status read_showing(const rk_csv *csv, const rk_csv_row *row, const int columns[5], pile *p, rk_showing *out,
                              rk_error *err)
{
    double place = 0;
    rk_slice query = rk_slice_trim(row->cells[columns[0]].text), doc = rk_slice_trim(row->cells[columns[1]].text);
    *out = (rk_showing){.query = rk_interner_add(p->queries, query), .doc = rk_interner_add(p->docs, doc), .shown = 1};
    if (out->query == RK_NO_ID || out->doc == RK_NO_ID) {
        return rk_fail_memory(err, "clicks");
    }
    rk_status status = read_number(csv, row, columns[2], "a position", &place, err);
    status = status ? status : read_number(csv, row, columns[3], "clicks", &out->clicked, err);
    if (!status && columns[4] >= 0) {
        status = read_number(csv, row, columns[4], "impressions", &out->shown, err);
    }
    bool is_good = place >= 1 && place <= 1e9 && out->clicked >= 0 && out->shown >= out->clicked &&
                   out->shown <= RK_CLICKS_SHOWN_MAX;
    if (!status && !is_good) {
        return rk_fail_at(err, (rk_place){rk_csv_name(csv), row->line, 0},
                          "%g clicks of %g impressions at position %g; positions count from 1", out->clicked,
                          out->shown, place);
    }
    out->place = is_good ? (uint32_t)place : 1;
    return status;
}

static rk_status add_draws(rk_vec *showings, pile *p, rk_error *err)
{
    double look[RK_CLICKS_PLACES_MAX], *draw = malloc((showings->n + 1) * sizeof *draw);
    rk_showing *rows = showings->data;
    rk_status status = draw ? rk_clicks_weigh(rows, showings->n, draw, look, err) : rk_fail_memory(err, "clicks");
    for (size_t i = 0; !status && i < showings->n; i++) {
        rk_rating one = {rows[i].query, rows[i].doc, draw[i]};
        status = rk_vec_push(&p->ratings, &one) ? RK_OK : rk_fail_memory(err, "clicks");
    }
    free(draw);
    return status;
}

/* An item's draw is its rating: an item that nobody clicked is no good. */
static rk_status read_clicks(rk_csv *csv, pile *p, rk_error *err)
{
    static const named wanted[] = {QUERY_AND_DOC,
                                   {{"position", "rank", "place"}, false},
                                   {{"clicks", "clicked", "clicks"}, false},
                                   {{"impressions", "shown", "views"}, true}};
    int columns[RK_COUNT_OF(wanted)];
    rk_vec showings = {.item_bytes = sizeof(rk_showing)};
    const rk_csv_row *row = NULL;
    rk_status status =
        find_columns(csv, wanted, RK_COUNT_OF(wanted),
                     "clicks have the columns query, docid, position, clicks and, if not 1, impressions", columns, err);
    status = status ? status : rk_csv_next(csv, &row, err);
    while (!status && row) {
        rk_showing one;
        status = read_showing(csv, row, columns, p, &one, err);
        if (!status && !rk_vec_push(&showings, &one)) {
            status = rk_fail_memory(err, "clicks");
        }
        status = status ? status : rk_csv_next(csv, &row, err);
    }
    status = status ? status : add_draws(&showings, p, err);
    rk_vec_release(&showings);
    return status;
}

static rk_status finish(pile *p, rk_judgements *out, rk_error *err)
{
    rk_status status = close_pile(p, out, err);
    out->doc = copy_names(p->docs, &out->n_docs);
    return !status && (!out->doc || out->n_docs < rk_interner_count(p->docs)) ? rk_fail_memory(err, "judgements")
                                                                              : status;
}

rk_status rk_judgements_read(const char *path, rk_judgements *out, rk_error *err)
{
    rk_csv *csv = NULL;
    pile p;
    *out = (rk_judgements){0};
    rk_status status = pile_init(&p, err);
    status = status ? status : rk_csv_open(path, &csv, err);
    if (!status) {
        status = has_clicks(csv) ? read_clicks(csv, &p, err) : read_ratings(csv, &p, err);
    }
    status = status ? status : finish(&p, out, err);
    if (!status) {
        out->query = copy_names(p.queries, &out->n_queries);
        status =
            out->query && out->n_queries == rk_interner_count(p.queries) ? RK_OK : rk_fail_memory(err, "judgements");
    }
    rk_csv_close(csv);
    pile_release(&p);
    if (status) {
        rk_judgements_release(out);
    }
    return status;
}

/* ---- TREC ---- */

static rk_status read_file(const char *path, rk_text *out, rk_error *err)
{
    rk_source *source = NULL;
    char room[65536];
    size_t n = sizeof room;
    rk_status status = rk_source_open(path, &source, err);
    while (!status && n == sizeof room && out->n < FILE_BYTES_MAX) {
        status = rk_source_read(source, room, sizeof room, &n, err);
        if (!status) {
            rk_text_add_slice(out, (rk_slice){room, n});
        }
    }
    rk_source_close(source);
    return !status && out->failed ? rk_fail_memory(err, path) : status;
}

static size_t line_of(const rk_text *text, const char *at)
{
    size_t line = 1;
    for (const char *c = text->at; c < at; c++) {
        line += *c == '\n';
    }
    return line;
}

static rk_slice next_word(const char **at, const char *end)
{
    while (*at < end && (unsigned char)**at <= ' ' && **at != '\n') {
        ++*at;
    }
    const char *begin = *at;
    while (*at < end && (unsigned char)**at > ' ') {
        ++*at;
    }
    return (rk_slice){begin, (size_t)(*at - begin)};
}

/* "1 Q0 CACM-1410 1" a line. A query is the name of its topic; read_topics gives it words. */
static rk_status read_qrels(const char *path, const rk_text *text, pile *p, rk_error *err)
{
    const char *end = text->at + text->n;
    rk_status status = RK_OK;
    for (const char *at = text->at; !status && at < end; at++) {
        const char *begin = at;
        rk_slice topic = next_word(&at, end), zero = next_word(&at, end), doc = next_word(&at, end),
                 grade = next_word(&at, end), rest = next_word(&at, end);
        double rating = 0;
        if (topic.n > 0 && (zero.n == 0 || doc.n == 0 || rest.n > 0 || !rk_parse_real(grade, &rating))) {
            return rk_fail_at(err, (rk_place){path, line_of(text, begin), 0},
                              "a judgement is 'topic 0 docid rating', got '%.*s'",
                              (int)(at - begin < 60 ? at - begin : 60), begin);
        }
        status = topic.n > 0 ? add_rating(p, topic, doc, rating, err) : RK_OK;
        while (at < end && *at != '\n') {
            at++;
        }
    }
    return status;
}

/* The text without its tags, and without labels such as "Description:", runs of blanks made one. */
static char *plain_text(const char *at, const char *end)
{
    char *out = malloc((size_t)(end - at) + 1);
    size_t n = 0;
    for (bool in_tag = false; out && at < end; at++) {
        in_tag = *at == '<' || (in_tag && at[-1] != '>');
        bool is_blank = in_tag || (unsigned char)*at <= ' ';
        if (!is_blank) {
            out[n++] = *at == '"' || *at == ':' || *at == '+' || *at == '-' ? ' ' : *at; /* no operators in topics */
        } else if (n > 0 && out[n - 1] != ' ') {
            out[n++] = ' ';
        }
    }
    if (out) {
        out[n] = '\0';
    }
    return out;
}

static const char *find(const char *at, const char *end, const char *word)
{
    return at < end ? memmem(at, (size_t)(end - at), word, strlen(word)) : NULL;
}

/* One topic: its number and its text. false: there is none any more. */
static bool next_topic(const char **at, const char *end, rk_slice *number, rk_slice *text)
{
    static const struct {
        const char *open, *number, *number_end, *close;
    } forms[] = {{"<DOC>", "<DOCNO>", "</DOCNO>", "</DOC>"}, {"<top>", "<num>", "\n", "</top>"}};
    for (size_t f = 0; f < RK_COUNT_OF(forms); f++) {
        const char *begin = find(*at, end, forms[f].open), *close = begin ? find(begin, end, forms[f].close) : NULL;
        const char *name = close ? find(begin, close, forms[f].number) : NULL;
        const char *name_end = name ? find(name, close, forms[f].number_end) : NULL;
        if (name_end) {
            name += strlen(forms[f].number);
            *number = rk_slice_trim((rk_slice){name, (size_t)(name_end - name)});
            const char *label = find(number->at, number->at + number->n, "Number:");
            if (label) {
                *number = rk_slice_trim((rk_slice){label + 7, number->n - (size_t)(label + 7 - number->at)});
            }
            *text = (rk_slice){name_end, (size_t)(close - name_end)};
            *at = close;
            return true;
        }
    }
    return false;
}

/* Texts of the topics that are judged. */
static rk_status read_topics(const char *path, const rk_text *text, const pile *p, rk_judgements *out, rk_error *err)
{
    const char *at = text->at, *end = at + text->n;
    rk_slice number, words;
    out->n_queries = rk_interner_count(p->queries);
    out->query = calloc(out->n_queries + 1, sizeof *out->query);
    if (!out->query) {
        out->n_queries = 0;
        return rk_fail_memory(err, "topics");
    }
    while (next_topic(&at, end, &number, &words)) {
        uint32_t query = rk_interner_find(p->queries, number);
        if (query != RK_NO_ID && !out->query[query]) {
            out->query[query] = plain_text(words.at, words.at + words.n);
        }
    }
    for (uint32_t q = 0; q < out->n_queries; q++) {
        if (!out->query[q]) {
            rk_slice name = rk_interner_key(p->queries, q);
            return rk_fail(err, RK_BAD_INPUT, "%s: no topic '%.*s', which is judged", path,
                           (int)(name.n < 40 ? name.n : 40), name.at);
        }
    }
    return RK_OK;
}

rk_status rk_judgements_read_trec(const char *topics_path, const char *qrels_path, rk_judgements *out, rk_error *err)
{
    rk_text topics = {0}, qrels = {0};
    pile p;
    *out = (rk_judgements){0};
    rk_text_add(&topics, "");
    rk_text_add(&qrels, "");
    rk_status status = pile_init(&p, err);
    status = status ? status : read_file(qrels_path, &qrels, err);
    status = status ? status : read_file(topics_path, &topics, err);
    status = status ? status : read_qrels(qrels_path, &qrels, &p, err);
    status = status ? status : read_topics(topics_path, &topics, &p, out, err);
    status = status ? status : finish(&p, out, err);
    rk_text_release(&topics);
    rk_text_release(&qrels);
    pile_release(&p);
    if (status) {
        rk_judgements_release(out);
    }
    return status;
}
