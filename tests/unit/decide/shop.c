/* shop.c - see shop.h. */
#include "unit/decide/shop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "decide/what_if.h"
#include "support/test.h"

/* small: 1 USD a core-hour. large: twice the cores for 1.5 times the money. far: cheap, in another region. dear: no. */
static const char book[] =
    "reckon: prices/1\ncurrency: USD\nprices:\n"
    "  small: {kind: machine, vcpu: 2, memory_gib: 4, region: here, hour: {on_demand: 2, reserved_1y: 1.2, spot: 0.5}}\n"
    "  large: {kind: machine, vcpu: 4, memory_gib: 8, region: here, hour: {on_demand: 3}}\n"
    "  far: {kind: machine, vcpu: 2, memory_gib: 4, region: there, hour: {on_demand: 0.1}}\n"
    "  dear: {kind: machine, vcpu: 2, memory_gib: 4, region: here, hour: {on_demand: 9}}\n"
    "  disk: {kind: rate, unit: GB-month, price: 1}\n";

static char folder[] = "/tmp/reckon-decide-XXXXXX", path[64], book_path[64], text[4096];

int shop_open(void **state)
{
    (void)state;
    FILE *file = mkdtemp(folder) ? fopen((snprintf(book_path, sizeof book_path, "%s/b.yaml", folder), book_path), "w")
                                 : NULL;
    snprintf(path, sizeof path, "%s/p.yaml", folder);
    return !file || fputs(book, file) < 0 || fclose(file) ? -1 : 0;
}

int shop_close(void **state)
{
    (void)state;
    (void)unlink(book_path);
    return rmdir(folder);
}

rk_plan_source shop_plan(const char *rest)
{
    int n = snprintf(text, sizeof text, "reckon: plan/1\ncurrency: USD\nstart: 2026-01\nmonths: 12\nprices: [b.yaml]\n%s",
                     rest);
    assert_in_range(n, 1, sizeof text - 1);
    return (rk_plan_source){.path = path, .text = {text, (size_t)n}};
}

int64_t shop_total(rk_plan_source source, const char *const *changes, size_t n)
{
    rk_arena arena = {0};
    rk_outcome outcome;
    rk_error err;
    if (rk_what_if(&source, changes, n, &arena, &outcome, &err)) {
        fail_msg("%s", err.message);
    }
    rk_arena_release(&arena);
    return outcome.total.micros;
}
