/* Claims about a server with an index of the model's vectors: recommendations, items like an item and scenes are those
 * of a server without, also of what is sold out, excluded or put lately. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "math/random.h"
#include "model/near.h"
#include "support/test.h"
#include "text/wares.h"
#include "unit/serve/stage.h"

enum { PLAIN, INDEXED, SERVERS, STEPS = 400 };

typedef struct {
    stage stage;
    char index[128], wares[SERVERS][128], scenes[128];
    rk_server *server[SERVERS];
    uint16_t port[SERVERS];
} pair;

static const char scenes[] =
    "scenes:\n"
    "  home:\n    sources:\n      - {from: recommended}\n      - {from: popular, weight: 0.1}\n"
    "  product:\n    sources:\n      - {from: similar, to: item}\n    fill: none\n"
    "  few:\n    sources:\n      - {from: similar, to: item, n: 5}\n    fill: none\n"
    "  basket:\n    sources:\n      - {from: similar, to: basket}\n"
    "      - {from: recommended, weight: 0.5}\n";

static void start(pair *p, int which)
{
    rk_error err;
    rk_serve_options options = rk_serve_defaults();
    options.model_path = p->stage.model;
    options.index_path = which == INDEXED ? p->index : NULL;
    options.search_path = p->wares[which];
    options.scenes_path = p->scenes;
    options.cache_bytes = 0;
    options.port = 0;
    options.threads = 2;
    options.guard.load.slo_ms = 0;
    if (rk_server_start(&options, &p->stage.run, &p->server[which], &err)) {
        fail_msg("%s", err.message);
    }
    p->port[which] = rk_server_port(p->server[which]);
}

static int open_pair(void **state)
{
    static pair p;
    rk_error err;
    rk_wares_options options = rk_wares_defaults();
    rk_near_options wanted = {.kind = "flat", .recall = 1};
    rk_near_report report;
    memset(&p, 0, sizeof p);
    stage_prepare(&p.stage);
    snprintf(p.index, sizeof p.index, "%s/i.rk", p.stage.folder);
    snprintf(p.scenes, sizeof p.scenes, "%s/scenes.yaml", p.stage.folder);
    FILE *file = fopen(p.scenes, "w");
    assert_non_null(file);
    fputs(scenes, file);
    fclose(file);
    if (rk_near_build(p.stage.model, &wanted, p.index, &p.stage.run, &report, &err)) {
        fail_msg("%s", err.message);
    }
    assert_true(report.has_similar);
    for (int i = 0; i < SERVERS; i++) {
        snprintf(p.wares[i], sizeof p.wares[i], "%s/wares-%d", p.stage.folder, i);
        if (rk_wares_create(p.wares[i], p.stage.data, &options, &p.stage.run, &err)) {
            fail_msg("%s", err.message);
        }
        start(&p, i);
    }
    *state = &p;
    return 0;
}

static int close_pair(void **state)
{
    pair *p = *state;
    char path[160];
    for (int i = 0; i < SERVERS; i++) {
        rk_server_stop(p->server[i]);
        snprintf(path, sizeof path, "%s/log", p->wares[i]);
        stage_drop_folder(path);
        stage_drop_folder(p->wares[i]);
    }
    unlink(p->scenes);
    unlink(p->index);
    p->stage.server = NULL;
    stage_close(&p->stage);
    return 0;
}

static void pick_question(rk_random *random, char out[300])
{
    unsigned n = rk_random_below(random, 4) ? 5 : 60, item = rk_random_below(random, 200);
    unsigned user = rk_random_below(random, 50), other = rk_random_below(random, 200);
    switch (rk_random_below(random, 6)) {
    case 0:
        sprintf(out, "/v1/recommend?user=u%u&n=%u&exclude=i%u,i%u", user, n, item, other);
        break;
    case 1:
        sprintf(out, "/v1/recommend?user=u%u&n=%u&scene=home&exclude=i%u,i%u", user, n, item, other);
        break;
    case 2:
        sprintf(out, "/v1/recommend?user=u%u&n=%u&scene=product&item=i%u&explain=1", user, n, item);
        break;
    case 3:
        sprintf(out, "/v1/recommend?user=u%u&n=%u&scene=basket&basket=i%u,i%u", user, n, item, other);
        break;
    default:
        sprintf(out, "/v1/similar/i%u?n=%u", item, n);
        break;
    }
}

/* One product more that is sold out, or is back; now and then most of them are. */
static void pick_change(rk_random *random, char out[300])
{
    char body[100];
    int n = sprintf(body, "{\"title\":\"a thing\",\"stock\":%u}", rk_random_below(random, 4) == 0);
    sprintf(out, "PUT /v1/items/i%u HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", rk_random_below(random, 200),
            n, body);
}

/* What comes behind the request's own number. */
static const char *rest_of(const raw_answer *answer)
{
    const char *model = strstr(answer->body, "\"model\"");
    return model ? model : answer->body;
}

static void answers_are_those_of_a_server_without_one(void **state)
{
    pair *p = *state;
    static raw_answer answers[SERVERS];
    rk_random random = rk_random_of(5, 0);
    for (unsigned step = 0; step < STEPS; step++) {
        char line[300], request[400];
        bool is_change = step % 3 == 2;
        (is_change ? pick_change : pick_question)(&random, line);
        snprintf(request, sizeof request, is_change ? "%s" : "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", line);
        for (int i = 0; i < SERVERS; i++) {
            raw_ask(p->port[i], request, &answers[i]);
            if (answers[i].status != 200) {
                fail_msg("%s: %u %s", line, answers[i].status, answers[i].body);
            }
        }
        if (!is_change && strcmp(rest_of(&answers[PLAIN]), rest_of(&answers[INDEXED])) != 0) {
            fail_msg("%s:\n%s\nby the index:\n%s", line, answers[PLAIN].body, answers[INDEXED].body);
        }
    }
}

static unsigned n_items_of(const raw_answer *answer)
{
    unsigned n = 0;
    for (const char *at = answer->body; (at = strstr(at, "{\"id\":")); at++) {
        n++;
    }
    return n;
}

/* Nearly all of what is alike is sold out: what is left is listed all the same. */
static void what_is_sold_out_leaves_no_short_list(void **state)
{
    pair *p = *state;
    static raw_answer answer;
    static const char sold_out[] = "{\"title\":\"a thing\",\"stock\":0}";
    for (int i = 0; i < SERVERS; i++) {
        char request[400];
        for (unsigned item = 20; item < 200; item++) {
            sprintf(request, "PUT /v1/items/i%u HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n%s", item,
                    sizeof sold_out - 1, sold_out);
            raw_ask(p->port[i], request, &answer);
            assert_int_equal(answer.status, 200);
        }
        raw_ask(p->port[i], "GET /v1/recommend?user=nobody&n=5&scene=few&item=i150 HTTP/1.1\r\nHost: a\r\n\r\n",
                &answer);
        assert_int_equal(n_items_of(&answer), 5);
        raw_ask(p->port[i], "GET /v1/similar/i150?n=15 HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
        assert_int_equal(n_items_of(&answer), 15);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_are_those_of_a_server_without_one, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(what_is_sold_out_leaves_no_short_list, open_pair, close_pair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
