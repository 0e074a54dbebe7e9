/* test_accounts.c - a priced server charges each request to the account of its route, outcome and experiment: what
 * answers say they cost is what the accounts hold, whatever is refused, broken off or reloaded. */
#include "support/test.h"

#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/thread.h"
#include "serve/keys.h"
#include "unit/serve/rate_cards.h"
#include "unit/serve/stage.h"

enum { HOUR_NANOS = 360000000 };
__extension__ typedef unsigned __int128 wide;

static void write_file(const char *path, const char *words)
{
    rk_error err;
    rk_text text = {0};
    rk_text_add(&text, words);
    assert_int_equal(rk_file_write_text(path, &text, &err), RK_OK);
    rk_text_release(&text);
}

/* ---- counters ---- */

typedef struct {
    uint64_t sum; /* of seconds in ns */
    uint64_t n_lines;
} tally;

static uint64_t value_of(const char *at)
{
    char *end;
    uint64_t whole = strtoull(at, &end, 10);
    return *end == '.' ? whole * 1000000000 + strtoull(end + 1, NULL, 10) : whole;
}

/* Of the lines of a counter that hold both words; but_not NULL: none is left out. */
static tally tally_of(const char *text, const char *name, const char *word, const char *other_word, const char *but_not)
{
    tally t = {0};
    size_t n_name = strlen(name);
    for (const char *at = text, *end; (end = strchr(at, '\n')); at = end + 1) {
        if (strncmp(at, name, n_name) == 0 && at[n_name] == '{') {
            char line[500];
            snprintf(line, sizeof line, "%.*s", (int)(end - at), at);
            if (strstr(line, word) && strstr(line, other_word) && !(but_not && strstr(line, but_not))) {
                t.sum += value_of(strstr(line, "} ") + 2);
                t.n_lines++;
            }
        }
    }
    return t;
}

#define COST "reckon_cost_nanos_total"
#define SECONDS "reckon_stage_cpu_seconds_total"
#define ANSWERS "reckon_answers_total"

/* Processor time of all kinds is the time that there was; what it costs, the machine's price. */
static void assert_machines_price(const char *text)
{
    wide ns = tally_of(text, SECONDS, "", "", NULL).sum;
    uint64_t price = (uint64_t)(ns * HOUR_NANOS / ((wide)3600000000000 * rk_cores_usable()));
    assert_int_equal(tally_of(text, COST, "category=\"hardware\"", "", NULL).sum, price);
}

/* The answer costs say that so many nanos were charged; each line is rounded down. */
static void assert_near(tally counted, double nanos)
{
    assert_true((double)counted.sum <= nanos + 1 && (double)counted.sum >= nanos - (double)counted.n_lines - 1);
}

static void sleep_ms(long ms) { nanosleep(&(struct timespec){0, ms * 1000000}, NULL); }

/* What a worker has not charged yet counts as other, and idle makes it good: a rest, so that there is enough of it. */
static void read_metrics(const stage *s, const char *key, raw_answer *out)
{
    char request[300];
    sleep_ms(50);
    snprintf(request, sizeof request, "GET /metrics HTTP/1.1\r\nHost: a\r\n%s%s%s\r\n",
             key ? "Authorization: Bearer " : "", key ? key : "", key ? "\r\n" : "");
    raw_ask(s->port, request, out);
    assert_int_equal(out->status, 200);
}

static double cost_of(const raw_answer *answer)
{
    const char *at = strstr(answer->bytes, "X-Reckon-Cost: ");
    return at ? strtod(at + 15, NULL) : 0;
}

/* ---- refusals ---- */

enum { IN_FLIGHT = 8, EACH = 60 };

typedef struct {
    stage s;
    char keys[96], card[96];
    char boss[RK_TOKEN_BYTES], page[RK_TOKEN_BYTES], slow[RK_TOKEN_BYTES];
} guarded;

static void open_guarded(guarded *g)
{
    rk_keyring ring;
    rk_error err;
    stage_prepare(&g->s);
    snprintf(g->keys, sizeof g->keys, "%s/keys.yaml", g->s.folder);
    snprintf(g->card, sizeof g->card, "%s/card.json", g->s.folder);
    write_file(g->card, RATE_CARD(360000000));
    rk_keyring_init(&ring);
    const struct {
        rk_api_key key;
        char *token;
    } wanted[] = {
        {{.name = "boss", .role = RK_ACCESS_ADMIN}, g->boss},
        {{.name = "page", .role = RK_ACCESS_READ}, g->page},
        {{.name = "slow", .role = RK_ACCESS_READ, .rate = 0.001, .burst = 1}, g->slow},
    };
    for (size_t i = 0; i < RK_COUNT_OF(wanted); i++) {
        assert_int_equal(rk_keyring_add(&ring, &wanted[i].key, wanted[i].token, &err), RK_OK);
    }
    assert_int_equal(rk_keyring_write(g->keys, &ring, &err), RK_OK);
    rk_keyring_release(&ring);
    stage_start(&g->s, &(rk_serve_options){.rates_path = g->card,
                                           .guard = {.keys_path = g->keys, .load = {.n_in_flight = IN_FLIGHT}}});
}

static void close_guarded(guarded *g)
{
    unlink(g->keys);
    unlink(g->card);
    stage_close(&g->s);
}

typedef struct {
    uint64_t n;
    double nanos;
} refusals;

static void add_refusal(const raw_answer *answer, refusals *out)
{
    out->n++;
    out->nanos += cost_of(answer);
}

/* Asks until it has been refused with the status so many times. */
static void flood(const guarded *g, unsigned status, const char *target, const char *key, refusals *out)
{
    static raw_answer answer;
    char request[300];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: a\r\n%s%s%s\r\n", target,
             key ? "Authorization: Bearer " : "", key ? key : "", key ? "\r\n" : "");
    for (unsigned n = 0; n < EACH;) {
        raw_ask(g->s.port, request, &answer);
        if (answer.status == status) {
            add_refusal(&answer, out);
            n++;
        } else {
            assert_int_equal(answer.status, 200);
        }
    }
}

/* A connection whose upload was let in, and is not sent; one that comes while an older request leaves is refused. */
static int begin_upload(const guarded *g, refusals *out)
{
    static raw_answer answer;
    char head[300];
    int n = snprintf(head, sizeof head,
                     "POST /v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Length: 100\r\n"
                     "Expect: 100-continue\r\n\r\n",
                     g->boss);
    for (;;) {
        int fd = raw_connect(g->s.port);
        assert_true(fd >= 0 && raw_send(fd, head, (size_t)n));
        raw_receive(fd, &answer, false);
        if (answer.status == 100) {
            return fd;
        }
        assert_int_equal(answer.status, 503);
        add_refusal(&answer, out);
        close(fd);
    }
}

/* While as many uploads are under way as may be, who comes is told to come again. */
static void flood_while_full(const guarded *g, refusals *out)
{
    int fd[IN_FLIGHT];
    for (size_t i = 0; i < IN_FLIGHT; i++) {
        fd[i] = begin_upload(g, out);
    }
    flood(g, 503, "/v1/recommend?user=u1", g->page, out);
    for (size_t i = 0; i < IN_FLIGHT; i++) {
        close(fd[i]);
    }
}

static void flood_all(const guarded *g, refusals *out)
{
    flood(g, 401, "/v1/recommend?user=u1", NULL, out);
    flood(g, 403, "/v1/users/u1", g->page, out);
    flood(g, 429, "/v1/recommend?user=u1", g->slow, out);
    flood(g, 400, "/v1/recommend?user=u1&n=0", g->page, out);
    flood(g, 404, "/nothing", NULL, out);
    flood(g, 404, "/v1/similar/nobody", g->page, out);
    flood(g, 501, "/v1/search?q=x", g->page, out);
    flood_while_full(g, out);
}

/* Of the processor time that passed by the clock, idle has none that the process used, and refusals have theirs. */
static void refusals_are_charged_and_do_not_idle(void **state)
{
    (void)state;
    static const char word[] = "outcome=\"refused\"", idle[] = "stage=\"idle\"";
    static guarded g;
    static raw_answer before, after;
    refusals refused = {0};
    open_guarded(&g);
    int64_t outer_ns = rk_clock_ns();
    read_metrics(&g.s, g.boss, &before);
    int64_t inner_ns = rk_clock_ns(), used_ns = rk_clock_cpu_ns();
    flood_all(&g, &refused);
    used_ns = rk_clock_cpu_ns() - used_ns;
    inner_ns = rk_clock_ns() - inner_ns;
    read_metrics(&g.s, g.boss, &after);
    outer_ns = rk_clock_ns() - outer_ns;
    assert_int_equal(tally_of(after.body, ANSWERS, word, "", NULL).sum, refused.n);
    assert_near(tally_of(after.body, COST, word, "", "stage=\"shared\""), refused.nanos);
    assert_true(tally_of(after.body, SECONDS, word, "", NULL).sum >
                refused.n * 1000); /* a microsecond each, at least */
    assert_machines_price(before.body);
    assert_machines_price(after.body);
    uint64_t whole_ns =
        tally_of(after.body, SECONDS, "", "", NULL).sum - tally_of(before.body, SECONDS, "", "", NULL).sum;
    uint64_t idle_ns =
        tally_of(after.body, SECONDS, idle, "", NULL).sum - tally_of(before.body, SECONDS, idle, "", NULL).sum;
    assert_true(whole_ns >= (uint64_t)inner_ns * rk_cores_usable() &&
                whole_ns <= (uint64_t)outer_ns * rk_cores_usable());
    assert_true(idle_ns + (uint64_t)used_ns <= whole_ns);
    close_guarded(&g);
}

/* A connection that brings half a request, and one that brings none: nobody's answer pays for them. */
static void what_is_broken_off_has_its_account(void **state)
{
    (void)state;
    static guarded g;
    static raw_answer answer;
    static const char half[] = "GET /healthz HTTP/1.1\r\nHos";
    open_guarded(&g);
    read_metrics(&g.s, g.boss, &answer);
    assert_null(strstr(answer.body, "outcome=\"broken\""));
    int fd[2] = {raw_connect(g.s.port), raw_connect(g.s.port)};
    assert_true(fd[0] >= 0 && raw_send(fd[0], half, sizeof half - 1));
    close(fd[0]);
    close(fd[1]);
    for (unsigned i = 0; i < 600 && !strstr(answer.body, "outcome=\"broken\""); i++) {
        read_metrics(&g.s, g.boss, &answer);
    }
    assert_true(tally_of(answer.body, SECONDS, "outcome=\"broken\"", "route=\"other\"", NULL).sum > 0);
    assert_true(tally_of(answer.body, COST, "outcome=\"broken\"", "stage=\"http\"", NULL).sum > 0);
    assert_int_equal(tally_of(answer.body, COST, "outcome=\"broken\"", "", "stage=\"http\"").n_lines, 0);
    assert_int_equal(tally_of(answer.body, ANSWERS, "outcome=\"broken\"", "", NULL).n_lines, 0);
    assert_machines_price(answer.body);
    close_guarded(&g);
}

/* ---- experiments ---- */

enum { ASKERS = 3, TURNS = 240, RELOADS = 6, ARMS = 6 };

static const char scenes[] = "scenes:\n"
                             "  home: {sources: [{from: recommended}]}\n"
                             "  wide: {sources: [{from: recommended}, {from: popular}]}\n"
                             "  product: {sources: [{from: similar}]}\n";
#define TWO(name, first, second)                                                                                       \
    "salt: s\nexperiments:\n  " name ":\n    scene: home\n    variants: [{name: " first                                \
    ", scene: home}, {name: " second ", scene: wide}]\n"
static const char *const experiments[] = {TWO("front", "control", "wide"), TWO("front", "control", "broad"),
                                          TWO("mixed", "old", "new") "    kind: interleave\n"};
static const struct {
    const char *in_answer, *labels;
} arms[ARMS] = {
    {NULL, "experiment=\"none\",experiment_variant=\"\""},
    {"\"experiment\":{\"name\":\"front\",\"variant\":\"control\"}",
     "experiment=\"front\",experiment_variant=\"control\""},
    {"\"experiment\":{\"name\":\"front\",\"variant\":\"wide\"}", "experiment=\"front\",experiment_variant=\"wide\""},
    {"\"experiment\":{\"name\":\"front\",\"variant\":\"broad\"}", "experiment=\"front\",experiment_variant=\"broad\""},
    {"\"experiment\":{\"name\":\"mixed\",\"kind\":\"interleave\"}",
     "experiment=\"mixed\",experiment_variant=\"interleave\""},
    {"\"experiment\":{\"name\":\"?", "experiment=\"other\",experiment_variant=\"\""},
};

typedef struct {
    const stage *s;
    unsigned number;
    uint64_t n[ARMS], n_refused_in_front;
    double nanos[ARMS];
} asker;

static size_t arm_of(const raw_answer *answer)
{
    for (size_t a = 1; a < ARMS; a++) {
        if (strstr(answer->body, arms[a].in_answer)) {
            return a;
        }
    }
    return 0;
}

/* Scenes in an experiment, one that is in none, no scene, and a refusal. */
static void *ask_all(void *context)
{
    asker *me = context;
    raw_answer *answer = malloc(sizeof *answer);
    for (unsigned i = 0; answer && i < TURNS; i++) {
        static const char *const rest[] = {"&scene=home", "&scene=home&n=20", "&scene=product&item=i3", "", "&n=0"};
        char target[80];
        snprintf(target, sizeof target, "/v1/recommend?user=u%u%s", i * 7 % 50,
                 rest[(i + me->number) % RK_COUNT_OF(rest)]);
        stage_get(me->s, target, answer);
        size_t a = arm_of(answer);
        me->n[a]++;
        me->nanos[a] += cost_of(answer);
    }
    free(answer);
    return NULL;
}

static void assert_statement_agrees(const stage *s, const uint64_t *n)
{
    static raw_answer answer;
    stage_get(s, "/v1/cost", &answer);
    json_t *json = json_loads(answer.body, JSON_REJECT_DUPLICATES, NULL), *row;
    size_t i, n_found = 0;
    json_array_foreach(json_object_get(json_object_get(json, "since_start"), "by_experiment"), i, row)
    {
        for (size_t a = 1; a < ARMS; a++) {
            char labels[100];
            snprintf(labels, sizeof labels, "experiment=\"%s\",experiment_variant=\"%s\"",
                     json_string_value(json_object_get(row, "experiment")),
                     json_string_value(json_object_get(row, "variant")));
            if (strcmp(labels, arms[a].labels) == 0) {
                assert_int_equal(json_integer_value(json_object_get(row, "answers")), n[a]);
                n_found++;
            }
        }
    }
    assert_int_equal(n_found, ARMS - 2);
    json_decref(json);
}

static void an_answer_is_charged_to_its_variant_whatever_is_reloaded(void **state)
{
    (void)state;
    static stage s;
    static raw_answer answer;
    char card[96], scenes_path[96], experiments_path[96], exposures[96];
    stage_prepare(&s);
    snprintf(card, sizeof card, "%s/card.json", s.folder);
    snprintf(scenes_path, sizeof scenes_path, "%s/scenes.yaml", s.folder);
    snprintf(experiments_path, sizeof experiments_path, "%s/experiments.yaml", s.folder);
    snprintf(exposures, sizeof exposures, "%s/exposures", s.folder);
    write_file(card, RATE_CARD(360000000));
    write_file(scenes_path, scenes);
    write_file(experiments_path, experiments[0]);
    stage_start(&s, &(rk_serve_options){.rates_path = card,
                                        .scenes_path = scenes_path,
                                        .experiments_path = experiments_path,
                                        .exposures_path = exposures});
    pthread_t thread[ASKERS];
    asker askers[ASKERS];
    for (unsigned t = 0; t < ASKERS; t++) {
        askers[t] = (asker){.s = &s, .number = t};
        assert_int_equal(pthread_create(&thread[t], NULL, ask_all, &askers[t]), 0);
    }
    asker last = {.s = &s};
    for (unsigned r = 1; r <= RELOADS; r++) {
        write_file(experiments_path, experiments[r % RK_COUNT_OF(experiments)]);
        raw_ask(s.port, "POST /v1/admin/reload HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
        assert_int_equal(answer.status, 200);
        ask_all(&last); /* each file answers somebody, however soon the others are done */
    }
    uint64_t n[ARMS];
    double nanos[ARMS];
    for (unsigned t = 0; t < ASKERS; t++) {
        pthread_join(thread[t], NULL);
    }
    read_metrics(&s, NULL, &answer);
    for (size_t a = 0; a < ARMS; a++) {
        n[a] = last.n[a];
        nanos[a] = last.nanos[a];
        for (unsigned t = 0; t < ASKERS; t++) {
            n[a] += askers[t].n[a];
            nanos[a] += askers[t].nanos[a];
        }
        assert_true((n[a] > 0) == (a < ARMS - 1));
        if (a > 0) { /* reloads are in none, too */
            assert_int_equal(tally_of(answer.body, ANSWERS, arms[a].labels, "", NULL).sum, n[a]);
            assert_near(tally_of(answer.body, COST, arms[a].labels, "", "stage=\"shared\""), nanos[a]);
        }
    }
    assert_int_equal(tally_of(answer.body, ANSWERS, arms[0].labels, "route=\"/v1/recommend\"", NULL).sum, n[0]);
    assert_near(tally_of(answer.body, COST, arms[0].labels, "route=\"/v1/recommend\"", "stage=\"shared\""), nanos[0]);
    assert_machines_price(answer.body);
    assert_statement_agrees(&s, n);
    unlink(card);
    unlink(scenes_path);
    unlink(experiments_path);
    rk_server_stop(s.server);
    s.server = NULL;
    stage_drop_folder(exposures);
    stage_close(&s);
}

/* The second time it is the first one's answer. */
static void kept_answers_are_told_apart(void **state)
{
    (void)state;
    static guarded g;
    static raw_answer answer;
    char request[300];
    open_guarded(&g);
    snprintf(request, sizeof request,
             "GET /v1/recommend?user=u1 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n", g.page);
    for (unsigned i = 0; i < 4; i++) {
        raw_ask(g.s.port, request, &answer);
        assert_int_equal(answer.status, 200);
    }
    read_metrics(&g.s, g.boss, &answer);
    assert_int_equal(tally_of(answer.body, ANSWERS, "outcome=\"repeated\"", "", NULL).sum, 3);
    assert_int_equal(tally_of(answer.body, ANSWERS, "outcome=\"answered\"", "route=\"/v1/recommend\"", NULL).sum, 1);
    snprintf(request, sizeof request, "GET /v1/cost HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n", g.page);
    raw_ask(g.s.port, request, &answer);
    assert_non_null(strstr(answer.body, "\"repeated_share\":0.6,")); /* 3 of 4, and /metrics */
    assert_non_null(strstr(answer.body, "{\"outcome\":\"repeated\",\"answers\":3,"));
    close_guarded(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_are_charged_and_do_not_idle),
        cmocka_unit_test(what_is_broken_off_has_its_account),
        cmocka_unit_test(an_answer_is_charged_to_its_variant_whatever_is_reloaded),
        cmocka_unit_test(kept_answers_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
