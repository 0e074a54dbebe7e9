/* test_variant.c - names of variants, and what several steps in one call have in common with several calls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compress/variant.h"
#include "math/random.h"
#include "support/faults.h"
#include "support/small_shop.h"
#include "support/test.h"

static void expect_error(const char *text, const char *message)
{
    rk_error err = {0};
    rk_variant variant;
    assert_int_equal(rk_variant_parse(text, &variant, &err), RK_BAD_USAGE);
    if (!strstr(err.message, message)) {
        fail_msg("got '%s', expected '%s'", err.message, message);
    }
}

static double number(const rk_variant_step *step, const char *key)
{
    rk_text text = {0};
    rk_json json = {.text = &text};
    rk_options_json(rk_variant_options(step), &json, NULL);
    json_t *options = json_loads(text.at, 0, NULL);
    double value = json_number_value(json_object_get(options, key));
    json_decref(options);
    rk_text_release(&text);
    return value;
}

static void a_name_is_steps_and_an_index(void **state)
{
    (void)state;
    rk_error err = {0};
    rk_variant v;
    assert_int_equal(rk_variant_parse("prune(0.25,by=all)+int8+hnsw(links=8)", &v, &err), RK_OK);
    assert_int_equal(v.n_steps, 2);
    assert_string_equal(v.step[0].compressor->name, "prune");
    assert_true(number(&v.step[0], "keep") == 0.25);
    assert_string_equal(v.step[1].compressor->name, "int8");
    assert_string_equal(v.index->name, "hnsw");
    assert_int_equal(v.index_set.n, 1);
    assert_string_equal(*(const char **)v.index_set.data, "links=8");
    rk_variant_release(&v);
    assert_int_equal(rk_variant_parse("ivf", &v, &err), RK_OK);
    assert_int_equal(v.n_steps, 0);
    rk_variant_release(&v);
    assert_int_equal(rk_variant_parse("prune()", &v, &err), RK_OK);
    assert_true(number(&v.step[0], "keep") == 0.5);
    rk_variant_release(&v);
    assert_int_equal(rk_variant_parse("prune(keep=2e-1)", &v, &err), RK_OK);
    assert_true(number(&v.step[0], "keep") == 0.2);
    rk_variant_release(&v);
    assert_int_equal(rk_variant_parse("prune(keep=2.5e+1e)", &v, &err), RK_BAD_USAGE); /* no step ends in brackets */
}

static void what_is_no_name_is_told(void **state)
{
    (void)state;
    expect_error("", "a step without a name");
    expect_error("int8+", "a step without a name");
    expect_error("int9", "no compressor 'int9'; nearest is 'int8'");
    expect_error("prune(0.5", "cannot read the step 'prune(0.5': the bracket is not closed");
    expect_error("prune(by=all,0.5)", "a value without a key");
    expect_error("int8(4)", "a value without a key");
    expect_error("prune(kep=0.5)", "no option 'kep'");
    expect_error("prune(2)", "keep");
    expect_error("hnsw+int8", "nothing comes after an index");
    expect_error("int8+int8+int8+int8+int8+int8+int8+int8+int8", "more than 8 steps");
}

static bool try_parse(void *context)
{
    (void)context;
    rk_error err;
    rk_variant v;
    bool is_good = rk_variant_parse("prune(0.25,by=all)+int8+hnsw(links=8)", &v, &err) == RK_OK;
    if (is_good) {
        rk_variant_release(&v);
    }
    return is_good;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    assert_true(fault_each(try_parse, NULL) > 3);
}

/* ---- steps ---- */

enum { ITEMS = 200 };

static void steps_in_one_call_are_steps_in_two(void **state)
{
    (void)state;
    char folder[] = "/tmp/reckon-variant-XXXXXX", path[5][64];
    static const char *const names[] = {"model", "once", "first", "second", "third"};
    static float near[ITEMS * ITEMS];
    rk_random random = rk_random_of(3, 0);
    for (size_t i = 0; i < RK_COUNT_OF(near); i++) {
        near[i] = rk_random_uniform(&random) < 0.3 ? (float)rk_random_normal(&random) : 0;
    }
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < RK_COUNT_OF(names); i++) {
        snprintf(path[i], sizeof path[i], "%s/%s.rk", folder, names[i]);
    }
    small_model_write(&(small_model){.n_users = 1, .n_items = ITEMS, .near = near}, path[0]);
    rk_error err = {0};
    rk_run run = {0};
    rk_compression report[3];
    assert_int_equal(rk_compress(path[0], "prune(0.25)+int8", NULL, 0, path[1], &run, &report[0], &err), RK_OK);
    const char *set[] = {"keep=0.25"};
    assert_int_equal(rk_compress(path[0], "prune", set, 1, path[2], &run, &report[1], &err), RK_OK);
    assert_int_equal(rk_compress(path[2], "int8", NULL, 0, path[3], &run, &report[2], &err), RK_OK);
    assert_int_equal(report[0].bytes_before, report[1].bytes_before);
    assert_int_equal(report[0].bytes_after, report[2].bytes_after);
    rk_artefact *once = NULL, *twice = NULL;
    assert_int_equal(rk_artefact_open(path[1], "model", &once, &err), RK_OK);
    assert_int_equal(rk_artefact_open(path[3], "model", &twice, &err), RK_OK);
    assert_int_equal(rk_artefact_n_sections(once), rk_artefact_n_sections(twice));
    for (size_t i = 0; i < rk_artefact_n_sections(once); i++) {
        const rk_section *a = rk_artefact_section_at(once, i), *b = rk_artefact_find(twice, a->name);
        assert_true(b && a->checksum == b->checksum && a->bytes == b->bytes);
    }
    const json_t *a = json_object_get(rk_artefact_meta(once), "compression");
    const json_t *b = json_object_get(rk_artefact_meta(twice), "compression");
    assert_string_equal(json_string_value(json_object_get(a, "to")), "prune(0.25)+int8");
    assert_string_equal(json_string_value(json_object_get(b, "to")), "prune+int8");
    assert_true(json_equal(json_object_get(a, "steps"), json_object_get(b, "steps")));
    assert_true(json_equal(json_object_get(a, "bytes_before"), json_object_get(b, "bytes_before")));
    rk_artefact_close(once);
    rk_artefact_close(twice);
    assert_int_equal(rk_compress(path[0], "prune+int8", set, 1, path[4], &run, &report[0], &err), RK_BAD_USAGE);
    assert_non_null(strstr(err.message, "--set keep=0.25: which step?"));
    assert_int_equal(rk_compress(path[0], "int8+hnsw", NULL, 0, path[4], &run, &report[0], &err), RK_BAD_USAGE);
    assert_non_null(strstr(err.message, "'hnsw' is an index, a file of its own"));
    for (size_t i = 0; i < RK_COUNT_OF(names); i++) {
        unlink(path[i]);
    }
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_steps_and_an_index),
        cmocka_unit_test(what_is_no_name_is_told),
        cmocka_unit_test(every_failed_allocation_is_survived),
        cmocka_unit_test(steps_in_one_call_are_steps_in_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
