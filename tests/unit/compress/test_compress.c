/* test_compress.c - what rounding does to vectors, what a smaller model keeps, and what is refused. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compress/compress.h"
#include "math/dot.h"
#include "math/random.h"
#include "support/faults.h"
#include "support/small_shop.h"
#include "support/test.h"

enum { USERS = 7, ITEMS = 17000, DIM = 20 }; /* two blocks of vectors */

typedef struct {
    small_folder at;
    float items[ITEMS * DIM], users[USERS * DIM], bias[ITEMS];
} shop;

static void write_model(shop *s)
{
    small_model_write(&(small_model){USERS, ITEMS, DIM, s->items, s->users, s->bias, .mu = 0.1}, s->at.model);
}

static int make_shop(void **state)
{
    shop *s = calloc(1, sizeof *s);
    small_folder_make(&s->at);
    rk_random random = rk_random_of(1, 0);
    for (size_t i = 0; i < ITEMS * DIM; i++) {
        /* lengths from 1/100 to 100, and one zero vector */
        s->items[i] = (float)(rk_random_normal(&random) * (i / DIM == 5 ? 0 : pow(10, (double)(i / DIM % 5) - 2)));
    }
    for (size_t i = 0; i < USERS * DIM; i++) {
        s->users[i] = (float)rk_random_normal(&random);
    }
    for (size_t i = 0; i < ITEMS; i++) {
        s->bias[i] = (float)rk_random_normal(&random);
    }
    write_model(s);
    *state = s;
    return 0;
}

static int remove_shop(void **state)
{
    shop *s = *state;
    small_folder_remove(&s->at);
    free(s);
    return 0;
}

static rk_status compress(const char *from, const char *to, const char *path, rk_compression *report, rk_error *err)
{
    return rk_compress(from, to, NULL, 0, path, &(rk_run){0}, report, err);
}

static rk_model *compressed(const shop *s, const char *to, rk_compression *report)
{
    rk_error err = {0};
    rk_model *model = NULL;
    if (compress(s->at.model, to, s->at.small, report, &err) != RK_OK ||
        rk_model_open(s->at.small, &model, &err) != RK_OK) {
        fail_msg("%s", err.message);
    }
    assert_int_equal(rk_artefact_verify(rk_model_artefact(model), NULL, &err), RK_OK);
    return model;
}

/* The errors of a model's vectors, computed again and differently: in one pass over what the model answers with. */
static void expect_errors(const rk_model *model, const shop *s, const rk_compression *report)
{
    double max = 0, sum = 0;
    for (uint32_t i = 0; i < ITEMS; i++) {
        float row[DIM];
        rk_model_item_vector(model, i, row);
        for (size_t d = 0; d < DIM; d++) {
            double error = fabs((double)row[d] - (double)s->items[i * DIM + d]);
            max = error > max ? error : max;
            sum += error * error;
        }
    }
    assert_true(report->max_error == max);
    assert_true(fabs(report->rms_error - sqrt(sum / (ITEMS * DIM))) < 1e-12 * report->rms_error);
}

static void fp16_is_the_nearest_half(void **state)
{
    const shop *s = *state;
    rk_compression report;
    rk_model *model = compressed(s, "fp16", &report);
    assert_int_equal(rk_model_type(model), RK_F16);
    for (uint32_t i = 0; i < ITEMS; i++) {
        float row[DIM];
        rk_model_item_vector(model, i, row);
        for (size_t d = 0; d < DIM; d++) {
            assert_true(fabsf(row[d] - s->items[i * DIM + d]) <= fabsf(s->items[i * DIM + d]) / 2048 + 3e-8f);
        }
    }
    expect_errors(model, s, &report);
    assert_int_equal(report.bytes_before, ITEMS * (32 * 4 + 4)); /* 20 numbers are padded to 128 bytes; a bias */
    assert_int_equal(report.bytes_after, ITEMS * (32 * 2 + 4));
    rk_model_close(model);
}

static void int8_errs_by_half_a_scale_at_most(void **state)
{
    const shop *s = *state;
    rk_compression report;
    rk_model *model = compressed(s, "int8", &report);
    assert_int_equal(rk_model_type(model), RK_I8);
    for (uint32_t i = 0; i < ITEMS; i++) {
        float row[DIM], largest = 0;
        rk_model_item_vector(model, i, row);
        for (size_t d = 0; d < DIM; d++) {
            largest = fmaxf(largest, fabsf(s->items[i * DIM + d]));
        }
        for (size_t d = 0; d < DIM; d++) {
            assert_true(fabsf(row[d] - s->items[i * DIM + d]) <= largest / 127 * 0.50001f);
        }
    }
    expect_errors(model, s, &report);
    assert_int_equal(report.bytes_after, ITEMS * (64 + 4 + 4));
    rk_model_close(model);
}

static void bf16_is_the_nearest_upper_half(void **state)
{
    const shop *s = *state;
    rk_compression report;
    rk_model *model = compressed(s, "bf16", &report);
    assert_int_equal(rk_model_type(model), RK_BF16);
    for (uint32_t i = 0; i < ITEMS; i++) {
        float row[DIM];
        rk_model_item_vector(model, i, row);
        for (size_t d = 0; d < DIM; d++) {
            assert_true(fabsf(row[d] - s->items[i * DIM + d]) <= fabsf(s->items[i * DIM + d]) / 256);
        }
    }
    expect_errors(model, s, &report);
    assert_int_equal(report.bytes_after, ITEMS * (32 * 2 + 4));
    rk_model_close(model);
}

/* And scores are those of the numbers as they stand, with a query of int8. */
static void int4_errs_by_half_a_scale_at_most(void **state)
{
    const shop *s = *state;
    rk_error err;
    rk_arena arena = {0};
    rk_query query;
    rk_compression report;
    static float scores[ITEMS];
    int8_t small[DIM];
    rk_model *model = compressed(s, "int4", &report);
    assert_int_equal(rk_model_type(model), RK_I4X2);
    assert_int_equal(rk_model_user_query(model, 3, &arena, &query, &err), RK_OK);
    rk_model_scores(model, &query, 0, ITEMS, scores);
    float query_scale = rk_int8_of_row(small, query.vector, DIM);
    const float *scale = rk_model_section(model, "item.scale")->data;
    for (uint32_t i = 0; i < ITEMS; i++) {
        float row[DIM], largest = 0, sum = 0;
        rk_model_item_vector(model, i, row);
        for (size_t d = 0; d < DIM; d++) {
            largest = fmaxf(largest, fabsf(s->items[i * DIM + d]));
            sum += scale[i] > 0 ? rintf(row[d] / scale[i]) * (float)small[d] : 0;
        }
        for (size_t d = 0; d < DIM; d++) {
            assert_true(fabsf(row[d] - s->items[i * DIM + d]) <= largest / 7 * 0.50001f);
        }
        assert_true(scores[i] == sum * (query_scale * scale[i]) + s->bias[i]);
    }
    expect_errors(model, s, &report);
    assert_int_equal(report.bytes_after, ITEMS * (64 + 4 + 4));
    rk_arena_release(&arena);
    rk_model_close(model);
}

static void the_rest_is_kept_and_the_original_named(void **state)
{
    const shop *s = *state;
    rk_error err;
    rk_compression report;
    rk_artefact *original, *small;
    rk_model_close(compressed(s, "int8", &report));
    assert_int_equal(rk_artefact_open(s->at.model, "model", &original, &err), RK_OK);
    assert_int_equal(rk_artefact_open(s->at.small, "model", &small, &err), RK_OK);
    for (size_t i = 0; i < rk_artefact_n_sections(original); i++) {
        const rk_section *section = rk_artefact_section_at(original, i);
        const rk_section *kept = rk_artefact_find(small, section->name);
        assert_non_null(kept);
        if (strcmp(section->name, "item.vector") != 0) {
            assert_true(kept->checksum == section->checksum && kept->rows == section->rows);
        }
    }
    assert_int_equal(rk_artefact_n_sections(small), rk_artefact_n_sections(original) + 1); /* item.scale */
    char hash[17];
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)rk_artefact_hash(original));
    const json_t *parent = json_array_get(rk_artefact_parents(small), 0);
    assert_string_equal(json_string_value(json_object_get(parent, "hash")), hash);
    const json_t *meta = rk_artefact_meta(small), *mine = json_object_get(meta, "compression");
    assert_true(json_real_value(json_object_get(meta, "mu")) == 0.1);
    assert_string_equal(json_string_value(json_object_get(mine, "to")), "int8");
    const json_t *step = json_array_get(json_object_get(mine, "steps"), 0);
    assert_true(json_real_value(json_object_get(step, "max_error")) == report.max_error);
    assert_true(rk_artefact_making(small).bytes_in == rk_artefact_bytes(original));
    rk_artefact_close(original);
    rk_artefact_close(small);
}

static void threads_do_not_change_a_bit(void **state)
{
    const shop *s = *state;
    rk_error err;
    rk_compression one, four;
    rk_artefact *a, *b;
    rk_pool *pool = rk_pool_new(4);
    assert_int_equal(compress(s->at.model, "int8", s->at.small, &one, &err), RK_OK);
    assert_int_equal(rk_compress(s->at.model, "int8", NULL, 0, s->at.again, &(rk_run){.pool = pool}, &four, &err),
                     RK_OK);
    assert_memory_equal(&one, &four, sizeof one);
    assert_int_equal(rk_artefact_open(s->at.small, "model", &a, &err), RK_OK);
    assert_int_equal(rk_artefact_open(s->at.again, "model", &b, &err), RK_OK);
    assert_true(rk_artefact_hash(a) == rk_artefact_hash(b));
    rk_artefact_close(a);
    rk_artefact_close(b);
    rk_pool_free(pool);
}

static void expect_refusal(const char *from, const char *to, const char *path, const char *message)
{
    rk_error err = {0};
    rk_compression report;
    assert_int_not_equal(compress(from, to, path, &report, &err), RK_OK);
    if (!strstr(err.message, message)) {
        fail_msg("got '%s', expected '%s'", err.message, message);
    }
    assert_int_equal(access(path, F_OK), -1);
}

static void what_cannot_be_compressed_is_refused(void **state)
{
    shop *s = *state;
    rk_error err;
    rk_compression report;
    assert_int_equal(compress(s->at.model, "fp16", s->at.small, &report, &err), RK_OK);
    expect_refusal(s->at.small, "int8", s->at.again,
                   "is compressed already (fp16), and 'int8' wants vectors or neighbours of floats: compress the "
                   "original instead");
    expect_refusal(s->at.model, "int9", s->at.again, "no compressor 'int9'; nearest is 'int8'");
    expect_refusal(s->at.model, "zzzzzzzz", s->at.again, "no compressor 'zzzzzzzz'; see 'reckon compress --list'");
    expect_refusal("/nowhere/model.rk", "int8", s->at.again, "no such file");
    const char *set[] = {"clip=3"};
    assert_int_equal(rk_compress(s->at.model, "int8", set, 1, s->at.again, &(rk_run){0}, &report, &err), RK_BAD_USAGE);
    s->items[7 * DIM + 3] = 1e6f;
    write_model(s);
    expect_refusal(s->at.model, "fp16", s->at.again, "the vector of item 'i7' has a number that fp16 cannot hold");
    s->items[7 * DIM + 3] = NAN;
    write_model(s);
    expect_refusal(s->at.model, "int8", s->at.again, "the vector of item 'i7' has a number that int8 cannot hold");
    small_model_write(&(small_model){USERS, ITEMS, 0, NULL, NULL, s->bias}, s->at.model);
    expect_refusal(s->at.model, "int8", s->at.again,
                   "is a 'popular' model without vectors or neighbours: there is nothing to compress");
}

static bool try_compression(void *context)
{
    const shop *s = context;
    rk_error err;
    rk_compression report;
    bool is_done = compress(s->at.model, "int8", s->at.small, &report, &err) == RK_OK;
    assert_int_equal(access(s->at.small, F_OK), is_done ? 0 : -1);
    unlink(s->at.small);
    return is_done;
}

static void every_failed_allocation_is_survived(void **state)
{
    json_set_alloc_funcs(malloc, free);
    assert_true(fault_each(try_compression, *state) > 100);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_shop, remove_shop)
    const struct CMUnitTest tests[] = {
        CASE(fp16_is_the_nearest_half),
        CASE(int8_errs_by_half_a_scale_at_most),
        CASE(bf16_is_the_nearest_upper_half),
        CASE(int4_errs_by_half_a_scale_at_most),
        CASE(the_rest_is_kept_and_the_original_named),
        CASE(threads_do_not_change_a_bit),
        CASE(what_cannot_be_compressed_is_refused),
        CASE(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
