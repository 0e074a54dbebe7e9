/* bench_base.c - numbers and names against what libc offers, side by side: each row is the median of ROUNDS rounds that
 * take turns, in nanoseconds an item, and the ratio of the two.
 */
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/text.h"
#include "math/random.h"

#define ROUNDS 7
#define ITEMS ((size_t)500000)
#define KEYS ((size_t)30000) /* customers of a middling shop */

typedef struct {
    char (*text)[24];   /* [ITEMS] prices, or look-ups of names */
    double *value;      /* [ITEMS] */
    rk_interner *names; /* KEYS names */
    struct hsearch_data table;
    double sum; /* keeps the compiler from skipping the work */
} work;

typedef void step(work *w);

static void read_ours(work *w)
{
    double value = 0;
    for (size_t i = 0; i < ITEMS; i++) {
        w->sum += rk_parse_real(rk_slice_of(w->text[i]), &value) ? value : 0;
    }
}

static void read_libc(work *w)
{
    for (size_t i = 0; i < ITEMS; i++) {
        w->sum += strtod(w->text[i], NULL);
    }
}

static void write_ours(work *w)
{
    rk_text text = {0};
    for (size_t i = 0; i < ITEMS; i++) {
        rk_text_clear(&text);
        rk_text_add_real(&text, w->value[i]);
    }
    w->sum += (double)text.n;
    rk_text_release(&text);
}

/* The shortest of 15 to 17 digits that reads back, as one does without a library for it. */
static void write_libc(work *w)
{
    char text[40];
    for (size_t i = 0; i < ITEMS; i++) {
        int n_digits = 15;
        do {
            w->sum += snprintf(text, sizeof text, "%.*g", n_digits, w->value[i]);
        } while (n_digits++ < 17 && strtod(text, NULL) != w->value[i]);
    }
}

static void find_ours(work *w)
{
    for (size_t i = 0; i < ITEMS; i++) {
        w->sum += rk_interner_find(w->names, rk_slice_of(w->text[i]));
    }
}

static void find_libc(work *w)
{
    for (size_t i = 0; i < ITEMS; i++) {
        ENTRY *found = NULL;
        w->sum += hsearch_r((ENTRY){.key = w->text[i]}, FIND, &found, &w->table);
    }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void compare(const char *what, work *w, step *ours, step *libc)
{
    double ns[2][ROUNDS];
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t side = 0; side < 2; side++) {
            int64_t begin_ns = rk_clock_ns();
            (side ? libc : ours)(w);
            ns[side][round] = (double)(rk_clock_ns() - begin_ns) / (double)ITEMS;
        }
    }
    qsort(ns[0], ROUNDS, sizeof ns[0][0], by_size);
    qsort(ns[1], ROUNDS, sizeof ns[1][0], by_size);
    double mine = ns[0][ROUNDS / 2], theirs = ns[1][ROUNDS / 2];
    printf("%-34s %8.1f ns   libc %8.1f ns   ratio %5.1f\n", what, mine, theirs, theirs / mine);
}

static void compare_numbers(work *w, rk_random *random)
{
    for (size_t i = 0; i < ITEMS; i++) {
        snprintf(w->text[i], sizeof *w->text, "%u.%02u", rk_random_below(random, 1000), rk_random_below(random, 100));
        w->value[i] = rk_random_uniform(random);
    }
    compare("read a price (strtod)", w, read_ours, read_libc);
    compare("write 16 digits (printf, strtod)", w, write_ours, write_libc);
}

/* Names of five digits only: on longer ones that end alike, hsearch's hash collapses and nothing is compared. */
static void compare_names(work *w, rk_random *random)
{
    static char names[KEYS][24];
    if (!hcreate_r(KEYS * 2, &w->table)) {
        return;
    }
    for (size_t i = 0; i < KEYS; i++) {
        ENTRY *kept;
        snprintf(names[i], sizeof *names, "%05u", (unsigned)i * 7919u % 100000u);
        rk_interner_add(w->names, rk_slice_of(names[i]));
        hsearch_r((ENTRY){.key = names[i]}, ENTER, &kept, &w->table);
    }
    for (size_t i = 0; i < ITEMS; i++) {
        memcpy(w->text[i], names[rk_random_below(random, (uint32_t)KEYS)], sizeof *w->text);
    }
    compare("find a customer number (hsearch)", w, find_ours, find_libc);
    hdestroy_r(&w->table);
}

int main(void)
{
    work w = {
        .text = malloc(ITEMS * sizeof *w.text), .value = malloc(ITEMS * sizeof *w.value), .names = rk_interner_new()};
    rk_random random = rk_random_of(1, 0);
    if (w.text && w.value && w.names) {
        compare_numbers(&w, &random);
        compare_names(&w, &random);
    }
    rk_interner_free(w.names);
    free(w.text);
    free(w.value);
    return w.sum > 0 ? 0 : 1;
}
