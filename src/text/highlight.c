/* highlight.c - see highlight.h. Tokens whose terms the question has become places, in order and apart from each other;
 * a window slides over them and stays where it holds most different terms.
 */
#include "text/highlight.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "text/question_parts.h"

typedef struct {
    uint32_t begin, end;
    size_t term; /* of the question */
} place;

/* ---- places ---- */

static size_t find_term(const rk_question *q, rk_slice term)
{
    size_t i = 0;
    while (i < q->n_terms && !rk_slice_equal(q->term[i].term, term)) {
        i++;
    }
    return i;
}

/* Behind the accents that stand after a letter as characters of their own, U+0300 to U+036F. */
static uint32_t with_accents(rk_slice text, uint32_t end)
{
    while (end + 2 <= text.n && ((unsigned char)text.at[end] == 0xcc ||
                                 ((unsigned char)text.at[end] == 0xcd && (unsigned char)text.at[end + 1] < 0xb0))) {
        end += 2;
    }
    return end;
}

static int by_begin(const void *a, const void *b)
{
    const place *x = a, *y = b;
    return x->begin != y->begin ? (x->begin > y->begin ? 1 : -1) : (x->end < y->end) - (x->end > y->end);
}

/* Places that overlap become one. */
static void join_places(rk_vec *places)
{
    place *all = places->data;
    size_t kept = 0;
    if (places->n > 1) {
        qsort(all, places->n, sizeof *all, by_begin);
    }
    for (size_t i = 0; i < places->n; i++) {
        if (kept > 0 && all[i].begin < all[kept - 1].end) {
            all[kept - 1].end = all[i].end > all[kept - 1].end ? all[i].end : all[kept - 1].end;
        } else {
            all[kept++] = all[i];
        }
    }
    places->n = kept;
}

static rk_status find_places(rk_asker *asker, const rk_question *q, rk_slice text, rk_vec *places, rk_error *err)
{
    const rk_token *tokens;
    size_t n = 0;
    rk_status status = rk_analyse(asker->analyser, text, &tokens, &n, err);
    for (size_t i = 0; !status && i < n; i++) {
        size_t term = find_term(q, tokens[i].term);
        place one = {tokens[i].begin, with_accents(text, tokens[i].end), term};
        if (term < q->n_terms && !rk_vec_push(places, &one)) {
            return rk_fail_memory(err, "marks in a text");
        }
    }
    if (!status) {
        join_places(places);
    }
    return status;
}

/* ---- the part to show ---- */

static bool is_inside_character(rk_slice text, size_t at)
{
    return at < text.n && ((unsigned char)text.at[at] & 0xc0) == 0x80;
}

/* Places from the first on that end within n_bytes, and how many different terms they have. */
static size_t count_terms(const place *first, const place *end, size_t n_bytes, const place **last)
{
    uint64_t seen = 0;
    *last = first;
    for (const place *p = first; p < end && p->end - first->begin <= n_bytes; p++) {
        seen |= UINT64_C(1) << (p->term % 64);
        *last = p;
    }
    return (size_t)__builtin_popcountll(seen);
}

/* Forward to behind a blank, when there is one up to limit; else out of the character. */
static size_t after_blank(rk_slice text, size_t at, size_t limit)
{
    for (size_t i = at; at > 0 && i <= limit; i++) {
        if (text.at[i - 1] == ' ') {
            return i;
        }
    }
    while (is_inside_character(text, at)) {
        at++;
    }
    return at;
}

/* Back to in front of a blank, when there is one behind limit; else out of the character. */
static size_t before_blank(rk_slice text, size_t at, size_t limit)
{
    for (size_t i = at; at < text.n && i > limit; i--) {
        if (text.at[i] == ' ') {
            return i;
        }
    }
    while (at > 0 && is_inside_character(text, at)) {
        at--;
    }
    return at;
}

/* The window with most terms, the earliest of equals, with what stands around it. */
static rk_slice choose_part(rk_slice text, const place *places, size_t n_places, size_t n_bytes)
{
    const place *best = NULL, *best_last = NULL, *end = n_places > 0 ? places + n_places : places;
    size_t most = 0;
    for (const place *p = places; p < end; p++) {
        const place *last;
        size_t n = count_terms(p, end, n_bytes, &last);
        if (n > most) {
            most = n;
            best = p;
            best_last = last;
        }
    }
    size_t first = best ? best->begin : 0, behind = best ? best_last->end : 0;
    size_t room = n_bytes > behind - first ? n_bytes - (behind - first) : 0, before = room / 3;
    size_t begin = first > before ? first - before : 0;
    begin = text.n - begin < n_bytes ? text.n - n_bytes : begin;
    begin = best ? after_blank(text, begin, first) : 0;
    size_t stop = begin + n_bytes < behind ? behind : begin + n_bytes;
    stop = stop < text.n ? before_blank(text, stop, behind > begin ? behind : begin) : text.n;
    return (rk_slice){text.at + begin, stop > begin ? stop - begin : 0};
}

/* ---- writing ---- */

static void write_text(rk_slice text, const rk_marks *marks, rk_text *out)
{
    if (marks->is_html) {
        rk_text_add_html(out, text);
    } else {
        rk_text_add_slice(out, text);
    }
}

static const char ellipsis[] = "\xE2\x80\xA6";

static size_t write_part(rk_slice text, rk_slice part, const rk_vec *places, const rk_marks *marks, rk_text *out)
{
    const place *all = places->data;
    size_t at = (size_t)(part.at - text.at), stop = at + part.n, n = 0;
    if (at > 0) {
        rk_text_add(out, ellipsis);
    }
    for (size_t i = 0; i < places->n; i++) {
        if (all[i].begin < at || all[i].end > stop) {
            continue;
        }
        write_text((rk_slice){text.at + at, all[i].begin - at}, marks, out);
        rk_text_add_slice(out, marks->open);
        write_text((rk_slice){text.at + all[i].begin, all[i].end - all[i].begin}, marks, out);
        rk_text_add_slice(out, marks->close);
        at = all[i].end;
        n++;
    }
    write_text((rk_slice){text.at + at, stop - at}, marks, out);
    if (stop < text.n) {
        rk_text_add(out, ellipsis);
    }
    return n;
}

rk_status rk_highlight(rk_asker *asker, const rk_question *q, rk_slice text, size_t n_bytes, const rk_marks *marks,
                       rk_text *out, size_t *n_marked, rk_error *err)
{
    rk_vec places = {.item_bytes = sizeof(place)};
    rk_status status = find_places(asker, q, text, &places, err);
    if (!status) {
        bool is_whole = n_bytes == 0 || text.n <= n_bytes;
        rk_slice part = is_whole ? text : choose_part(text, places.data, places.n, n_bytes);
        size_t n = write_part(text, part, &places, marks, out);
        if (n_marked) {
            *n_marked = n;
        }
        status = out->failed ? rk_fail_memory(err, "marks in a text") : RK_OK;
    }
    rk_vec_release(&places);
    return status;
}
