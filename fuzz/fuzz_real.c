/* fuzz_real.c - every text that rk_parse_real accepts, strtod reads to the same bits; what it refuses is no finite
 * decimal. The same bytes are also given to the option table, as a command line and as key=value.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* strtod also takes blanks, '+', hex, inf and nan; a decimal is only these characters, and not blank in front. */
static bool may_be_decimal(const char *text, size_t n)
{
    return n > 0 && strspn(text, "0123456789+-.eE") == n && text[0] != '+';
}

static void check_real(const char *text, size_t n)
{
    double mine = 0;
    char *end;
    double theirs = strtod(text, &end);
    bool is_theirs = may_be_decimal(text, n) && end == text + n && isfinite(theirs);
    bool is_mine = rk_parse_real((rk_slice){text, n}, &mine);
    if (is_mine != is_theirs || (is_mine && memcmp(&mine, &theirs, sizeof mine) != 0)) {
        abort();
    }
    rk_text back = {0};
    if (is_mine) { /* and the shortest decimal leads back */
        rk_text_add_real(&back, mine);
        if (!rk_parse_real((rk_slice){back.at, back.n}, &theirs) || memcmp(&mine, &theirs, sizeof mine) != 0) {
            abort();
        }
    }
    rk_text_release(&back);
}

typedef struct {
    bool flag;
    const char *text;
    uint64_t count;
    double real;
    int choice;
    rk_vec list;
} settings;

static const rk_option rows[] = {
    {"flag", 'f', RK_OPT_FLAG, offsetof(settings, flag), NULL, "yes", "x"},
    {"text", 't', RK_OPT_TEXT, offsetof(settings, text), "T", NULL, "x"},
    {"count", 'n', RK_OPT_COUNT, offsetof(settings, count), "N", "3", "x", .min = 1, .max = 9},
    {"real", 'r', RK_OPT_REAL, offsetof(settings, real), "X", "0.5", "x", .min = 0, .max = 1},
    {"choice", 'c', RK_OPT_CHOICE, offsetof(settings, choice), "C", "b", "x", .choices = "a|b|c"},
    {"list", 'l', RK_OPT_LIST, offsetof(settings, list), "L", NULL, "x"},
};

/* Whatever was written, a table keeps its promises: ranges hold, and a failure has a message. */
static void check_promises(const settings *s, rk_status status, const rk_error *err)
{
    bool in_range = s->count >= 1 && s->count <= 9 && s->real >= 0 && s->real <= 1 && s->choice >= 0 && s->choice <= 2;
    if (!in_range || (status != RK_OK) != (err->message[0] != '\0')) {
        abort();
    }
}

static void check_options(char *text, size_t n)
{
    settings s;
    rk_option_table table = {rows, RK_COUNT_OF(rows), &s};
    rk_vec words = {.item_bytes = sizeof(const char *)};
    rk_error err = {0};
    char program[] = "x", *argv[32] = {program};
    rk_options_defaults(table);
    check_promises(&s, rk_options_set(table, text, &err), &err);
    err = (rk_error){0};
    int argc = 1;
    for (size_t begin = 0; begin <= n && argc < 32; begin += strlen(text + begin) + 1) { /* newlines part the words */
        text[begin + strcspn(text + begin, "\n")] = '\0';
        argv[argc++] = text + begin;
    }
    check_promises(&s, rk_options_parse(&table, 1, argc, argv, &words, &err), &err);
    rk_options_release(table);
    rk_vec_release(&words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (text) {
        memcpy(text, data, size);
        text[size] = '\0';
        size_t n = strlen(text);
        check_real(text, n);
        check_options(text, n);
        free(text);
    }
    return 0;
}
