/* test_finder.c - search and suggestions over HTTP, from an index alone. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "serve/serve.h"
#include "support/shop_index.h"
#include "support/test.h"
#include "unit/serve/raw_client.h"

static const char products[] = "id,title,text,brand,category,price\n"
                               "1,Red tea pot,\"For tea & more\",Acme,kitchen > pots,20\n"
                               "2,Blue tea pot,Holds tea,Bolt,kitchen > pots,15\n"
                               "3,Tea towel,Red stripes,Acme,kitchen > linen,5\n"
                               "4,Garden pot,,Red Bull,garden,12\n";

typedef struct {
    rk_server *server;
    rk_run run;
    rk_serve_options options;
} house;

static house at;

static int set_up(void **state)
{
    (void)state;
    rk_error err;
    test_index_of(products, NULL);
    at.options = rk_serve_defaults();
    at.options.search_path = test_index_path();
    at.options.port = 0;
    at.options.threads = 2;
    at.options.request_s = 60;
    return rk_server_start(&at.options, &at.run, &at.server, &err) == RK_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    rk_server_stop(at.server);
    test_index_release();
    return 0;
}

static json_t *ask(const char *target, unsigned status)
{
    static raw_answer answer;
    char request[4000];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: test\r\n\r\n", target);
    raw_ask(rk_server_port(at.server), request, &answer);
    assert_int_equal(answer.status, status);
    json_t *json = json_loads(answer.body, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    return json;
}

/* "1 2" */
static void assert_items(const char *target, const char *ids, json_int_t total)
{
    char got[100] = "";
    json_t *json = ask(target, 200), *item;
    size_t i;
    json_array_foreach(json_object_get(json, "items"), i, item)
    {
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", i ? " " : "",
                 json_string_value(json_object_get(item, "id")));
    }
    assert_string_equal(got, ids);
    assert_int_equal(json_integer_value(json_object_get(json, "total")), total);
    assert_non_null(json_string_value(json_object_get(json, "request_id")));
    json_decref(json);
}

static void assert_refused(const char *target, unsigned status, const char *field)
{
    json_t *json = ask(target, status);
    const char *got = json_string_value(json_object_get(json, "field"));
    assert_string_equal(got ? got : "", field);
    assert_int_equal(json_integer_value(json_object_get(json, "status")), status);
    json_decref(json);
}

static void words_filters_orders_and_pages_are_heeded(void **state)
{
    (void)state;
    assert_items("/v1/search?q=tea&sort=price", "3 2 1", 3);
    assert_items("/v1/search?q=tea&sort=-price&n=1&from=1", "2", 3);
    assert_items("/v1/search?q=pot&filter=price%3C15", "4", 1);
    assert_items("/v1/search?filter=category:kitchen&sort=price&n=2", "3 2", 3);
    assert_items("/v1/search?q=pot&filter=brand:(bolt,%22red+bull%22)&sort=price", "4 2", 2);
    assert_items("/v1/search?q=tea&n=0", "", 3);
}

/* A quote that stays open is the shopper's; the filter is the shop's. */
static void a_stray_quote_does_not_reach_the_filter(void **state)
{
    (void)state;
    assert_items("/v1/search?q=%22pot&filter=brand:%22Red+Bull%22", "4", 1);
}

static void facets_and_marks_are_given(void **state)
{
    (void)state;
    json_t *json = ask("/v1/search?q=tea&facets=brand,price&marks=html&n=4&filter=brand:bolt", 200);
    json_t *brands = json_object_get(json_object_get(json, "facets"), "brand");
    assert_int_equal(json_array_size(brands), 2);
    assert_string_equal(json_string_value(json_array_get(json_array_get(brands, 0), 0)), "Acme");
    assert_int_equal(json_integer_value(json_array_get(json_array_get(brands, 0), 1)), 2);
    json_t *marked = json_object_get(json_array_get(json_object_get(json, "items"), 0), "marked");
    assert_string_equal(json_string_value(json_object_get(marked, "title")), "Blue <em>tea</em> pot");
    json_decref(json);
    json = ask("/v1/search?q=tea+more&marks=html&n=1", 200);
    marked = json_object_get(json_array_get(json_object_get(json, "items"), 0), "marked");
    assert_string_equal(json_string_value(json_object_get(marked, "text")), "For <em>tea</em> &amp; <em>more</em>");
    json_decref(json);
}

static void what_was_changed_is_said(void **state)
{
    (void)state;
    json_t *json = ask("/v1/search?q=towl&filter=price%3C1", 200);
    json_t *relaxed = json_array_get(json_object_get(json, "relaxed"), 0);
    assert_string_equal(json_string_value(json_object_get(json, "corrected")), "towel");
    assert_string_equal(json_string_value(json_object_get(relaxed, "kind")), "filter");
    json_decref(json);
    json = ask("/v1/search?q=towl", 200);
    assert_string_equal(json_string_value(json_object_get(json, "corrected")), "towel");
    json_decref(json);
    json = ask("/v1/search?q=tea&filter=price%3C1", 200);
    relaxed = json_array_get(json_object_get(json, "relaxed"), 0);
    assert_string_equal(json_string_value(json_object_get(relaxed, "kind")), "filter");
    assert_string_equal(json_string_value(json_object_get(relaxed, "text")), "price<1");
    json_decref(json);
}

static double sum_of(const json_t *list)
{
    double sum = 0;
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one) { sum += json_number_value(json_object_get(one, "score")); }
    return sum;
}

static void explanations_add_up(void **state)
{
    (void)state;
    json_t *json = ask("/v1/search?q=red+tea+pot&explain=1", 200), *item;
    size_t i;
    assert_true(json_array_size(json_object_get(json, "items")) == 4);
    json_array_foreach(json_object_get(json, "items"), i, item)
    {
        double score = json_number_value(json_object_get(item, "score"));
        assert_true(sum_of(json_object_get(item, "reasons")) > 0);
        assert_float_equal(sum_of(json_object_get(item, "second_look")), score, 2e-5);
    }
    json_decref(json);
}

static void suggestions_go_on_from_what_was_typed(void **state)
{
    (void)state;
    json_t *json = ask("/v1/suggest?q=te&n=3", 200), *all = json_object_get(json, "suggestions");
    assert_true(json_array_size(all) > 0);
    assert_int_equal(strncmp(json_string_value(json_object_get(json_array_get(all, 0), "text")), "te", 2), 0);
    json_decref(json);
}

static void bad_questions_are_refused_by_name(void **state)
{
    (void)state;
    assert_refused("/v1/search", 400, "q");
    assert_refused("/v1/search?q=tea&sort=colour", 400, "sort");
    assert_refused("/v1/search?q=tea&sort=popularity", 400, "sort");
    assert_refused("/v1/search?q=tea&facets=nothing", 400, "facets");
    assert_refused("/v1/search?q=tea&marks=xml", 400, "marks");
    assert_refused("/v1/search?q=tea&n=1001", 400, "n");
    assert_refused("/v1/search?q=tea&from=9995", 400, "");
    assert_refused("/v1/suggest", 400, "q");
    assert_refused("/v1/recommend?user=u", 501, "");
    assert_refused("/v1/similar/1", 501, "");
}

static void a_reload_opens_the_index_anew(void **state)
{
    (void)state;
    rk_error err;
    assert_int_equal(rk_server_reload(at.server, &err), RK_OK);
    assert_items("/v1/search?q=towel", "3", 1);
    json_decref(ask("/readyz", 200));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_filters_orders_and_pages_are_heeded),
        cmocka_unit_test(a_stray_quote_does_not_reach_the_filter),
        cmocka_unit_test(facets_and_marks_are_given),
        cmocka_unit_test(what_was_changed_is_said),
        cmocka_unit_test(explanations_add_up),
        cmocka_unit_test(suggestions_go_on_from_what_was_typed),
        cmocka_unit_test(bad_questions_are_refused_by_name),
        cmocka_unit_test(a_reload_opens_the_index_anew),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
