/* analyse.c - see analyse.h.
 *
 * Three passes over one text. `scan` folds it into words, with what stands between each and the one before. `mark`
 * finds numbers, units and what is to be joined. `emit` looks each word up in a table of words seen before, which
 * knows its stem: a shop's words are few and come again and again, so most are stemmed once.
 */
#include "text/analyse.h"

#include <libstemmer.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"
#include "text/letters.h"
#include "text/units.h"

enum { JOIN_WORDS_MAX = 6, JOIN_BYTES_MAX = 64, KNOWN_MAX = 1 << 18, WORD_BYTES_MAX = 255, FOLD_MAX = 32 };

/* How a word hangs on to the one before. */
typedef enum { APART, JOINED, FLUSH, SPACED } hold; /* "a, b", "a-b", "a6", "a b" */

typedef enum { LETTERS, DIGITS, MIXED, HAN, INCH } kind;

typedef struct {
    uint32_t at, n; /* bytes of the folded text */
    uint32_t begin, end;
    hold hold;
    kind kind;
    uint32_t first; /* of a HAN word: its characters in `places` */
} word;

typedef struct {
    uint32_t begin, end;
} place;

typedef struct {
    rk_slice text; /* at NULL: a stop word */
    uint32_t tag[2];
} known_stem;

typedef struct {
    size_t token, stem;
} tagged;

struct rk_analyser {
    struct sb_stemmer *stemmer; /* NULL: none */
    rk_cutter *cutter;          /* NULL: none */
    bool keep_stops;
    rk_interner *known; /* words seen before, */
    rk_vec stem;        /* known_stem of each */
    rk_arena stems;
    rk_vec folded; /* char */
    rk_vec words;  /* word */
    rk_vec places; /* place: in the text, of the characters of HAN words */
    rk_vec tokens; /* rk_token */
    rk_vec tagged; /* tagged: which tokens are known stems; their tags are pointed to when all are there */
    rk_arena joined;
    bool is_short; /* of memory */
};

/* ---- the analyser ---- */

static rk_status no_stemmer(const char *name, rk_error *err)
{
    const char **known = sb_stemmer_list();
    size_t n = 0;
    while (known[n]) {
        n++;
    }
    const char *nearest = rk_nearest_name(name, known, n);
    return rk_fail(err, RK_BAD_USAGE, "no stemmer '%.40s'%s%s%s", name, nearest ? ", did you mean '" : "",
                   nearest ? nearest : "", nearest ? "'?" : "; 'english', 'porter', 'german' and more are known");
}

rk_status rk_analyser_new(const rk_analysis *analysis, rk_analyser **out, rk_error *err)
{
    bool has_stems = analysis->stemmer && strcmp(analysis->stemmer, "none") != 0;
    struct sb_stemmer *stemmer = has_stems ? sb_stemmer_new(analysis->stemmer, NULL) : NULL;
    if (has_stems && !stemmer) {
        return no_stemmer(analysis->stemmer, err);
    }
    rk_analyser *a = calloc(1, sizeof *a);
    if (a) {
        *a = (rk_analyser){.stemmer = stemmer,
                           .keep_stops = analysis->keep_stops,
                           .known = rk_interner_new(),
                           .stem = {.item_bytes = sizeof(known_stem)},
                           .folded = {.item_bytes = 1},
                           .words = {.item_bytes = sizeof(word)},
                           .places = {.item_bytes = sizeof(place)},
                           .tokens = {.item_bytes = sizeof(rk_token)},
                           .tagged = {.item_bytes = sizeof(tagged)}};
    } else if (stemmer) {
        sb_stemmer_delete(stemmer);
    }
    if (a && analysis->segmenter) {
        a->cutter = rk_cutter_new(analysis->segmenter);
    }
    if (!a || !a->known || (analysis->segmenter && !a->cutter)) {
        rk_analyser_free(a);
        return rk_fail_memory(err, "an analyser of texts");
    }
    *out = a;
    return RK_OK;
}

void rk_analyser_free(rk_analyser *a)
{
    if (a) {
        if (a->stemmer) {
            sb_stemmer_delete(a->stemmer);
        }
        rk_cutter_free(a->cutter);
        rk_interner_free(a->known);
        rk_arena_release(&a->stems);
        rk_arena_release(&a->joined);
        rk_vec_release(&a->stem);
        rk_vec_release(&a->folded);
        rk_vec_release(&a->words);
        rk_vec_release(&a->places);
        rk_vec_release(&a->tokens);
        rk_vec_release(&a->tagged);
        free(a);
    }
}

rk_status rk_analyser_write_cuts(const rk_analyser *a, rk_artefact_writer *writer, rk_error *err)
{
    return a->cutter ? rk_cutter_write(a->cutter, writer, err) : RK_OK;
}

/* ---- scan: characters to words ---- */

typedef enum { CHAR_GAP, CHAR_JOINER, CHAR_QUOTE, CHAR_SPACE, CHAR_LETTER, CHAR_DIGIT, CHAR_HAN } char_class;

static const char_class ascii_class[128] = {
    ['\t'] = CHAR_SPACE,  ['\n'] = CHAR_SPACE, ['\r'] = CHAR_SPACE, [' '] = CHAR_SPACE,  ['-'] = CHAR_JOINER,
    ['_'] = CHAR_JOINER,  ['.'] = CHAR_JOINER, [','] = CHAR_JOINER, ['&'] = CHAR_JOINER, ['+'] = CHAR_JOINER,
    ['\''] = CHAR_JOINER, ['"'] = CHAR_QUOTE,  ['0'] = CHAR_DIGIT,  ['1'] = CHAR_DIGIT,  ['2'] = CHAR_DIGIT,
    ['3'] = CHAR_DIGIT,   ['4'] = CHAR_DIGIT,  ['5'] = CHAR_DIGIT,  ['6'] = CHAR_DIGIT,  ['7'] = CHAR_DIGIT,
    ['8'] = CHAR_DIGIT,   ['9'] = CHAR_DIGIT,  ['A'] = CHAR_LETTER, ['B'] = CHAR_LETTER, ['C'] = CHAR_LETTER,
    ['D'] = CHAR_LETTER,  ['E'] = CHAR_LETTER, ['F'] = CHAR_LETTER, ['G'] = CHAR_LETTER, ['H'] = CHAR_LETTER,
    ['I'] = CHAR_LETTER,  ['J'] = CHAR_LETTER, ['K'] = CHAR_LETTER, ['L'] = CHAR_LETTER, ['M'] = CHAR_LETTER,
    ['N'] = CHAR_LETTER,  ['O'] = CHAR_LETTER, ['P'] = CHAR_LETTER, ['Q'] = CHAR_LETTER, ['R'] = CHAR_LETTER,
    ['S'] = CHAR_LETTER,  ['T'] = CHAR_LETTER, ['U'] = CHAR_LETTER, ['V'] = CHAR_LETTER, ['W'] = CHAR_LETTER,
    ['X'] = CHAR_LETTER,  ['Y'] = CHAR_LETTER, ['Z'] = CHAR_LETTER, ['a'] = CHAR_LETTER, ['b'] = CHAR_LETTER,
    ['c'] = CHAR_LETTER,  ['d'] = CHAR_LETTER, ['e'] = CHAR_LETTER, ['f'] = CHAR_LETTER, ['g'] = CHAR_LETTER,
    ['h'] = CHAR_LETTER,  ['i'] = CHAR_LETTER, ['j'] = CHAR_LETTER, ['k'] = CHAR_LETTER, ['l'] = CHAR_LETTER,
    ['m'] = CHAR_LETTER,  ['n'] = CHAR_LETTER, ['o'] = CHAR_LETTER, ['p'] = CHAR_LETTER, ['q'] = CHAR_LETTER,
    ['r'] = CHAR_LETTER,  ['s'] = CHAR_LETTER, ['t'] = CHAR_LETTER, ['u'] = CHAR_LETTER, ['v'] = CHAR_LETTER,
    ['w'] = CHAR_LETTER,  ['x'] = CHAR_LETTER, ['y'] = CHAR_LETTER, ['z'] = CHAR_LETTER,
};

typedef struct {
    rk_analyser *a;
    const unsigned char *text;
    uint32_t at, n;
    hold gap;     /* what stood behind the last word so far */
    char joiner;  /* the character of a JOINED gap */
    bool is_open; /* the last word may go on */
} scan;

static bool is_combining(utf8proc_int32_t c) { return c >= 0x300 && c < 0x370; }

static char_class class_of(utf8proc_int32_t c)
{
    if (c < 128) {
        return ascii_class[c];
    }
    if (rk_is_han(c)) {
        return CHAR_HAN;
    }
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
        return CHAR_LETTER;
    case UTF8PROC_CATEGORY_ND:
        return CHAR_DIGIT;
    case UTF8PROC_CATEGORY_ZS:
        return CHAR_SPACE;
    case UTF8PROC_CATEGORY_PD: /* dashes of every length */
        return CHAR_JOINER;
    default:
        return c == 0x2019 ? CHAR_JOINER : c == 0x201d || c == 0x2033 ? CHAR_QUOTE : CHAR_GAP;
    }
}

static word *last_word(const scan *s)
{
    return s->a->words.n > 0 ? (word *)s->a->words.data + s->a->words.n - 1 : NULL;
}

/* The letters before a digit and the digits after letters are words of their own when there are three letters. */
static bool must_cut(const word *w, kind next)
{
    return (w->kind == HAN) != (next == HAN) || (w->kind == LETTERS && next == DIGITS && w->n >= 3) ||
           (w->kind == DIGITS && next == LETTERS && w->hold == FLUSH && w[-1].kind == LETTERS);
}

/* The word that n bytes of this kind belong to: the one at hand goes on, or another begins where folded text ends.
 * NULL: memory is short. */
static word *word_for(scan *s, size_t n, kind next, uint32_t begin, uint32_t end)
{
    rk_analyser *a = s->a;
    word *w = last_word(s);
    bool goes_on = w && s->is_open && !must_cut(w, next) && w->n + n <= WORD_BYTES_MAX;
    if (!goes_on) {
        hold behind = w && s->is_open ? FLUSH : s->gap;
        w = rk_vec_next(&a->words);
        if (!w) {
            a->is_short = true;
            return NULL;
        }
        *w = (word){(uint32_t)a->folded.n, 0, begin, end, behind, next, (uint32_t)a->places.n};
    }
    w->n += (uint32_t)n;
    w->end = end;
    w->kind = w->kind == next ? next : MIXED;
    s->is_open = true;
    s->gap = APART;
    return w;
}

/* Bytes of a folded character. */
static void put(scan *s, const char *bytes, size_t n, kind next, uint32_t begin, uint32_t end)
{
    if (word_for(s, n, next, begin, end)) {
        s->a->is_short |= !rk_vec_extend(&s->a->folded, bytes, n);
    }
    for (size_t at = 0; next == HAN && at < n; at += rk_letter_after(bytes + at, bytes + n)) {
        s->a->is_short |= !rk_vec_push(&s->a->places, &(place){begin, end});
    }
}

static void put_folded(scan *s, utf8proc_int32_t c, char_class class, uint32_t begin)
{
    utf8proc_int32_t parts[FOLD_MAX];
    utf8proc_uint8_t bytes[4 * FOLD_MAX];
    int boundary = UTF8PROC_BOUNDCLASS_START;
    utf8proc_ssize_t n_parts = utf8proc_decompose_char(
        c, parts, FOLD_MAX, UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD, &boundary);
    size_t n = 0;
    for (utf8proc_ssize_t i = 0; i < n_parts && i < FOLD_MAX; i++) {
        if (!is_combining(parts[i])) {
            n += (size_t)utf8proc_encode_char(parts[i], bytes + n);
        }
    }
    if (n > 0) {
        put(s, (const char *)bytes, n, class == CHAR_HAN ? HAN : class == CHAR_DIGIT ? DIGITS : LETTERS, begin, s->at);
    }
}

/* A character that is no word: what it does to the gap behind the last one. */
static void widen(scan *s, char_class class, char c)
{
    bool was_open = s->is_open;
    s->is_open = false;
    if (class == CHAR_JOINER && was_open) {
        s->gap = JOINED;
        s->joiner = c;
    } else if (class == CHAR_SPACE && (was_open || s->gap == SPACED)) {
        s->gap = SPACED;
    } else {
        s->gap = APART;
    }
}

/* 17" */
static void put_inch(scan *s, uint32_t begin)
{
    const word *w = last_word(s);
    if (w && s->is_open && (w->kind == DIGITS) && !s->a->is_short) {
        word inch = {(uint32_t)s->a->folded.n, 4, begin, s->at, FLUSH, INCH, 0};
        s->a->is_short |= !rk_vec_push(&s->a->words, &inch) || !rk_vec_extend(&s->a->folded, "inch", 4);
    }
    s->is_open = false;
    s->gap = APART;
}

static void scan_foreign(scan *s)
{
    utf8proc_int32_t c;
    uint32_t begin = s->at;
    utf8proc_ssize_t n = utf8proc_iterate(s->text + s->at, (utf8proc_ssize_t)(s->n - s->at), &c);
    s->at += n > 0 ? (uint32_t)n : 1;
    char_class class = n > 0 ? class_of(c) : CHAR_GAP;
    if (n > 0 && is_combining(c)) {
        return; /* goes with the letter before it */
    }
    if (class >= CHAR_LETTER) {
        put_folded(s, c, class, begin);
    } else if (c == 0xd7) { /* 2×4 */
        put(s, "x", 1, LETTERS, begin, s->at);
    } else if (class == CHAR_QUOTE) {
        put_inch(s, begin);
    } else {
        widen(s, class, c == 0x2019 ? '\'' : '-');
    }
}

/* A run of ASCII letters, or of digits, in one go. */
static void scan_run(scan *s, char_class class)
{
    enum { RUN_MAX = 64 };
    rk_vec *folded = &s->a->folded;
    if (!rk_vec_reserve(folded, folded->n + RUN_MAX)) {
        s->a->is_short = true;
        return;
    }
    char *lower = (char *)folded->data + folded->n;
    size_t n = 0;
    uint32_t begin = s->at;
    while (s->at < s->n && s->text[s->at] < 128 && ascii_class[s->text[s->at]] == class && n < RUN_MAX) {
        unsigned char c = s->text[s->at++];
        lower[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    if (word_for(s, n, class == CHAR_DIGIT ? DIGITS : LETTERS, begin, s->at)) {
        folded->n += n;
    }
}

/* C++, C#: signs that make another word of one of one or two letters. */
static bool scan_signs(scan *s)
{
    word *w = last_word(s);
    const unsigned char *at = s->text + s->at, *end = s->text + s->n;
    uint32_t n = *at == '#' ? 1 : end - at >= 2 && at[0] == '+' && at[1] == '+' ? 2 : 0;
    bool is_end = n > 0 && (at + n == end || (at[n] < 128 && ascii_class[at[n]] < CHAR_LETTER));
    if (!is_end || !s->is_open || w->kind != LETTERS || w->n > 2) {
        return false;
    }
    s->a->is_short |= !rk_vec_extend(&s->a->folded, (const char *)at, n);
    w->n += n;
    s->at += n;
    w->end = s->at;
    w->kind = MIXED;
    s->is_open = false;
    s->gap = APART;
    return true;
}

static void scan_text(scan *s)
{
    while (s->at < s->n && !s->a->is_short) {
        unsigned char c = s->text[s->at];
        char_class class = c < 128 ? ascii_class[c] : CHAR_GAP;
        if (c >= 128) {
            scan_foreign(s);
        } else if ((c == '+' || c == '#') && scan_signs(s)) {
            continue;
        } else if (class >= CHAR_LETTER) {
            scan_run(s, class);
        } else if (class == CHAR_QUOTE) {
            s->at++;
            put_inch(s, s->at - 1);
        } else {
            s->at++;
            widen(s, class, (char)c);
        }
        const word *w = last_word(s);
        if (w && s->gap == JOINED && !s->is_open && s->joiner == ',' && w->kind != DIGITS) {
            s->gap = APART; /* a comma joins numbers only */
        }
    }
}

/* ---- mark: numbers are mended, possessives dropped ---- */

static rk_slice folded_of(const rk_analyser *a, const word *w)
{
    return (rk_slice){(const char *)a->folded.data + w->at, w->n};
}

/* The rest of a mixed word behind its number, when that is a unit: "500gb". */
static const char *unit_behind(rk_slice text, size_t *n_digits)
{
    size_t n = 0;
    while (n < text.n && ((text.at[n] >= '0' && text.at[n] <= '9') || text.at[n] == '.')) {
        n++;
    }
    *n_digits = n;
    return n > 0 && n < text.n ? rk_unit_of((rk_slice){text.at + n, text.n - n}) : NULL;
}

/* Whether a word goes on the number before it: digits, or digits and a unit. */
static bool ends_number(const rk_analyser *a, const word *right)
{
    size_t n_digits;
    return right->kind == DIGITS || (right->kind == MIXED && unit_behind(folded_of(a, right), &n_digits));
}

/* 15.6, 15,6 and 1,440 were scanned as two words joined; they become one, at the end of the folded text. */
static bool merge_number(rk_analyser *a, word *left, const word *right, rk_slice text)
{
    char joiner = left->end < text.n ? text.at[left->end] : '\0';
    bool is_decimal = right->hold == JOINED && (joiner == '.' || joiner == ',');
    if (!is_decimal || left->kind != DIGITS || !ends_number(a, right) || left->n + right->n >= WORD_BYTES_MAX) {
        return false;
    }
    const char *folded = a->folded.data;
    bool is_thousands = joiner == ',' && right->n == 3 && left->n <= 3 && folded[left->at] != '0';
    size_t n_point = is_thousands ? 0 : 1, at = a->folded.n, n = left->n + n_point + right->n;
    if (!rk_vec_extend(&a->folded, NULL, n)) {
        a->is_short = true;
        return false;
    }
    char *bytes = a->folded.data;
    memcpy(bytes + at, bytes + left->at, left->n);
    bytes[at + left->n] = '.';
    memcpy(bytes + at + left->n + n_point, bytes + right->at, right->n);
    *left = (word){(uint32_t)at, (uint32_t)n, left->begin, right->end, left->hold, right->kind, 0};
    return true;
}

static bool is_possessive(const rk_analyser *a, const word *w, rk_slice text)
{
    rk_slice s = folded_of(a, w);
    bool has_quote = w->begin > 0 && (text.at[w->begin - 1] == '\'' || (unsigned char)text.at[w->begin - 1] == 0x99);
    return w->hold == JOINED && s.n == 1 && s.at[0] == 's' && has_quote;
}

static void mark_words(rk_analyser *a, rk_slice text)
{
    word *words = a->words.data;
    size_t kept = 0;
    for (size_t i = 0; i < a->words.n; i++) {
        bool is_merged = kept > 0 && merge_number(a, &words[kept - 1], &words[i], text);
        if (!is_merged && !(kept > 0 && is_possessive(a, &words[i], text))) {
            words[kept++] = words[i];
        } else if (!is_merged) {
            words[kept - 1].end = words[i].end;
        }
    }
    a->words.n = kept;
}

/* ---- emit ---- */

static void push(rk_analyser *a, rk_slice term, const word *first, const word *last, uint32_t position, size_t n_words)
{
    rk_token *token = rk_vec_next(&a->tokens);
    if (token) {
        *token = (rk_token){term, term, position, first->begin, last->end, (uint16_t)n_words, NULL};
    }
    a->is_short |= !token;
}

/* The stem, kept; at NULL: a stop word. */
static rk_slice make_stem(rk_analyser *a, rk_slice text, kind k)
{
    if (k == LETTERS && !a->keep_stops && rk_is_stop_word(text)) {
        return (rk_slice){NULL, 0};
    }
    if (k == LETTERS && a->stemmer) {
        const unsigned char *stem = sb_stemmer_stem(a->stemmer, (const unsigned char *)text.at, (int)text.n);
        int n = stem ? sb_stemmer_length(a->stemmer) : 0;
        text = n > 0 ? (rk_slice){(const char *)stem, (size_t)n} : text;
    }
    const char *copy = rk_arena_copy(&a->stems, text.at, text.n);
    a->is_short |= !copy;
    return (rk_slice){copy, text.n};
}

/* Forgets all words when they grow too many: between texts. */
static void trim_known(rk_analyser *a)
{
    if (rk_interner_count(a->known) > KNOWN_MAX) {
        rk_interner *fresh = rk_interner_new();
        a->is_short |= !fresh;
        if (fresh) {
            rk_interner_free(a->known);
            a->known = fresh;
            rk_vec_clear(&a->stem);
            rk_arena_clear(&a->stems);
        }
    }
}

/* NULL: memory is short. Moves when the next one is asked for. */
static known_stem *stem_of(rk_analyser *a, const word *w)
{
    rk_slice text = folded_of(a, w);
    uint32_t id = rk_interner_add(a->known, text);
    if (id == a->stem.n) {
        known_stem stem = {make_stem(a, text, w->kind), {0, 0}};
        a->is_short |= !rk_vec_push(&a->stem, &stem);
    }
    a->is_short |= id == RK_NO_ID;
    return a->is_short ? NULL : (known_stem *)a->stem.data + id;
}

static rk_slice join(rk_analyser *a, const rk_slice *parts, size_t n_parts)
{
    size_t n = 0;
    for (size_t i = 0; i < n_parts; i++) {
        n += parts[i].n;
    }
    char *bytes = rk_arena_take(&a->joined, n + 1, 1, 1);
    a->is_short |= !bytes;
    n = 0;
    for (size_t i = 0; bytes && i < n_parts; i++) {
        memcpy(bytes + n, parts[i].at, parts[i].n);
        n += parts[i].n;
    }
    return (rk_slice){bytes, n};
}

/* A number and its unit, joined; "500gb" alone is a word that only needs the short form of its unit. */
static void emit_measure(rk_analyser *a, const word *w, const word *end, uint32_t position)
{
    const word *next = w + 1;
    bool is_number =
        w->kind == DIGITS && next < end && (next->kind == LETTERS || next->kind == INCH) && next->hold != APART;
    bool goes_on = is_number && next + 1 < end && next[1].hold == JOINED; /* 3-in-1 */
    const char *unit = is_number && !goes_on ? rk_unit_of(folded_of(a, next)) : NULL;
    if (unit) {
        const rk_slice parts[] = {folded_of(a, w), rk_slice_of(unit)};
        push(a, join(a, parts, 2), w, next, position, 2);
    }
}

static void emit_word(rk_analyser *a, const word *w, uint32_t position)
{
    size_t n_digits;
    rk_slice text = folded_of(a, w);
    const char *unit = w->kind == MIXED ? unit_behind(text, &n_digits) : NULL;
    if (unit) {
        const rk_slice parts[] = {{text.at, n_digits}, rk_slice_of(unit)};
        push(a, join(a, parts, 2), w, w, position, 1);
        return;
    }
    const known_stem *stem = stem_of(a, w);
    if (!stem || !stem->text.at) {
        return;
    }
    push(a, stem->text, w, w, position, 1);
    tagged *tag = rk_vec_next(&a->tagged);
    a->is_short |= !tag;
    if (!a->is_short) {
        *tag = (tagged){a->tokens.n - 1, (size_t)(stem - (known_stem *)a->stem.data)};
        ((rk_token *)a->tokens.data)[a->tokens.n - 1].word = text;
    }
}

/* All words of a compound as one. */
static void emit_compound(rk_analyser *a, const word *w, size_t n, uint32_t position)
{
    rk_slice parts[JOIN_WORDS_MAX];
    size_t n_bytes = 0;
    for (size_t i = 0; i < n && i < JOIN_WORDS_MAX; i++) {
        parts[i] = folded_of(a, &w[i]);
        n_bytes += parts[i].n;
    }
    if (n >= 2 && n <= JOIN_WORDS_MAX && n_bytes <= JOIN_BYTES_MAX) {
        rk_slice joined = join(a, parts, n);
        const rk_token *last = a->tokens.n > 0 ? (const rk_token *)a->tokens.data + a->tokens.n - 1 : NULL;
        bool is_there = last && last->position == position && rk_slice_equal(last->term, joined);
        if (!is_there) { /* a measure may be the same */
            push(a, joined, w, w + n - 1, position, n);
        }
    }
}

/* "2 x 4", "60 x 40 x 20": as "2x4" is written. From the first number on. */
static void emit_size(rk_analyser *a, const word *w, const word *end, uint32_t position)
{
    rk_slice parts[JOIN_WORDS_MAX];
    size_t n = 1;
    parts[0] = folded_of(a, w);
    while (n + 1 < JOIN_WORDS_MAX && w + n + 1 < end && w[n].hold != APART && w[n + 1].hold != APART &&
           rk_slice_equal(folded_of(a, &w[n]), RK_SLICE("x")) && w[n + 1].kind == DIGITS) {
        parts[n] = folded_of(a, &w[n]);
        parts[n + 1] = folded_of(a, &w[n + 1]);
        n += 2;
    }
    if (w->kind == DIGITS && n > 1) {
        push(a, join(a, parts, n), w, w + n - 1, position, n);
    }
}

/* How many words from w on hang together. */
static size_t compound_words(const word *w, const word *end)
{
    size_t n = 1;
    while (w + n < end && (w[n].hold == JOINED || w[n].hold == FLUSH) && w[n].kind != HAN && w[n].kind != INCH &&
           w[n - 1].kind != HAN) {
        n++;
    }
    return n;
}

/* A run of Han characters: where each begins in its text, and what it is. */
typedef struct {
    const word *word;
    rk_slice text;
    uint16_t start[RK_CUT_LETTERS_MAX + 1];
    uint32_t letter[RK_CUT_LETTERS_MAX];
    size_t n;
} han_run;

static void read_han(const rk_analyser *a, const word *w, han_run *run)
{
    run->word = w;
    run->text = folded_of(a, w);
    run->n = 0;
    const char *begin = run->text.at, *end = begin + run->text.n;
    for (const char *at = begin; at < end;) {
        size_t bytes = rk_letter_after(at, end);
        run->start[run->n] = (uint16_t)(at - begin);
        run->letter[run->n++] = rk_letter_code(at, bytes);
        at += bytes;
    }
    run->start[run->n] = (uint16_t)run->text.n;
}

/* Characters from..to - 1 as a token. */
static void push_han(rk_analyser *a, const han_run *run, size_t from, size_t to, uint32_t position, size_t n_words)
{
    const place *places = (const place *)a->places.data + run->word->first;
    rk_slice term = {run->text.at + run->start[from], (size_t)(run->start[to] - run->start[from])};
    rk_token token = {term, term, position, places[from].begin, places[to - 1].end, (uint16_t)n_words, NULL};
    a->is_short |= !rk_vec_push(&a->tokens, &token);
}

/* Overlapping pairs; a lone character is itself. Returns how many positions they take. */
static uint32_t emit_pairs(rk_analyser *a, const han_run *run, size_t from, size_t to, uint32_t position)
{
    if (to - from == 1) {
        push_han(a, run, from, to, position, 1);
        return 1;
    }
    for (size_t i = from; i + 1 < to; i++) {
        push_han(a, run, i, i + 2, position + (uint32_t)(i - from), 1);
    }
    return (uint32_t)(to - from - 1);
}

/* A word of the dictionary, and shorter ones of two and three letters in it. */
static void emit_cut(rk_analyser *a, const han_run *run, size_t from, size_t to, uint32_t position)
{
    push_han(a, run, from, to, position, 1);
    for (size_t n = 2; n <= 3 && n < to - from; n++) {
        for (size_t i = from; i + n <= to; i++) {
            if (rk_cut_knows(a->cutter, run->letter + i, n)) {
                push_han(a, run, i, i + n, position, 0);
            }
        }
    }
}

/* Returns how many positions the words of a run take. */
static uint32_t emit_han(rk_analyser *a, const word *w, uint32_t position)
{
    han_run run;
    uint8_t lengths[RK_CUT_LETTERS_MAX];
    uint32_t first = position;
    read_han(a, w, &run);
    if (!a->cutter) {
        return emit_pairs(a, &run, 0, run.n, position);
    }
    size_t n = rk_cut(a->cutter, run.letter, run.n, lengths), at = 0, loose = 0; /* loose: single letters before at */
    for (size_t i = 0; i <= n; i++) {
        bool is_word = i < n && lengths[i] > 1;
        if (loose > 0 && (is_word || i == n)) {
            position += emit_pairs(a, &run, at - loose, at, position);
            loose = 0;
        }
        if (is_word) {
            emit_cut(a, &run, at, at + lengths[i], position++);
        } else {
            loose++;
        }
        at += i < n ? lengths[i] : 0;
    }
    return position - first;
}

static void emit_tokens(rk_analyser *a)
{
    const word *words = a->words.data, *end = words ? words + a->words.n : NULL;
    uint32_t position = 0;
    size_t left = 0; /* words of the compound at hand */
    for (const word *w = words; w < end && !a->is_short; w++) {
        if (w->kind == HAN) {
            position += emit_han(a, w, position);
            left = 0;
            continue;
        }
        if (w->kind != INCH) {
            emit_word(a, w, position);
        } else {
            push(a, folded_of(a, w), w, w, position, 1);
        }
        emit_measure(a, w, end, position);
        if (w == words || !rk_slice_equal(folded_of(a, w - 1), RK_SLICE("x"))) {
            emit_size(a, w, end, position);
        }
        if (left == 0) {
            left = compound_words(w, end);
            emit_compound(a, w, left, position);
        }
        left--;
        position++;
    }
}

rk_status rk_analyse(rk_analyser *a, rk_slice text, const rk_token **tokens, size_t *n, rk_error *err)
{
    scan s = {.a = a, .text = (const unsigned char *)text.at, .n = (uint32_t)text.n};
    if (text.n > INT32_MAX) {
        return rk_fail(err, RK_BAD_INPUT, "a text of %zu bytes is too long to be analysed", text.n);
    }
    rk_vec_clear(&a->folded);
    rk_vec_clear(&a->words);
    rk_vec_clear(&a->places);
    rk_vec_clear(&a->tokens);
    rk_vec_clear(&a->tagged);
    rk_arena_clear(&a->joined);
    a->is_short = false;
    trim_known(a);
    scan_text(&s);
    if (!a->is_short) {
        mark_words(a, text);
        emit_tokens(a);
    }
    for (size_t i = 0; i < a->tagged.n && !a->is_short; i++) {
        const tagged *t = (const tagged *)a->tagged.data + i;
        ((rk_token *)a->tokens.data)[t->token].tag = ((known_stem *)a->stem.data)[t->stem].tag;
    }
    *tokens = a->tokens.data;
    *n = a->tokens.n;
    return a->is_short ? rk_fail_memory(err, "the words of a text") : RK_OK;
}
