/* analyse_words.c - the first half of an analyser: characters to folded words.
 *
 * `scan` folds a text into words, with what stands between each and the one before; `mark` finds numbers, units and
 * what is to be joined.
 */
#include <string.h>
#include <utf8proc.h>

#include "text/analyse_parts.h"
#include "text/letters.h"
#include "text/units.h"

enum { WORD_BYTES_MAX = 255, FOLD_MAX = 32 };

typedef rk_folded_word word;
typedef rk_letter_place place;

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
    rk_word_hold gap; /* what stood behind the last word so far */
    char joiner;      /* the character of a RK_JOINED gap */
    bool is_open;     /* the last word may go on */
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
static bool must_cut(const word *w, rk_word_kind next)
{
    return (w->kind == RK_HAN) != (next == RK_HAN) || (w->kind == RK_LETTERS && next == RK_DIGITS && w->n >= 3) ||
           (w->kind == RK_DIGITS && next == RK_LETTERS && w->hold == RK_FLUSH && w[-1].kind == RK_LETTERS);
}

/* The word that n bytes of this kind belong to: the one at hand goes on, or another begins where folded text ends.
 * NULL: memory is short. */
static word *word_for(scan *s, size_t n, rk_word_kind next, uint32_t begin, uint32_t end)
{
    rk_analyser *a = s->a;
    word *w = last_word(s);
    bool goes_on = w && s->is_open && !must_cut(w, next) && w->n + n <= WORD_BYTES_MAX;
    if (!goes_on) {
        rk_word_hold behind = w && s->is_open ? RK_FLUSH : s->gap;
        w = rk_vec_next(&a->words);
        if (!w) {
            a->is_short = true;
            return NULL;
        }
        *w = (word){(uint32_t)a->folded.n, 0, begin, end, behind, next, (uint32_t)a->places.n};
    }
    w->n += (uint32_t)n;
    w->end = end;
    w->kind = w->kind == next ? next : RK_MIXED;
    s->is_open = true;
    s->gap = RK_APART;
    return w;
}

/* Bytes of a folded character. */
static void put(scan *s, const char *bytes, size_t n, rk_word_kind next, uint32_t begin, uint32_t end)
{
    if (word_for(s, n, next, begin, end)) {
        s->a->is_short |= !rk_vec_extend(&s->a->folded, bytes, n);
    }
    for (size_t at = 0; next == RK_HAN && at < n; at += rk_letter_after(bytes + at, bytes + n)) {
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
        put(s, (const char *)bytes, n,
            class == CHAR_HAN     ? RK_HAN
            : class == CHAR_DIGIT ? RK_DIGITS
                                  : RK_LETTERS,
            begin, s->at);
    }
}

/* A character that is no word: what it does to the gap behind the last one. */
static void widen(scan *s, char_class class, char c)
{
    bool was_open = s->is_open;
    s->is_open = false;
    if (class == CHAR_JOINER && was_open) {
        s->gap = RK_JOINED;
        s->joiner = c;
    } else if (class == CHAR_SPACE && (was_open || s->gap == RK_SPACED)) {
        s->gap = RK_SPACED;
    } else {
        s->gap = RK_APART;
    }
}

/* 17" */
static void put_inch(scan *s, uint32_t begin)
{
    const word *w = last_word(s);
    if (w && s->is_open && (w->kind == RK_DIGITS) && !s->a->is_short) {
        word inch = {(uint32_t)s->a->folded.n, 4, begin, s->at, RK_FLUSH, RK_INCH, 0};
        s->a->is_short |= !rk_vec_push(&s->a->words, &inch) || !rk_vec_extend(&s->a->folded, "inch", 4);
    }
    s->is_open = false;
    s->gap = RK_APART;
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
        put(s, "x", 1, RK_LETTERS, begin, s->at);
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
    if (word_for(s, n, class == CHAR_DIGIT ? RK_DIGITS : RK_LETTERS, begin, s->at)) {
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
    if (!is_end || !s->is_open || w->kind != RK_LETTERS || w->n > 2) {
        return false;
    }
    s->a->is_short |= !rk_vec_extend(&s->a->folded, (const char *)at, n);
    w->n += n;
    s->at += n;
    w->end = s->at;
    w->kind = RK_MIXED;
    s->is_open = false;
    s->gap = RK_APART;
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
        if (w && s->gap == RK_JOINED && !s->is_open && s->joiner == ',' && w->kind != RK_DIGITS) {
            s->gap = RK_APART; /* a comma joins numbers only */
        }
    }
}

/* ---- mark: numbers are mended, possessives dropped ---- */

const char *rk_unit_behind(rk_slice text, size_t *n_digits)
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
    return right->kind == RK_DIGITS || (right->kind == RK_MIXED && rk_unit_behind(rk_folded_text(a, right), &n_digits));
}

/* 15.6, 15,6 and 1,440 were scanned as two words joined; they become one, at the end of the folded text. */
static bool merge_number(rk_analyser *a, word *left, const word *right, rk_slice text)
{
    char joiner = left->end < text.n ? text.at[left->end] : '\0';
    bool is_decimal = right->hold == RK_JOINED && (joiner == '.' || joiner == ',');
    if (!is_decimal || left->kind != RK_DIGITS || !ends_number(a, right) || left->n + right->n >= WORD_BYTES_MAX) {
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
    rk_slice s = rk_folded_text(a, w);
    bool has_quote = w->begin > 0 && (text.at[w->begin - 1] == '\'' || (unsigned char)text.at[w->begin - 1] == 0x99);
    return w->hold == RK_JOINED && s.n == 1 && s.at[0] == 's' && has_quote;
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

void rk_analyser_fold(rk_analyser *a, rk_slice text)
{
    scan s = {.a = a, .text = (const unsigned char *)text.at, .n = (uint32_t)text.n};
    scan_text(&s);
    if (!a->is_short) {
        mark_words(a, text);
    }
}
