/* Sizing of large models against the example worked by hand in docs/size.md. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "size/size_fit.h"
#include "support/test.h"

static void near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-12 * fabs(want))) {
        fail_msg("got %.17g, want %.17g", got, want);
    }
}

/* 2 layers of 3 M attention + 9 M feed-forward, tables of 10 M; a device of 1 TFLOP/s, 10 GB/s, 1 GB, links of 1 GB/s;
 * every efficiency one half; 100 tokens in, 50 out. */
static rk_size_ask toy(void)
{
    rk_size_ask ask;
    rk_size_defaults(&ask);
    ask.shape = (rk_size_shape){"toy", "none", 2, 1000, 10, 5, 100, 3000, 10000};
    ask.accelerator = (rk_size_accelerator){
        .name = "toy", .bf16 = 1e12, .bandwidth = 1e10, .memory = 1e9, .link = 1e9, .train_low = .25, .train_high = 1};
    ask.factors = (rk_size_factors){.5, .5, .5, 50, .95, .75, 5000, 1000};
    ask.isl = 100;
    ask.osl = 50;
    return ask;
}

static void parameters_are_counted_as_by_hand(void **state)
{
    (void)state;
    rk_size_ask ask = toy();
    rk_size_counts c = rk_size_count(&ask.shape);
    near(c.attention, 6e6); /* 2 x 2 x 1000 x 100 x (10 + 5) */
    near(c.block, 18e6);    /* 2 x 3 x 1000 x 3000 */
    near(c.total, 44e6);    /* and two tables of 10 M */
    near(c.active, 34e6);   /* the embedding is a lookup */
    near(c.width, 2000);    /* 2 layers x 2 x 5 x 100 */
    c = rk_size_count(rk_size_shape_find("Llama-3.1-70B"));
    near(c.total, 70552387584.);
    ask.shape.tied = true;
    near(rk_size_count(&ask.shape).total, 34e6);
}

static void published_sizes_follow_from_the_shapes(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double total, active; /* billions, as the makers say; active 0 = dense */
        /* Scout: of the 109 the eyes take 1.2 */
    } known[] = {{"llama-2-7b", 6.74, 0},    {"llama-3.1-8b", 8.03, 0},  {"llama-3.1-405b", 405.9, 0},
                 {"llama-3.2-1b", 1.23, 0},  {"llama-3.2-3b", 3.21, 0},  {"mixtral-8x7b", 46.7, 12.9},
                 {"mixtral-8x22b", 141, 39}, {"qwen3-32b", 32.8, 0},     {"qwen2.5-72b", 72.7, 0},
                 {"phi-4-14b", 14.66, 0},    {"deepseek-v3", 671, 37},   {"llama-4-scout", 107.8, 0},
                 {"opt-175b", 175, 0},       {"bloom-176b", 176.247, 0}, {"mpt-7b", 6.65, 0},
                 {"mpt-70b", 64.86, 0}};
    for (size_t i = 0; i < RK_COUNT_OF(known); i++) {
        const rk_size_shape *shape = rk_size_shape_find(known[i].name);
        assert_non_null(shape);
        rk_size_counts c = rk_size_count(shape);
        if (fabs(c.total / known[i].total / 1e9 - 1) > 0.01) {
            fail_msg("%s has %.3f billion", known[i].name, c.total / 1e9);
        }
        if (known[i].active > 0 && fabs(c.active / known[i].active / 1e9 - 1) > 0.03) {
            fail_msg("%s passes %.3f billion", known[i].name, c.active / 1e9);
        }
    }
}

static void memory_is_weights_cache_and_activations(void **state)
{
    (void)state;
    rk_size_ask ask = toy();
    rk_size_memory m = rk_size_remember(&ask, 1, 1);
    near(m.weights, 88e6);
    near(m.cache_per_token, 4000);
    near(m.activations, 20e6); /* 1000 x 2 x (4 x 1000 + 2 x 3000) */
    near(m.need, 108.6e6);     /* and 150 tokens of 4000 */
    near(m.have, 950e6);
    near(m.batch, 1530); /* 842 M / (4000 x (100 + 0.75 x 50)) = 1530.9 */
    ask.accelerator.memory = 108.6e6 / .95 - 1;
    assert_false(rk_size_remember(&ask, 1, 1).fits);
    assert_true(rk_size_remember(&ask, 2, 1).fits);
    near(rk_size_remember(&ask, 10, 1).cache_per_token, 8000); /* 5 heads in 10 devices: each held twice */
}

static void a_step_is_the_sum_of_its_parts(void **state)
{
    (void)state;
    rk_size_ask ask = toy();
    rk_size_step s = rk_size_take_step(&ask, 1, 1, 10);
    near(s.compute, 4.116e-3); /* 10 x 69 M + 20 x 68.4 M over 0.5 T */
    near(s.weights, 13.6e-3);  /* 48 MB + a table of 20 MB over 5 GB/s */
    near(s.cache, 1e-3);       /* 10 x 125 x 4000 B over 5 GB/s */
    near(s.launch, 1e-4);
    near(s.total, 18.816e-3);
    near(s.token, 18.5424e-3); /* less a tenth of the 2.736 ms of prompts */
    assert_true(s.reduce == 0);
    near(rk_size_take_step(&ask, 2, 1, 10).reduce, 480e-6); /* 30 tokens x 8000 B over 0.5 GB/s */
    near(rk_size_prefill(&ask, 1, 1, 100), 13.7e-3);        /* reading 68 MB, longer than 4.86 GFLOP */
    near(rk_size_prefill(&ask, 1, 20, 100), 194.6e-3);      /* 97.2 GFLOP at 0.5 T and two passes of launches */
}

static void experts_are_read_as_they_are_touched(void **state)
{
    (void)state;
    rk_size_ask ask = toy();
    ask.shape.experts = 4;
    ask.shape.active_experts = 2;
    near(rk_size_count(&ask.shape).total, 98e6);                               /* 6 + 4 x 18 + 20 */
    near(rk_size_take_step(&ask, 1, 1, 1).weights, (2 * 42e6 + 20e6) / 5e9);   /* 2 of 4 */
    near(rk_size_take_step(&ask, 1, 1, 2).weights, (2 * 60e6 + 20e6) / 5e9);   /* 4 x (1 - 1/4) = 3 */
    near(rk_size_take_step(&ask, 1, 1, 900).weights, (2 * 78e6 + 20e6) / 5e9); /* all */
}

static void prices_are_exact_from_the_speed_as_printed(void **state)
{
    (void)state;
    rk_size_ask ask = toy();
    rk_size_answer a;
    rk_error err = {0};
    ask.tp = 1;
    ask.rate = 20;
    ask.factors.batch = 10;
    assert_int_equal(rk_size_price(&ask, "3.60", "1/2.00", &err), RK_OK);
    assert_int_equal(rk_size_answer_make(&ask, &a, &err), RK_OK);
    near(a.tokens_per_second, 10 / 18.816e-3);
    assert_int_equal(a.per_million_out.micros, 1881600); /* 3.6 x 10^6 / (3600 x 531.462585) */
    assert_int_equal(a.per_million.micros, 627200);      /* three tokens for each one out */
    assert_int_equal(a.replicas, 3);                     /* 20 / (10.63 x 0.8) = 2.35 */
    assert_int_equal(a.month.micros, 7884000000);        /* 3 x 730 x 3.60 */
    assert_int_equal(a.api_request.micros, 200);         /* 100 x 1 + 50 x 2 millionths */
    near(a.break_even_rate, 5);                          /* 0.001 a second over 0.0002 */
    assert_true(a.break_even_fits);
    assert_int_equal(a.api_month.micros, 10512000000); /* 20 x 2,628,000 s x 0.0002 */
    assert_int_equal(rk_size_price(&ask, "-1", NULL, &err), RK_BAD_USAGE);
    assert_int_equal(rk_size_price(&ask, NULL, "1", &err), RK_BAD_USAGE);
}

static void training_takes_six_operations_a_weight_and_token(void **state)
{
    (void)state;
    rk_size_ask ask = toy();
    rk_size_answer a;
    rk_error err = {0};
    near(rk_size_train_hours(34e6, 1e9, 1e12, .5) * 3600, 408000);
    near(rk_size_train_mfu(1e6, 2, 10, 100, 1e3, 1e12), 6.024e-3); /* (6 M + 12 x 2 x 10 x 100) x 1000 / 10^12 */
    ask.train_tokens = 1e9;
    ask.train_devices = 17;
    assert_int_equal(rk_size_price(&ask, "3.60", NULL, &err), RK_OK);
    assert_int_equal(rk_size_answer_make(&ask, &a, &err), RK_OK);
    near(a.train_hours.typical * 3600, 408000); /* sqrt(0.25 x 1) = 0.5 */
    near(a.train_hours.low * 3600, 204000);
    near(a.train_hours.high * 3600, 816000);
    near(a.train_days.low, 204000. / 86400 / 17);
    assert_int_equal(a.train_price[1].micros, 407999999); /* 113.333333 hours */
}

static void the_batch_is_the_largest_inside_the_limit(void **state)
{
    (void)state;
    rk_size_ask ask = toy();
    rk_size_answer a;
    rk_error err = {0};
    ask.tp = 1;
    for (double limit = 14; limit < 700; limit *= 1.7) {
        ask.token_ms = limit;
        assert_int_equal(rk_size_answer_make(&ask, &a, &err), RK_OK);
        bool is_slow = rk_size_take_step(&ask, 1, 1, 1).token * 1e3 > limit;
        assert_int_equal(a.meets, !is_slow);
        assert_true(is_slow || a.token * 1e3 <= limit);
        assert_true(is_slow || a.batch == 1530 || rk_size_take_step(&ask, 1, 1, a.batch + 1).token * 1e3 > limit);
    }
}

static void stages_hold_more_and_a_token_still_passes_all_layers(void **state)
{
    (void)state;
    rk_size_ask ask = toy();
    near(rk_size_take_step(&ask, 1, 2, 20).total, rk_size_take_step(&ask, 1, 1, 10).total);
    near(rk_size_remember(&ask, 1, 2).have, 1900e6);
}

/* Rows made by the estimate itself with other factors: the fit must find those. */
static void calibration_finds_the_factors_that_made_the_rows(void **state)
{
    (void)state;
    static const char *const hardware[] = {"H200", "h100-sxm", "L40S", "A100-80"};
    static const double lengths[][2] = {{128, 128}, {128, 4096}, {1000, 1000}, {20000, 2000}, {2048, 128}, {500, 2000}};
    char path[] = "/tmp/reckon-size-XXXXXX";
    rk_text text = {0};
    rk_size_ask start;
    rk_size_fit fit;
    rk_error err = {0};
    close(mkstemp(path));
    rk_size_defaults(&start);
    rk_size_factors truth = start.factors;
    truth.mfu = .45;
    truth.mbu = .85;
    truth.link = .35;
    truth.layer_us = 90;
    rk_text_add(&text, "note,model,hardware,gpus,precision,isl,osl,concurrency,metric,value\r\n");
    for (size_t i = 0; i < 4 * RK_COUNT_OF(lengths) * 2; i++) {
        rk_size_row row = {.metric = "output_tok_s", .ask = start};
        row.ask.shape = *rk_size_shape_find("llama-3.1-70b");
        row.ask.accelerator = *rk_size_accelerator_find(hardware[i % 4]);
        row.ask.tp = i % 8 < 4 ? 4 : 8;
        row.ask.isl = lengths[i / 8][0];
        row.ask.osl = lengths[i / 8][1];
        rk_text_addf(&text, "\"a \"\"quoted\"\",\nnote\",Llama-3.1-70B,%s,%d,fp16,%g,%g,max,output_tok_s,%.9g\r\n",
                     hardware[i % 4], (int)row.ask.tp, row.ask.isl, row.ask.osl, rk_size_row_estimate(&row, &truth));
    }
    rk_text_add(&text,
                "x,nonesuch,H200,1,fp8,1,1,max,output_tok_s,5\nx,Llama-3.1-8B,H200,1,Q4_K_M,1,1,max,output_tok_s,5\n");
    assert_int_equal(rk_file_write_text(path, &text, &err), RK_OK);
    assert_int_equal(rk_size_calibrate(path, &start, &fit, &err), RK_OK);
    assert_int_equal(fit.n_used, 48);
    assert_int_equal(fit.rows.n, 50);
    assert_true(fit.errors[0].plain > 0.2 && fit.errors[0].fitted < 0.01 && fit.errors[0].crossed < 0.03);
    assert_true(fabs(fit.factors.mfu / truth.mfu - 1) < 0.02 && fabs(fit.factors.link / truth.link - 1) < 0.02);
    assert_true(fabs(fit.factors.mbu / truth.mbu - 1) < 0.1); /* bandwidth and launches are hard to tell apart */
    assert_int_equal(((const rk_size_row *)fit.rows.data)[1].line, 4); /* a record may span lines */
    rk_size_fit_release(&fit);
    unlink(path);
    rk_text_release(&text);
}

static void factors_are_read_as_they_were_written(void **state)
{
    (void)state;
    char path[] = "/tmp/reckon-size-XXXXXX";
    rk_text text = {0};
    rk_size_ask ask = toy(), back = toy();
    rk_error err = {0};
    close(mkstemp(path));
    ask.factors = (rk_size_factors){.1, .2, .3, 4.5, .6, .7, 8, 9};
    rk_size_factors_write(&ask.factors, "a test", &text);
    assert_int_equal(rk_file_write_text(path, &text, &err), RK_OK);
    assert_int_equal(rk_size_factors_read(path, &back, &err), RK_OK);
    assert_memory_equal(&ask.factors, &back.factors, sizeof ask.factors);
    rk_text_add(&text, "mfu = 7\n");
    assert_int_equal(rk_file_write_text(path, &text, &err), RK_OK);
    assert_int_equal(rk_size_factors_read(path, &back, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, ":10:"));
    unlink(path);
    rk_text_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_counted_as_by_hand),
        cmocka_unit_test(published_sizes_follow_from_the_shapes),
        cmocka_unit_test(memory_is_weights_cache_and_activations),
        cmocka_unit_test(a_step_is_the_sum_of_its_parts),
        cmocka_unit_test(experts_are_read_as_they_are_touched),
        cmocka_unit_test(prices_are_exact_from_the_speed_as_printed),
        cmocka_unit_test(training_takes_six_operations_a_weight_and_token),
        cmocka_unit_test(the_batch_is_the_largest_inside_the_limit),
        cmocka_unit_test(stages_hold_more_and_a_token_still_passes_all_layers),
        cmocka_unit_test(calibration_finds_the_factors_that_made_the_rows),
        cmocka_unit_test(factors_are_read_as_they_were_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
