/* The texts that the demo writes are read by those they are for; what is written to study.json comes back. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "cost/ledger.h"
#include "study/plan_text.h"
#include "study/story.h"
#include "study/study_file.h"

typedef struct {
    char folder[64], prices[96], profile[96], study[96], plan[96];
} place;

static void write_text(const char *path, rk_text *text)
{
    assert_false(text->failed);
    assert_int_equal(rk_file_write_text(path, text, NULL), RK_OK);
    rk_text_release(text);
}

static void write_words(const char *path, const char *words)
{
    rk_text text = {0};
    rk_text_add(&text, words);
    write_text(path, &text);
}

static const char profile_words[] =
    "{\"reckon\":\"profile/1\",\"target\":\"t\",\"model\":\"als-1\",\"machine\":{\"cpu\":\"c\",\"cores\":2,"
    "\"memory_gib\":4},\"points\":["
    "{\"offered_rps\":900,\"achieved_rps\":900,\"latency_ms\":{\"p50\":1,\"p90\":5,\"p99\":40,\"p99.9\":50},"
    "\"cpu_ms_per_request\":0.2,\"errors\":0},"
    "{\"offered_rps\":500,\"achieved_rps\":500,\"latency_ms\":{\"p50\":0.4,\"p90\":0.7,\"p99\":1.9,\"p99.9\":3},"
    "\"cpu_ms_per_request\":0.2,\"errors\":0}],\"knee_rps\":500,\"memory_bytes\":30000000,\"response_bytes\":1500}\n";

static int set_up(void **state)
{
    place *p = calloc(1, sizeof *p);
    strcpy(p->folder, "/tmp/reckon-study-XXXXXX");
    if (!mkdtemp(p->folder))
        return 1;
    snprintf(p->prices, sizeof p->prices, "%s/prices.yaml", p->folder);
    snprintf(p->profile, sizeof p->profile, "%s/profile.fp32.json", p->folder);
    snprintf(p->study, sizeof p->study, "%s/study.json", p->folder);
    snprintf(p->plan, sizeof p->plan, "%s/plan.yaml", p->folder);
    write_words(p->profile, profile_words);
    *state = p;
    return 0;
}

static int tear_down(void **state)
{
    place *p = *state;
    unlink(p->prices);
    unlink(p->profile);
    unlink(p->study);
    unlink(p->plan);
    rmdir(p->folder);
    free(p);
    return 0;
}

static rk_plan_figures plan_figures(void)
{
    rk_plan_figures f = {.made_by = "a test",
                         .name = "shop",
                         .start_year = 2026,
                         .start_month = 12,
                         .n_months = 12,
                         .requests_per_day = 20810,
                         .traffic_from = "measured",
                         .profile = "profile.fp32.json",
                         .slo_ms = 10,
                         .cores = 2,
                         .model_bytes = 4850000,
                         .log_bytes = 9645664,
                         .log_bytes_per_month = 784033,
                         .training_hours = 0.0016,
                         .cleaning_hours_per_month = 1.7e-5};
    f.hour_weight[9] = 3;
    f.hour_weight[12] = 5;
    f.weekday_weight[0] = 7;
    return f;
}

static rk_ledger *account(const place *p, const rk_plan_figures *figures)
{
    rk_text plan = {0}, prices = {0};
    rk_error err;
    rk_ledger *ledger = NULL;
    rk_prices_text(figures->cores, &prices);
    write_text(p->prices, &prices);
    rk_plan_text(figures, &plan);
    if (rk_cost_run(&(rk_plan_source){.path = p->plan, .text = {plan.at, plan.n}}, &(rk_run){0}, &ledger, &err))
        fail_msg("%s", err.message);
    rk_text_release(&plan);
    return ledger;
}

static void the_plan_that_is_written_is_one_that_the_accountant_takes(void **state)
{
    const place *p = *state;
    rk_plan_figures figures = plan_figures();
    rk_ledger *ledger = account(p, &figures);
    int64_t sum = 0;
    assert_int_equal(rk_ledger_n_months(ledger), 12);
    assert_string_equal(rk_ledger_month(ledger, 0), "2026-12");
    for (size_t i = 0; i < rk_ledger_n_lines(ledger); i++) {
        const rk_cost_line *line = rk_ledger_line(ledger, i);
        sum += line->amount.micros;
        if (strcmp(line->element, "model store") == 0) /* the plan says who measured it */
            assert_int_equal(line->origin, RK_MEASURED);
        if (strcmp(line->element, "monitoring") == 0)
            assert_int_equal(line->origin, RK_ASSUMED);
    }
    assert_int_equal(sum, rk_ledger_total(ledger).micros);
    assert_int_equal(rk_ledger_service(ledger, 0)->months[0].n_machines_max, 2);
    rk_ledger_free(ledger);
}

static void odd_figures_still_make_a_plan(void **state)
{
    const place *p = *state;
    rk_plan_figures figures = plan_figures();
    memset(figures.hour_weight, 0, sizeof figures.hour_weight); /* a log without times: flat */
    memset(figures.weekday_weight, 0, sizeof figures.weekday_weight);
    figures.training_hours = 1e-15;
    figures.cleaning_hours_per_month = NAN;
    figures.log_bytes_per_month = 0;
    figures.requests_per_day = 123456789.5;
    figures.cores = 0;
    rk_ledger_free(account(p, &figures));
    figures.cores = 4096;
    rk_ledger_free(account(p, &figures));
}

static rk_study_variant variant(void)
{
    return (rk_study_variant){.figures = {.name = "fp<32>",
                                          .quality = {"fp<32>", {0.1, 0.05, 0.15}, {0.2, 0.15, 0.25}},
                                          .kept = {1, 1, 1},
                                          .model_bytes = 4850000,
                                          .vector_bytes = 1600000,
                                          .capacity_rps = {500, 450, 520},
                                          .cpu_ms_per_request = 0.25,
                                          .memory_bytes = 30000000,
                                          .full_per_1000 = {1290000},
                                          .marginal_per_1000 = {214},
                                          .is_chosen = true},
                              .cost = {1.29, 1.28, 1.3},
                              .category_per_1000 = {0.2, 0.05, 0, 0.95, 0.09},
                              .profile = "profile.fp32.json",
                              .evaluation = "evaluation.fp32.json"};
}

static rk_report_volume volumes[] = {{20810, {{1286120}}, "fp32"}, {2081000, {{13930}}, "int8"}};

static rk_study study_of(rk_study_variant *variants, rk_report_step *steps)
{
    return (rk_study){.title = "t \"quoted\"",
                      .subtitle = "s",
                      .made_at = "m",
                      .machine = "c",
                      .build = "b",
                      .advice = "Keep fp32.",
                      .currency = "USD",
                      .plan = "plan.yaml",
                      .slo_ms = 10,
                      .baseline = {"popular", {0.03, 0.02, 0.04}, {0.04, 0.03, 0.05}},
                      .n_test_users = 1420,
                      .volumes = volumes,
                      .n_volumes = 2,
                      .variants = variants,
                      .n_variants = 1,
                      .steps = steps,
                      .n_steps = 1};
}

static void a_study_comes_back_as_it_was_written(void **state)
{
    const place *p = *state;
    rk_study_variant variants[] = {variant()};
    rk_report_step steps[] = {{"1 ingest", "rows", 0.5, true}};
    rk_study study = study_of(variants, steps), back = {0};
    rk_text first = {0}, second = {0};
    rk_arena arena = {0};
    rk_study_json(&study, &first);
    rk_text copy = {0};
    rk_text_add_slice(&copy, (rk_slice){first.at, first.n});
    write_text(p->study, &copy);
    assert_int_equal(rk_study_read(p->study, &arena, &back, NULL), RK_OK);
    rk_study_json(&back, &second);
    assert_string_equal(first.at, second.at);
    assert_null(strchr(first.at, '\n'));
    rk_text_release(&first);
    rk_text_release(&second);
    rk_arena_release(&arena);
}

static void a_study_that_lacks_a_figure_is_refused_by_its_name(void **state)
{
    const place *p = *state;
    rk_study_variant variants[] = {variant()};
    rk_report_step steps[] = {{"1 ingest", "rows", 0.5, true}};
    rk_study study = study_of(variants, steps);
    static const char *const keys[] = {"\"title\"",   "\"ndcg@20\"", "\"rps\"",      "\"model_bytes\"",
                                       "\"advised\"", "\"profile\"", "\"baseline\"", "\"study/1\""};
    for (size_t i = 0; i < RK_COUNT_OF(keys); i++) {
        rk_text text = {0};
        rk_arena arena = {0};
        rk_study back = {0};
        rk_error err;
        rk_study_json(&study, &text);
        strstr(text.at, keys[i])[1] = '~'; /* the key is another now */
        write_text(p->study, &text);
        assert_int_equal(rk_study_read(p->study, &arena, &back, &err), RK_BAD_INPUT);
        assert_non_null(strstr(err.message, "study.json"));
        rk_arena_release(&arena);
    }
}

static void a_page_of_single_files_has_their_sections_only(void **state)
{
    const place *p = *state;
    const char *profiles[] = {p->profile};
    rk_story *story = NULL;
    rk_error err;
    rk_text page = {0};
    if (rk_story_open(&(rk_story_sources){.profiles = profiles, .n_profiles = 1}, &(rk_run){0}, &story, &err))
        fail_msg("%s", err.message);
    const rk_report *report = rk_story_report(story);
    assert_int_equal(report->n_variants, 1);
    assert_string_equal(report->variants[0].name, "fp32");
    assert_int_equal(report->variants[0].n_points, 2);
    assert_true(report->variants[0].points[0].rate == 500); /* ascending, whatever the file's order */
    rk_report_html(report, &page);
    assert_non_null(strstr(page.at, "id=\"speed\""));
    assert_null(strstr(page.at, "id=\"quality\""));
    assert_null(strstr(page.at, "id=\"variants\""));
    assert_null(strstr(page.at, "id=\"cost\""));
    assert_null(strstr(page.at, "id=\"cleaning\""));
    rk_text_release(&page);
    rk_story_close(story);
}

static void a_page_of_a_plan_alone_is_its_statement(void **state)
{
    const place *p = *state;
    rk_plan_figures figures = plan_figures();
    rk_ledger_free(account(p, &figures));
    rk_text plan = {0}, page = {0};
    rk_story *story = NULL;
    rk_error err;
    rk_plan_text(&figures, &plan);
    write_text(p->plan, &plan);
    if (rk_story_open(&(rk_story_sources){.plan = p->plan}, &(rk_run){0}, &story, &err))
        fail_msg("%s", err.message);
    rk_report_html(rk_story_report(story), &page);
    assert_non_null(strstr(page.at, "id=\"cost\""));
    assert_null(strstr(page.at, "id=\"speed\""));
    assert_null(strstr(page.at, "per 1,000 recommendations"));
    rk_text_release(&page);
    rk_story_close(story);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(the_plan_that_is_written_is_one_that_the_accountant_takes),
        CASE(odd_figures_still_make_a_plan),
        CASE(a_study_comes_back_as_it_was_written),
        CASE(a_study_that_lacks_a_figure_is_refused_by_its_name),
        CASE(a_page_of_single_files_has_their_sections_only),
        CASE(a_page_of_a_plan_alone_is_its_statement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
