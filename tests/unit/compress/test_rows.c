/* test_rows.c - neighbours in bytes: what is decoded, how it scores, what is refused; and fewer of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compress/compress.h"
#include "math/random.h"
#include "model/row_code.h"
#include "support/faults.h"
#include "support/small_shop.h"
#include "support/test.h"

enum { USERS = 5, ITEMS = 1500, HISTORY = 12 };

typedef struct {
    small_folder at;
    float near[ITEMS * ITEMS];
    bool seen[USERS * ITEMS];
} shop;

/* Rows of many lengths, one of them empty; sizes over four powers of ten; gaps up to most of the catalogue. */
static int make_shop(void **state)
{
    shop *s = calloc(1, sizeof *s);
    small_folder_make(&s->at);
    rk_random random = rk_random_of(3, 0);
    for (size_t row = 1; row < ITEMS; row++) {
        double share = pow(0.5, 1 + (double)(row % 10));
        for (size_t i = 0; i < ITEMS; i++) {
            if (rk_random_uniform(&random) < share) {
                s->near[row * ITEMS + i] =
                    (float)(rk_random_normal(&random) * pow(10, -4 * rk_random_uniform(&random)));
            }
        }
    }
    for (size_t u = 0; u < USERS; u++) {
        for (size_t h = 0; h < HISTORY; h++) {
            s->seen[u * ITEMS + rk_random_below(&random, ITEMS)] = true;
        }
    }
    small_model_write(&(small_model){.n_users = USERS, .n_items = ITEMS, .seen = s->seen, .near = s->near},
                      s->at.model);
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

static rk_model *compressed(const char *from, const char *to, const char *path, rk_compression *report)
{
    rk_error err = {0};
    rk_model *model = NULL;
    if (rk_compress(from, to, NULL, 0, path, &(rk_run){0}, report, &err) || rk_model_open(path, &model, &err)) {
        fail_msg("%s", err.message);
    }
    return model;
}

/* ---- int8 ---- */

/* Decoded by the table in row_code.h, byte by byte: [ITEMS x ITEMS]. */
static float *decode(const rk_model *model)
{
    const uint64_t *start = rk_model_section(model, "near.start")->data;
    const uint8_t *code = rk_model_section(model, "near.code")->data;
    const float *scale = rk_model_section(model, "near.scale")->data;
    float *near = calloc((size_t)ITEMS * ITEMS, sizeof *near);
    for (size_t row = 0; row < ITEMS; row++) {
        long item = -1;
        for (uint64_t at = start[row] + 1; at < start[row + 1];) {
            unsigned width = code[start[row]];
            item += code[at] + (width == 2 ? 256 * code[at + 1] : 0);
            int q = (int8_t)code[at + width];
            near[row * ITEMS + (size_t)item] = (float)(q * abs(q)) * scale[row];
            at += width + 1;
        }
    }
    return near;
}

static void scores_of(const rk_model *model, uint32_t user, uint32_t block, float *scores)
{
    rk_error err;
    rk_query query;
    rk_arena arena = {0};
    assert_int_equal(rk_model_user_query(model, user, &arena, &query, &err), RK_OK);
    for (uint32_t first = 0; first < ITEMS; first += block) {
        rk_model_scores(model, &query, first, ITEMS - first < block ? ITEMS - first : block, scores + first);
    }
    rk_arena_release(&arena);
}

static void coded_rows_score_like_their_decode(void **state)
{
    const shop *s = *state;
    rk_error err;
    rk_compression report;
    rk_model *small = compressed(s->at.model, "int8", s->at.small, &report), *plain = NULL;
    float *near = decode(small);
    small_model_write(&(small_model){.n_users = USERS, .n_items = ITEMS, .seen = s->seen, .near = near}, s->at.again);
    assert_int_equal(rk_model_open(s->at.again, &plain, &err), RK_OK);
    assert_int_equal(rk_model_n_near(small), rk_model_n_near(plain));
    static const uint32_t blocks[] = {1, 7, 1024, ITEMS};
    for (uint32_t u = 0; u < USERS; u++) {
        static float expected[ITEMS], got[ITEMS];
        scores_of(plain, u, ITEMS, expected);
        for (size_t b = 0; b < RK_COUNT_OF(blocks); b++) {
            scores_of(small, u, blocks[b], got);
            assert_memory_equal(got, expected, sizeof got);
        }
    }
    uint32_t items[2][10], n[2];
    float scores[2][10];
    for (uint32_t item = 0; item < 20; item++) {
        assert_int_equal(rk_model_similar(small, item, 10, items[0], scores[0], &n[0], &err), RK_OK);
        assert_int_equal(rk_model_similar(plain, item, 10, items[1], scores[1], &n[1], &err), RK_OK);
        assert_int_equal(n[0], n[1]);
        assert_memory_equal(items[0], items[1], n[0] * sizeof items[0][0]);
        assert_memory_equal(scores[0], scores[1], n[0] * sizeof scores[0][0]);
    }
    rk_model_close(small);
    rk_model_close(plain);
    free(near);
}

static void a_weight_errs_by_half_a_step(void **state)
{
    const shop *s = *state;
    rk_compression report;
    rk_model *small = compressed(s->at.model, "int8", s->at.small, &report);
    float *near = decode(small);
    double largest_error = 0;
    for (size_t row = 0; row < ITEMS; row++) {
        double largest = 0;
        for (size_t i = 0; i < ITEMS; i++) {
            largest = fmax(largest, fabs((double)s->near[row * ITEMS + i]));
        }
        for (size_t i = 0; i < ITEMS; i++) {
            double weight = s->near[row * ITEMS + i], error = fabs((double)near[row * ITEMS + i] - weight);
            double root = sqrt(fabs(weight) / largest) * 127; /* steps at q: from q^2 to (q + 1)^2 */
            assert_true(weight == 0 || error <= (root + 1) * largest / (127 * 127) * 1.0001);
            largest_error = fmax(largest_error, error);
        }
    }
    assert_true(report.max_error == largest_error);
    assert_true(report.bytes_after < report.bytes_before * 2 / 5);
    free(near);
    rk_model_close(small);
}

static void gaps_of_any_size_are_read_back(void **state)
{
    (void)state;
    static const uint32_t gaps[] = {1, 2, 254, 255, 256, 510, 511, 65534, 65535, 65536, 131070, 131071, 1000000};
    rk_random random = rk_random_of(5, 0);
    for (size_t trial = 0; trial < 200; trial++) {
        uint32_t item[30], before = UINT32_MAX;
        int8_t level[30];
        size_t n = 1 + trial % 30;
        for (size_t i = 0; i < n; i++) {
            before = item[i] = before + gaps[rk_random_below(&random, trial % 2 ? 5 : RK_COUNT_OF(gaps))];
            level[i] = (int8_t)((int)rk_random_below(&random, 255) - 127);
        }
        unsigned width;
        size_t bytes = rk_row_code_bytes(item, level, n, &width), found = 0;
        uint8_t *code = malloc(bytes + 1);
        rk_row_code_put(item, level, n, width, code);
        rk_row_reader r = {code + 1, code + bytes, UINT32_MAX, width};
        for (; bytes > 0 && r.at < r.end; rk_row_next(&r)) {
            if (rk_row_level_at(&r) != 0) {
                for (; level[found] == 0; found++) {
                }
                assert_int_equal(rk_row_item(&r), item[found]);
                assert_int_equal(rk_row_level_at(&r), level[found++]);
            }
        }
        for (; found < n; found++) {
            assert_int_equal(level[found], 0);
        }
        free(code);
    }
}

/* Copies a model with one byte of near.code or one start changed. */
static rk_status open_changed(const shop *s, const char *name, uint64_t at, uint8_t byte, rk_error *err)
{
    rk_artefact *from = NULL, *changed = NULL;
    rk_artefact_writer *writer = NULL;
    rk_model *model = NULL;
    assert_int_equal(rk_artefact_open(s->at.small, "model", &from, err), RK_OK);
    assert_int_equal(rk_artefact_create_memory("changed", "model", &writer, err), RK_OK);
    json_object_update(rk_artefact_writer_meta(writer), (json_t *)(uintptr_t)rk_artefact_meta(from));
    for (size_t i = 0; i < rk_artefact_n_sections(from); i++) {
        const rk_section *section = rk_artefact_section_at(from, i);
        uint8_t *bytes = malloc(section->bytes + 1);
        memcpy(bytes, section->data, section->bytes);
        if (strcmp(section->name, name) == 0) {
            bytes[at] = byte;
        }
        assert_int_equal(
            rk_artefact_add(writer, section->name, section->type, section->rows, section->cols, bytes, err), RK_OK);
        free(bytes);
    }
    assert_int_equal(rk_artefact_commit_memory(writer, &changed, err), RK_OK);
    rk_status status = rk_model_open_artefact(changed, &model, err);
    rk_model_close(model);
    rk_artefact_close(from);
    return status;
}

static void damaged_code_is_refused_at_the_door(void **state)
{
    const shop *s = *state;
    rk_error err;
    rk_compression report;
    rk_model *small = compressed(s->at.model, "int8", s->at.small, &report);
    const uint64_t *start = rk_model_section(small, "near.start")->data;
    uint64_t third = start[2], n_bytes = start[ITEMS];
    rk_model_close(small);
    assert_true(third > 0 && start != NULL);
    assert_int_equal(open_changed(s, "near.code", third, 3, &err), RK_BAD_INPUT); /* no such width */
    assert_non_null(strstr(err.message, "near.code holds a row that is no row"));
    assert_int_equal(open_changed(s, "near.code", third + 1, 0, &err), RK_BAD_INPUT); /* a gap of none */
    assert_non_null(strstr(err.message, "near.code holds an unknown or misplaced item"));
    assert_int_equal(open_changed(s, "near.start", 2 * 8 + 7, 1, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "near.start does not ascend"));
    assert_int_equal(open_changed(s, "near.start", (uint64_t)ITEMS * 8, (uint8_t)(n_bytes + 1), &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "near.start does not span its code"));
    assert_int_equal(open_changed(s, "near.code", third + 1, 1, &err), RK_OK); /* another item, and no harm */
}

/* ---- prune ---- */

static int falling(const void *a, const void *b)
{
    float x = fabsf(*(const float *)a), y = fabsf(*(const float *)b);
    return (x < y) - (x > y);
}

static void the_largest_of_each_row_stay(void **state)
{
    const shop *s = *state;
    rk_compression report;
    rk_model *small = compressed(s->at.model, "prune(0.25)", s->at.small, &report);
    const uint64_t *start = rk_model_section(small, "near.start")->data;
    const uint32_t *item = rk_model_section(small, "near.item")->data;
    const float *weight = rk_model_section(small, "near.weight")->data;
    for (size_t row = 0; row < ITEMS; row++) {
        float sorted[ITEMS];
        size_t n = 0;
        memcpy(sorted, s->near + row * ITEMS, sizeof sorted);
        qsort(sorted, ITEMS, sizeof *sorted, falling);
        for (size_t i = 0; i < ITEMS; i++) {
            n += sorted[i] != 0;
        }
        size_t wanted = (size_t)ceil(0.25 * (double)n);
        assert_int_equal(start[row + 1] - start[row], wanted);
        for (uint64_t e = start[row]; e < start[row + 1]; e++) {
            assert_true(weight[e] == s->near[row * ITEMS + item[e]]);
            assert_true(fabsf(weight[e]) >= fabsf(sorted[wanted - 1]));
        }
    }
    rk_model_close(small);
}

static void a_size_in_bytes_is_kept(void **state)
{
    const shop *s = *state;
    rk_compression report;
    rk_model *small = compressed(s->at.model, "prune(bytes=80000,by=all)", s->at.small, &report);
    assert_int_equal(rk_model_n_near(small), 80000 / 8);
    const float *weight = rk_model_section(small, "near.weight")->data;
    float least = INFINITY;
    size_t n_above = 0;
    for (size_t e = 0; e < 80000 / 8; e++) {
        least = fminf(least, fabsf(weight[e]));
    }
    for (size_t i = 0; i < (size_t)ITEMS * ITEMS; i++) {
        n_above += fabsf(s->near[i]) > least;
    }
    assert_int_equal(n_above, 80000 / 8 - 1);
    rk_model_close(small);
}

static uint32_t common(const rk_model *a, const rk_model *b, uint32_t user)
{
    rk_error err;
    rk_arena arena = {0};
    rk_query query;
    uint32_t items[2][20], n[2], same = 0;
    float scores[20];
    const rk_model *models[] = {a, b};
    for (size_t m = 0; m < 2; m++) {
        rk_history seen = rk_model_seen(models[m], user);
        assert_int_equal(rk_model_user_query(models[m], user, &arena, &query, &err), RK_OK);
        assert_int_equal(rk_model_best(models[m], &query, seen.item, seen.n, 20, items[m], scores, &n[m], &err), RK_OK);
    }
    for (uint32_t i = 0; i < n[0]; i++) {
        for (uint32_t j = 0; j < n[1]; j++) {
            same += items[0][i] == items[1][j];
        }
    }
    rk_arena_release(&arena);
    return same;
}

static void a_quality_asked_for_is_reached_with_less(void **state)
{
    const shop *s = *state;
    rk_error err;
    rk_compression report;
    rk_model *small = compressed(s->at.model, "prune(agree=0.9)", s->at.small, &report), *whole = NULL;
    assert_int_equal(rk_model_open(s->at.model, &whole, &err), RK_OK);
    uint32_t same = 0;
    for (uint32_t u = 0; u < USERS; u++) {
        same += common(whole, small, u);
    }
    assert_in_range(same, USERS * 20 * 9 / 10, USERS * 20);
    assert_true(rk_model_n_near(small) < rk_model_n_near(whole) * 3 / 4);
    rk_model_close(small);
    rk_model_close(whole);
}

static bool try_both(void *context)
{
    const shop *s = context;
    rk_error err;
    rk_compression report;
    bool is_done =
        rk_compress(s->at.again, "prune(agree=0.9)+int8", NULL, 0, s->at.small, &(rk_run){0}, &report, &err) == 0;
    assert_int_equal(access(s->at.small, F_OK), is_done ? 0 : -1);
    unlink(s->at.small);
    return is_done;
}

static void every_failed_allocation_is_survived(void **state)
{
    enum { FEW = 40 };
    const shop *s = *state;
    static float near[FEW * FEW];
    for (size_t i = 0; i < FEW * FEW; i++) {
        near[i] = s->near[(i / FEW + 1) * ITEMS + i % FEW];
    }
    small_model_write(&(small_model){.n_users = 1, .n_items = FEW, .near = near}, s->at.again);
    json_set_alloc_funcs(malloc, free);
    assert_true(fault_some(try_both, *state) > 30); /* each attempt searches for a quality */
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, make_shop, remove_shop)
    const struct CMUnitTest tests[] = {
        CASE(coded_rows_score_like_their_decode),
        CASE(a_weight_errs_by_half_a_step),
        cmocka_unit_test(gaps_of_any_size_are_read_back),
        CASE(damaged_code_is_refused_at_the_door),
        CASE(the_largest_of_each_row_stay),
        CASE(a_size_in_bytes_is_kept),
        CASE(a_quality_asked_for_is_reached_with_less),
        CASE(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
