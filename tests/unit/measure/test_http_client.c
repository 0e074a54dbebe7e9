/* test_http_client.c - replies in pieces of every size, and where a URL leads. */
#include "support/test.h"

#include <stdio.h>
#include <string.h>

#include "measure/http_client.h"

typedef struct {
    const char *bytes;
    unsigned status;
    const char *body;
    bool is_closing;
} reply_case;

static const reply_case cases[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello", false},
    {"HTTP/1.1 200\r\ncontent-length:0\r\n\r\n", 200, "", false},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: a\r\n\r\n",
     200, "hello world", false},
    {"HTTP/1.1 200 OK\nConnection: close\nContent-Length: 2\n\nok", 200, "ok", true},
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx", 404, "x", false},
    {"HTTP/1.1 204 No Content\r\nA: b\r\n\r\n", 204, "", false},
    {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x", true},
};

static void replies_are_read_in_pieces_of_any_size(void **state)
{
    (void)state;
    for (size_t c = 0; c < RK_COUNT_OF(cases); c++) {
        size_t n = strlen(cases[c].bytes);
        for (size_t piece = 1; piece <= n; piece++) {
            rk_text body = {0};
            rk_reply reply;
            rk_reply_begin(&reply, &body);
            for (size_t at = 0; at < n; at += piece) {
                size_t length = n - at < piece ? n - at : piece;
                assert_int_equal(rk_reply_feed(&reply, cases[c].bytes + at, length), length);
            }
            assert_int_equal(reply.state, RK_REPLY_DONE);
            assert_int_equal(reply.status, cases[c].status);
            assert_int_equal(reply.is_closing, cases[c].is_closing);
            assert_string_equal(body.at ? body.at : "", cases[c].body);
            assert_int_equal(reply.body_bytes, strlen(cases[c].body));
            rk_text_release(&body);
        }
    }
}

static void what_is_not_http_is_broken(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "hello\r\n",
        "HTTP/2 200 OK\r\n",
        "HTTP/1.1 abc OK\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
    };
    for (size_t i = 0; i < RK_COUNT_OF(bad); i++) {
        rk_reply reply;
        rk_reply_begin(&reply, NULL);
        rk_reply_feed(&reply, bad[i], strlen(bad[i]));
        assert_int_equal(reply.state, RK_REPLY_BROKEN);
        assert_false(rk_reply_end(&reply));
    }
}

static void a_reply_without_length_ends_with_the_connection(void **state)
{
    (void)state;
    static const char bytes[] = "HTTP/1.1 200 OK\r\n\r\nall of it";
    rk_reply reply;
    rk_reply_begin(&reply, NULL);
    assert_int_equal(rk_reply_feed(&reply, bytes, sizeof bytes - 1), sizeof bytes - 1);
    assert_int_equal(reply.state, RK_REPLY_TO_CLOSE);
    assert_true(reply.is_closing && rk_reply_end(&reply));
    assert_int_equal(reply.body_bytes, 9);
}

static void urls_lead_to_endpoints(void **state)
{
    (void)state;
    static const struct {
        const char *url, *host;
        bool is_local;
    } good[] = {{"http://127.0.0.1:8080", "127.0.0.1:8080", true},
                {"http://127.0.0.1/", "127.0.0.1:80", true},
                {"HTTP://[::1]:81/", "[::1]:81", true},
                {"http://192.0.2.1:9", "192.0.2.1:9", false}};
    for (size_t i = 0; i < RK_COUNT_OF(good); i++) {
        rk_endpoint endpoint;
        rk_error err;
        assert_int_equal(rk_endpoint_parse(good[i].url, &endpoint, &err), RK_OK);
        assert_string_equal(endpoint.host, good[i].host);
        assert_int_equal(endpoint.is_local, good[i].is_local);
        char headers[200];
        snprintf(headers, sizeof headers, "Host: %s\r\n", good[i].host);
        assert_string_equal(endpoint.headers, headers);
        assert_int_equal(rk_endpoint_show_key(&endpoint, RK_SLICE("a key"), &err), RK_BAD_USAGE);
        assert_int_equal(rk_endpoint_show_key(&endpoint, RK_SLICE("a\r\nHost: b"), &err), RK_BAD_USAGE);
        assert_string_equal(endpoint.headers, headers);
        assert_int_equal(rk_endpoint_show_key(&endpoint, RK_SLICE("rk_1"), &err), RK_OK);
        assert_non_null(strstr(endpoint.headers, "\r\nAuthorization: Bearer rk_1\r\n"));
    }
    static const char *const bad[] = {"",
                                      "127.0.0.1:80",
                                      "https://127.0.0.1",
                                      "http://127.0.0.1:0",
                                      "http://127.0.0.1:x",
                                      "http://127.0.0.1:65536",
                                      "http://127.0.0.1/path",
                                      "http://u@127.0.0.1",
                                      "http://",
                                      "http://[::1",
                                      "http://:80"};
    for (size_t i = 0; i < RK_COUNT_OF(bad); i++) {
        rk_endpoint endpoint;
        rk_error err;
        assert_int_equal(rk_endpoint_parse(bad[i], &endpoint, &err), RK_BAD_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_are_read_in_pieces_of_any_size),
        cmocka_unit_test(what_is_not_http_is_broken),
        cmocka_unit_test(a_reply_without_length_ends_with_the_connection),
        cmocka_unit_test(urls_lead_to_endpoints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
