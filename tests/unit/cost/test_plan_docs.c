/* docs/plan.md describes every key that a plan or price book may have, and no other, in the words of the tables. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cost/plan.h"
#include "support/test.h"

/* "| `min` | whole number 0 to 1000000 | | fewest machines ... |" */
static void add_row(const rk_key *key, rk_text *out)
{
    static const char *const kinds[] = {
        [RK_KEY_TEXT] = "text",          [RK_KEY_NUMBER] = "number", [RK_KEY_COUNT] = "whole number",
        [RK_KEY_MONTH] = "month",        [RK_KEY_DATE] = "date",     [RK_KEY_CHOICE] = "choice",
        [RK_KEY_NODE] = "see text",      [RK_KEY_LIST] = "list",     [RK_KEY_MAP] = "map",
        [RK_KEY_LATER] = "not built yet"};
    rk_text_addf(out, "| `%s` | %s", key->name, kinds[key->kind]);
    rk_text_add(out, key->choices ? ": " : "");
    for (const char *c = key->choices ? key->choices : ""; *c; c++) {
        rk_text_add_slice(out, *c == '|' ? RK_SLICE(", ") : (rk_slice){c, 1});
    }
    rk_text_addf(out, " | %s | %s |\n", key->required ? "yes" : "", key->help ? key->help : "");
}

static void write_tables(rk_text *out)
{
    rk_key_table table;
    for (size_t i = 0; rk_plan_key_table(i, &table); i++) {
        rk_text_addf(out, "### %s\n\n| key | value | needed | meaning |\n|---|---|---|---|\n", table.name);
        for (size_t k = 0; k < table.n_keys; k++) {
            add_row(&table.keys[k], out);
        }
        rk_text_add(out, "\n");
    }
}

static void the_manual_has_every_key_of_every_table(void **state)
{
    (void)state;
    char path[4096];
    rk_mapped file;
    rk_error err;
    rk_text tables = {0};
    const char *root = getenv("RECKON_ROOT"), *dump = getenv("RECKON_PLAN_TABLES");
    if (!root) {
        TEST_SKIP("RECKON_ROOT is not set");
    }
    write_tables(&tables);
    if (dump) { /* how the tables of the manual are made */
        assert_int_equal(rk_file_write_text(dump, &tables, &err), RK_OK);
    }
    snprintf(path, sizeof path, "%s/docs/plan.md", root);
    assert_int_equal(rk_mapped_open(path, &file, &err), RK_OK);
    assert_false(tables.failed);
    if (!memmem(file.at, file.n_bytes, tables.at, tables.n)) {
        fail_msg("docs/plan.md does not hold the tables of keys as they are; RECKON_PLAN_TABLES=FILE writes them");
    }
    rk_mapped_close(&file);
    rk_text_release(&tables);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_manual_has_every_key_of_every_table)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
