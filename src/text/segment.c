/* segment.c - a dictionary as a trie whose branches are one hash map, (node, letter) to node, filled in a fraction of
 * the time that sorting it would take; and the shortest path through the words of a run, from its end.
 */
#include "text/segment.h"

#include <inttypes.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/map.h"
#include "base/vec.h"
#include "text/letters.h"

const char rk_dictionary_path[] = "/usr/lib/python3/dist-packages/jieba/dict.txt";

typedef struct {
    uint32_t parent, letter;
    uint32_t count; /* 0: no word ends here */
    double log_share;
} node;

struct rk_segmenter {
    rk_intmap *branches; /* node << 32 | letter: node */
    rk_vec nodes;        /* node; 0 is the root */
    uint64_t total, hash;
    uint32_t n_words;
    double log_total;
    atomic_uchar *known; /* owned; a narrow one: by node, whether it knows the word; NULL: it is not narrow, and the
                            rest is its own */
};

/* ---- making ---- */

static rk_segmenter *new_segmenter(size_t n_expected)
{
    rk_segmenter *s = calloc(1, sizeof *s);
    if (s) {
        *s = (rk_segmenter){.branches = rk_intmap_new(n_expected), .nodes = {.item_bytes = sizeof(node)}};
    }
    if (s && (!s->branches || !rk_vec_extend(&s->nodes, NULL, 1))) {
        rk_segmenter_free(s);
        return NULL;
    }
    return s;
}

void rk_segmenter_free(rk_segmenter *s)
{
    if (s) {
        if (!s->known) {
            rk_intmap_free(s->branches);
            rk_vec_release(&s->nodes);
        }
        free(s->known);
        free(s);
    }
}

uint32_t rk_segmenter_n_words(const rk_segmenter *s) { return s->n_words; }

/* Letters of a word of Chinese characters; 0: it is none, or too long. */
static size_t letters_of(rk_slice word, uint32_t letters[RK_CUT_LETTERS_MAX])
{
    size_t n = 0;
    for (size_t at = 0; at < word.n;) {
        size_t bytes = rk_letter_after(word.at + at, word.at + word.n);
        if (n == RK_CUT_LETTERS_MAX || !rk_starts_han((rk_slice){word.at + at, word.n - at})) {
            return 0;
        }
        letters[n++] = rk_letter_code(word.at + at, bytes);
        at += bytes;
    }
    return n;
}

/* Where the last word went along: dictionaries are nearly sorted, so most of the way is known. */
typedef struct {
    uint32_t letters[RK_CUT_LETTERS_MAX], nodes[RK_CUT_LETTERS_MAX];
    size_t n;
} trail;

static bool add_word(rk_segmenter *s, trail *before, const uint32_t *letters, size_t n, uint32_t count)
{
    size_t i = 0;
    while (i < n && i < before->n && letters[i] == before->letters[i]) {
        i++;
    }
    uint32_t at = i > 0 ? before->nodes[i - 1] : 0;
    for (; i < n; i++) {
        bool is_new;
        uint32_t *next = rk_intmap_put(s->branches, (uint64_t)at << 32 | letters[i], &is_new);
        node fresh = {.parent = at, .letter = letters[i]};
        if (!next || (is_new && !rk_vec_push(&s->nodes, &fresh))) {
            return false;
        }
        if (is_new) {
            *next = (uint32_t)s->nodes.n - 1;
        }
        at = *next;
        before->letters[i] = letters[i];
        before->nodes[i] = at;
    }
    before->n = n;
    node *last = (node *)s->nodes.data + at;
    s->n_words += last->count == 0 && count > 0;
    last->count = count;
    return true;
}

static void finish(rk_segmenter *s)
{
    node *nodes = s->nodes.data;
    s->log_total = log((double)(s->total > 0 ? s->total : 1));
    for (size_t i = 0; i < s->nodes.n; i++) {
        nodes[i].log_share = log(nodes[i].count > 0 ? nodes[i].count : 1) - s->log_total;
    }
}

/* ---- reading ---- */

static rk_slice until(rk_slice line, char c)
{
    const char *end = memchr(line.at, c, line.n);
    return (rk_slice){line.at, end ? (size_t)(end - line.at) : line.n};
}

/* "word count ..."; *n 0: a word that is passed over. */
static rk_status read_line(rk_slice line, rk_place place, uint32_t letters[RK_CUT_LETTERS_MAX], size_t *n,
                           uint64_t *count, rk_error *err)
{
    rk_slice word = until(line, ' '), rest = {line.at + word.n, line.n - word.n};
    rest = rest.n > 0 ? until((rk_slice){rest.at + 1, rest.n - 1}, ' ') : rest;
    bool is_count = rk_parse_u64(rest, count) && *count <= UINT32_MAX;
    if (!is_count || word.n == 0 || rk_utf8_valid_prefix(word) < word.n) {
        return rk_fail_at(err, place, "a line of a dictionary is 'word count', got '%.*s'",
                          (int)(line.n < 40 ? line.n : 40), line.at);
    }
    *n = letters_of(word, letters);
    return RK_OK;
}

static rk_status read_lines(rk_segmenter *s, rk_slice text, const char *name, rk_error *err)
{
    trail before = {.n = 0};
    uint32_t letters[RK_CUT_LETTERS_MAX];
    rk_place place = {.path = name};
    rk_status status = RK_OK;
    for (const char *at = text.at, *end = text.at + text.n; !status && at < end;) {
        rk_slice line = until((rk_slice){at, (size_t)(end - at)}, '\n');
        size_t n = 0;
        uint64_t count = 0;
        at += line.n + 1;
        place.line++;
        line = rk_slice_trim(line);
        if (line.n == 0) {
            continue;
        }
        status = read_line(line, place, letters, &n, &count, err);
        s->total += status ? 0 : count;
        if (!status && n > 0 && !add_word(s, &before, letters, n, (uint32_t)count)) {
            status = rk_fail_memory(err, "a dictionary");
        }
    }
    return status;
}

rk_status rk_segmenter_parse(rk_slice text, const char *name, rk_segmenter **out, rk_error *err)
{
    rk_segmenter *s = new_segmenter(text.n / 8);
    rk_status status = s ? read_lines(s, text, name, err) : rk_fail_memory(err, "a dictionary");
    if (status) {
        rk_segmenter_free(s);
        return status;
    }
    s->hash = rk_hash(text, 0);
    finish(s);
    *out = s;
    return RK_OK;
}

rk_status rk_segmenter_read(const char *path, rk_segmenter **out, rk_error *err)
{
    rk_mapped file;
    rk_status status = rk_mapped_open(path, &file, err);
    if (!status) {
        status = rk_segmenter_parse((rk_slice){(const char *)file.at, file.n_bytes}, path, out, err);
        rk_mapped_close(&file);
    }
    return status;
}

/* ---- of an index ---- */

static rk_status damaged(const rk_artefact *a, rk_error *err)
{
    return rk_fail(err, RK_BAD_INPUT, "%s: damaged index: its Chinese words are not what they say",
                   rk_artefact_path(a));
}

rk_status rk_segmenter_open(const rk_artefact *a, rk_segmenter **out, rk_error *err)
{
    rk_names names;
    const rk_section *counts;
    uint32_t letters[RK_CUT_LETTERS_MAX];
    trail before = {.n = 0};
    *out = NULL;
    rk_status status = rk_names_open(a, "cuts", true, &names, err);
    if (status || names.n == 0) {
        return status;
    }
    status = rk_artefact_need(a, "cut.count", RK_U32, names.n, 1, &counts, err);
    json_int_t total = json_integer_value(json_object_get(rk_artefact_meta(a), "cut_total"));
    if (status || total <= 0) {
        return status ? status : damaged(a, err);
    }
    rk_segmenter *s = new_segmenter(2 * (size_t)names.n);
    status = s ? RK_OK : rk_fail_memory(err, "a dictionary");
    for (uint32_t i = 0; !status && i < names.n; i++) {
        rk_slice word = rk_names_get(&names, i);
        size_t n = rk_utf8_valid_prefix(word) == word.n ? letters_of(word, letters) : 0;
        uint32_t count = ((const uint32_t *)counts->data)[i];
        if (n == 0 || count == 0) {
            status = damaged(a, err);
        } else if (!add_word(s, &before, letters, n, count)) {
            status = rk_fail_memory(err, "a dictionary");
        }
    }
    if (status) {
        rk_segmenter_free(s);
        return status;
    }
    s->total = (uint64_t)total;
    finish(s);
    *out = s;
    return RK_OK;
}

/* ---- narrowed ---- */

rk_status rk_segmenter_narrow(const rk_segmenter *whole, rk_segmenter **out, rk_error *err)
{
    rk_segmenter *s = malloc(sizeof *s);
    atomic_uchar *known = calloc(whole->nodes.n, sizeof *known);
    if (!s || !known) {
        free(s);
        free(known);
        return rk_fail_memory(err, "a dictionary");
    }
    *s = *whole;
    s->known = known;
    *out = s;
    return RK_OK;
}

/* The node at which letters end; 0: the dictionary has nothing that begins so. */
static uint32_t walk(const rk_segmenter *s, const uint32_t *letters, size_t n)
{
    uint32_t at = 0;
    for (size_t i = 0; i < n; i++) {
        const uint32_t *next = rk_intmap_find(s->branches, (uint64_t)at << 32 | letters[i]);
        if (!next) {
            return 0;
        }
        at = *next;
    }
    return at;
}

/* Whether a word that is known ends at a node. */
static bool is_word(const rk_segmenter *s, uint32_t at)
{
    return ((const node *)s->nodes.data)[at].count > 0 &&
           (!s->known || atomic_load_explicit(&s->known[at], memory_order_relaxed));
}

rk_status rk_segmenter_meet(rk_segmenter *s, const rk_artefact *index, rk_error *err)
{
    rk_names names;
    uint32_t letters[RK_CUT_LETTERS_MAX];
    rk_status status = rk_names_open(index, "cuts", true, &names, err);
    for (uint32_t i = 0; !status && i < names.n; i++) {
        rk_slice word = rk_names_get(&names, i);
        size_t n = rk_utf8_valid_prefix(word) == word.n ? letters_of(word, letters) : 0;
        atomic_store_explicit(&s->known[walk(s, letters, n)], 1, memory_order_relaxed);
    }
    return status;
}

/* ---- cutting ---- */

struct rk_cutter {
    const rk_segmenter *segmenter;
    bool *met; /* by node: a word that stood in what was cut; NULL: nobody asks */
    bool has_met;
    double best[RK_CUT_LETTERS_MAX + 1];
    uint8_t length[RK_CUT_LETTERS_MAX];
};

rk_cutter *rk_cutter_new(const rk_segmenter *s)
{
    rk_cutter *c = calloc(1, sizeof *c);
    if (c) {
        c->segmenter = s;
        c->met = s->known ? NULL : calloc(s->nodes.n, sizeof *c->met);
    }
    if (c && !c->met && !s->known) {
        free(c);
        return NULL;
    }
    return c;
}

void rk_cutter_free(rk_cutter *c)
{
    if (c) {
        free(c->met);
        free(c);
    }
}

/* The best word to begin at letter i, when what follows each is known; of equals the longer. */
static void choose(rk_cutter *c, const uint32_t *letters, size_t i, size_t n)
{
    const rk_segmenter *s = c->segmenter;
    const node *nodes = s->nodes.data;
    uint32_t at = 0;
    c->best[i] = c->best[i + 1] - s->log_total; /* a letter of count 1 */
    c->length[i] = 1;
    bool is_known = false;
    for (size_t end = i; end < n; end++) {
        const uint32_t *next = rk_intmap_find(s->branches, (uint64_t)at << 32 | letters[end]);
        if (!next) {
            break;
        }
        at = *next;
        if (is_word(s, at)) {
            double sum = nodes[at].log_share + c->best[end + 1];
            if (c->met) {
                c->met[at] = true;
                c->has_met = true;
            }
            if (!is_known || sum >= c->best[i]) {
                c->best[i] = sum;
                c->length[i] = (uint8_t)(end + 1 - i);
            }
            is_known = true;
        }
    }
}

size_t rk_cut(rk_cutter *c, const uint32_t *letters, size_t n, uint8_t *lengths)
{
    size_t n_words = 0;
    c->best[n] = 0;
    for (size_t i = n; i-- > 0;) {
        choose(c, letters, i, n);
    }
    for (size_t i = 0; i < n; i += c->length[i]) {
        lengths[n_words++] = c->length[i];
    }
    return n_words;
}

bool rk_cut_knows(const rk_cutter *c, const uint32_t *letters, size_t n)
{
    return is_word(c->segmenter, walk(c->segmenter, letters, n));
}

/* ---- writing ---- */

static void put_letter(rk_text *text, uint32_t letter)
{
    char bytes[4];
    size_t n = 0;
    for (int shift = 24; shift >= 0; shift -= 8) {
        if (letter >> shift & 0xff) {
            bytes[n++] = (char)(letter >> shift & 0xff);
        }
    }
    rk_text_add_slice(text, (rk_slice){bytes, n});
}

static void put_word(const rk_segmenter *s, uint32_t at, rk_text *out)
{
    const node *nodes = s->nodes.data;
    uint32_t letters[RK_CUT_LETTERS_MAX];
    size_t n = 0;
    for (; at != 0; at = nodes[at].parent) {
        letters[n++] = nodes[at].letter;
    }
    rk_text_clear(out);
    while (n > 0) {
        put_letter(out, letters[--n]);
    }
}

rk_status rk_cutter_write(const rk_cutter *c, rk_artefact_writer *writer, rk_error *err)
{
    const rk_segmenter *s = c->segmenter;
    const node *nodes = s->nodes.data;
    rk_interner *words = rk_interner_new();
    rk_vec counts = {.item_bytes = sizeof(uint32_t)};
    rk_text word = {0};
    bool is_done = words != NULL;
    if (!c->has_met) {
        rk_interner_free(words);
        return RK_OK;
    }
    for (uint32_t i = 1; i < s->nodes.n && is_done; i++) {
        if (c->met[i]) {
            put_word(s, i, &word);
            is_done = !word.failed && rk_interner_add(words, (rk_slice){word.at, word.n}) != RK_NO_ID &&
                      rk_vec_push(&counts, &nodes[i].count);
        }
    }
    rk_status status = is_done ? RK_OK : rk_fail_memory(err, "the Chinese words of an index");
    uint32_t n = (uint32_t)counts.n;
    status = status ? status : rk_names_add_keys(writer, "cuts", words, NULL, n, true, err);
    status = status ? status : rk_artefact_add(writer, "cut.count", RK_U32, n, 1, counts.data, err);
    if (!status) {
        char hash[17];
        json_t *meta = rk_artefact_writer_meta(writer);
        snprintf(hash, sizeof hash, "%016" PRIx64, s->hash);
        json_object_set_new(meta, "cut_total", json_integer((json_int_t)s->total));
        json_object_set_new(meta, "dictionary", json_string(hash));
    }
    rk_interner_free(words);
    rk_vec_release(&counts);
    rk_text_release(&word);
    return status;
}
