/* Claims about a server that keeps answers: whatever happens, it says what one says that keeps none; and what was
 * acknowledged is known to the next answer, whoever else is asking. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "math/random.h"
#include "support/test.h"
#include "text/wares.h"
#include "unit/serve/stage.h"

enum { KEEPS, MAKES, SERVERS, STEPS = 1500 };

typedef struct {
    stage stage;
    char events[SERVERS][128], wares[SERVERS][128], other[128], scenes[128];
    rk_server *server[SERVERS];
    uint16_t port[SERVERS];
    unsigned n_models;
} pair;

static void start(pair *p, int which, size_t cache_bytes)
{
    rk_error err;
    rk_serve_options options = rk_serve_defaults();
    options.model_path = p->stage.model;
    options.search_path = p->wares[which];
    options.events_path = p->events[which];
    options.scenes_path = p->scenes;
    options.checks.quality_drop = 1;
    options.cache_bytes = cache_bytes;
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
    memset(&p, 0, sizeof p);
    stage_prepare(&p.stage);
    snprintf(p.other, sizeof p.other, "%s/other.rk", p.stage.folder);
    snprintf(p.scenes, sizeof p.scenes, "%s/scenes.yaml", p.stage.folder);
    FILE *scenes = fopen(p.scenes, "w");
    assert_non_null(scenes);
    fputs("scenes:\n  home:\n    sources:\n      - {from: recommended}\n", scenes);
    fclose(scenes);
    for (int i = 0; i < SERVERS; i++) {
        snprintf(p.events[i], sizeof p.events[i], "%s/events-%d", p.stage.folder, i);
        snprintf(p.wares[i], sizeof p.wares[i], "%s/wares-%d", p.stage.folder, i);
        if (rk_wares_create(p.wares[i], p.stage.data, &options, &p.stage.run, &err)) {
            fail_msg("%s", err.message);
        }
        start(&p, i, i == KEEPS ? 1 << 20 : 0);
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
        snprintf(path, sizeof path, "%s/exposures", p->events[i]);
        stage_drop_folder(path);
        stage_drop_folder(p->events[i]);
        snprintf(path, sizeof path, "%s/log", p->wares[i]);
        stage_drop_folder(path);
        stage_drop_folder(p->wares[i]);
    }
    unlink(p->scenes);
    p->stage.server = NULL;
    stage_close(&p->stage);
    return 0;
}

/* ---- what is asked ---- */

static void pick_user(rk_random *random, char out[16])
{
    bool is_known = rk_random_below(random, 3) > 0;
    sprintf(out, is_known ? "u%u" : "new%u", rk_random_below(random, is_known ? 12 : 4));
}

/* A question of few, so that most are asked again and again. */
static void pick_question(rk_random *random, char out[300])
{
    static const char *const words[] = {"white", "lamp", "wite lam", "lamp 7", "brass"};
    char user[16];
    unsigned n = rk_random_below(random, 2) ? 3 : 12, item = rk_random_below(random, 15);
    pick_user(random, user);
    switch (rk_random_below(random, 8)) {
    case 0:
        sprintf(out, "/v1/similar/i%u?n=%u", item, n);
        break;
    case 1:
        sprintf(out, "/v1/similar/p%u?n=%u", item % 4, n);
        break;
    case 2:
        sprintf(out, "/v1/search?q=%s&n=%u", words[item % 5], n);
        break;
    case 3:
        sprintf(out, "/v1/search?q=%s&n=%u&user=%s", words[item % 5], n, user);
        break;
    case 4:
        sprintf(out, "/v1/suggest?q=%.2s&n=%u", words[item % 5], n);
        break;
    case 5:
        sprintf(out, "/v1/recommend?user=%s&n=%u&exclude=i%u,p0", user, n, item % 4);
        break;
    case 6:
        sprintf(out, "/v1/recommend?user=%s&n=%u&scene=home", user, n);
        break;
    default:
        sprintf(out, "/v1/recommend?n=%u&user=%s", n, user);
        break;
    }
    for (char *blank = out; (blank = strchr(blank, ' '));) {
        *blank = '+';
    }
}

/* Something that changes answers; what is said of it tells the time. */
static void pick_change(rk_random *random, unsigned number, char out[600])
{
    char user[16], body[300] = "";
    const char *method = "POST", *path = "/v1/events";
    char item[40];
    pick_user(random, user);
    unsigned what = rk_random_below(random, 10), which = rk_random_below(random, 15);
    if (what < 5) {
        sprintf(body, "{\"user\":\"%s\",\"item\":\"i%u\",\"event_id\":\"e%u\"}", user, which, number);
    } else if (what < 7) {
        sprintf(item, "/v1/items/i%u", which);
        sprintf(body, "{\"title\":\"white lamp %u\",\"stock\":%u}", which, which % 2);
        method = "PUT", path = item;
    } else if (what < 8) {
        sprintf(item, "/v1/items/p%u", which % 4);
        sprintf(body, "{\"title\":\"brass lamp %u\",\"stock\":%u}", which, 1 + which);
        method = "PUT", path = item;
    } else if (what < 9) {
        sprintf(item, "/v1/items/i%u", which);
        method = "DELETE", path = item;
    } else {
        sprintf(item, "/v1/users/%s", user);
        method = "DELETE", path = item;
    }
    sprintf(out, "%s %s HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n%s", method, path, strlen(body), body);
}

/* Another model in the place of the one that answers, on both. */
static void reload(pair *p)
{
    rk_error err;
    shop_model shop = stage_shop;
    shop.seed = 2 + p->n_models++;
    shop_model_write(&shop, p->stage.data, p->other);
    assert_int_equal(rename(p->other, p->stage.model), 0);
    for (int i = 0; i < SERVERS; i++) {
        if (rk_server_reload(p->server[i], &err)) {
            fail_msg("%s", err.message);
        }
    }
}

/* ---- the claims ---- */

/* All behind the request's own number. */
static const char *said(const raw_answer *answer)
{
    const char *at = strstr(answer->body, "\"request_id\":\"");
    return at ? strchr(at + 14, '"') : answer->body;
}

static void assert_same(pair *p, const char *request, bool whole)
{
    static raw_answer answers[SERVERS];
    for (int i = 0; i < SERVERS; i++) {
        raw_ask(p->port[i], request, &answers[i]);
    }
    bool is_same = answers[KEEPS].status == answers[MAKES].status &&
                   (!whole || strcmp(said(&answers[KEEPS]), said(&answers[MAKES])) == 0);
    if (!is_same) {
        fail_msg("%s\n%s\nis not\n%s", request, answers[KEEPS].bytes, answers[MAKES].bytes);
    }
}

static unsigned long count_of(const pair *p, const char *outcome)
{
    static raw_answer answer;
    char line[100];
    raw_ask(p->port[KEEPS], "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", &answer);
    snprintf(line, sizeof line, "reckon_cache_total{outcome=\"%s\"} ", outcome);
    const char *at = strstr(answer.body, line);
    assert_non_null(at);
    return strtoul(at + strlen(line), NULL, 10);
}

static void kept_answers_are_those_that_would_be_made(void **state)
{
    pair *p = *state;
    rk_random random = rk_random_of(11, 0);
    char question[300], request[700];
    for (unsigned i = 0; i < STEPS; i++) {
        if (rk_random_below(&random, 25) == 0) {
            pick_change(&random, i, request);
            assert_same(p, request, false);
        } else if (rk_random_below(&random, 400) == 0) {
            reload(p);
        } else {
            pick_question(&random, question);
            snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", question);
            assert_same(p, request, true);
        }
    }
    assert_true(count_of(p, "hit") > STEPS / 20);
    assert_true(count_of(p, "miss") > STEPS / 20);
}

static void every_answer_has_a_number_of_its_own(void **state)
{
    pair *p = *state;
    static raw_answer first, second;
    const char *request = "GET /v1/recommend?user=u3 HTTP/1.1\r\nHost: a\r\n\r\n";
    unsigned long n_hits = count_of(p, "hit");
    raw_ask(p->port[KEEPS], request, &first);
    raw_ask(p->port[KEEPS], request, &second);
    assert_true(count_of(p, "hit") > n_hits);
    assert_string_not_equal(first.body, second.body);
    assert_string_equal(said(&first), said(&second));
}

typedef struct {
    const pair *pair;
    unsigned number;
    atomic_uint *n_stale;
} shopper;

/* Takes one item after the other; none that was acknowledged may be offered again. */
static void *shop(void *context)
{
    const shopper *me = context;
    raw_answer *answer = malloc(sizeof *answer);
    char ask[200], tell[300], body[100];
    snprintf(ask, sizeof ask, "GET /v1/recommend?user=s%u&n=200 HTTP/1.1\r\nHost: a\r\n\r\n", me->number % 2);
    for (unsigned i = 0; answer && i < 20; i++) {
        unsigned item = me->number * 20 + i;
        snprintf(body, sizeof body, "{\"user\":\"s%u\",\"item\":\"i%u\"}", me->number % 2, item);
        snprintf(tell, sizeof tell, "POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n%s",
                 strlen(body), body);
        raw_ask(me->pair->port[KEEPS], tell, answer);
        for (int again = 0; again < 3; again++) {
            raw_ask(me->pair->port[KEEPS], ask, answer);
            snprintf(body, sizeof body, "{\"id\":\"i%u\"", item);
            atomic_fetch_add(me->n_stale, answer->status != 200 || strstr(answer->body, body));
        }
    }
    free(answer);
    return NULL;
}

static void what_was_acknowledged_is_known_to_the_next_answer(void **state)
{
    pair *p = *state;
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    shopper shoppers[THREADS];
    atomic_uint n_stale = 0;
    for (unsigned t = 0; t < THREADS; t++) {
        shoppers[t] = (shopper){p, t, &n_stale};
        assert_int_equal(pthread_create(&threads[t], NULL, shop, &shoppers[t]), 0);
    }
    for (size_t t = 0; t < THREADS; t++) {
        pthread_join(threads[t], NULL);
    }
    assert_int_equal(n_stale, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(kept_answers_are_those_that_would_be_made, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(every_answer_has_a_number_of_its_own, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(what_was_acknowledged_is_known_to_the_next_answer, open_pair, close_pair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
