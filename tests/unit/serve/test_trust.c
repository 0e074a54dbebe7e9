/* Claims about TLS and its certificates, pages of other origins, and the audit log. */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "serve/audit.h"
#include "support/test.h"
#include "unit/serve/stage.h"

/* ---- TLS ---- */

static void write_pem(const char *path, const gnutls_datum_t *pem)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(pem->data, 1, pem->size, file), pem->size);
    fclose(file);
}

/* A certificate that signs itself, told by its serial number. */
static void make_identity(const char *cert_path, const char *key_path, unsigned char serial)
{
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t cert;
    gnutls_datum_t pem;
    assert_int_equal(gnutls_x509_privkey_init(&key), 0);
    assert_int_equal(
        gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0), 0);
    assert_int_equal(gnutls_x509_crt_init(&cert), 0);
    gnutls_x509_crt_set_version(cert, 3);
    gnutls_x509_crt_set_serial(cert, &serial, 1);
    gnutls_x509_crt_set_dn(cert, "CN=localhost", NULL);
    gnutls_x509_crt_set_activation_time(cert, 1577836800);
    gnutls_x509_crt_set_expiration_time(cert, 4102444800);
    gnutls_x509_crt_set_key(cert, key);
    assert_int_equal(gnutls_x509_crt_sign2(cert, cert, key, GNUTLS_DIG_SHA256, 0), 0);
    assert_int_equal(gnutls_x509_crt_export2(cert, GNUTLS_X509_FMT_PEM, &pem), 0);
    write_pem(cert_path, &pem);
    gnutls_free(pem.data);
    assert_int_equal(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem), 0);
    write_pem(key_path, &pem);
    gnutls_free(pem.data);
    gnutls_x509_crt_deinit(cert);
    gnutls_x509_privkey_deinit(key);
}

static unsigned char serial_of(gnutls_session_t session)
{
    unsigned n = 0;
    unsigned char serial[20] = {0};
    size_t n_serial = sizeof serial;
    gnutls_x509_crt_t cert;
    const gnutls_datum_t *list = gnutls_certificate_get_peers(session, &n);
    assert_true(list && n == 1);
    gnutls_x509_crt_init(&cert);
    assert_int_equal(gnutls_x509_crt_import(cert, list, GNUTLS_X509_FMT_DER), 0);
    assert_int_equal(gnutls_x509_crt_get_serial(cert, serial, &n_serial), 0);
    gnutls_x509_crt_deinit(cert);
    return serial[n_serial - 1];
}

/* Asks for health; returns the serial number of the certificate that was shown, 0: no handshake. */
static unsigned char ask_by_tls(uint16_t port, const char *priorities)
{
    static const char request[] = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    gnutls_certificate_credentials_t credentials;
    gnutls_session_t session;
    char answer[4000] = "";
    unsigned char serial = 0;
    int fd = raw_connect(port), status;
    gnutls_certificate_allocate_credentials(&credentials);
    gnutls_init(&session, GNUTLS_CLIENT);
    assert_int_equal(gnutls_priority_set_direct(session, priorities, NULL), 0);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
    gnutls_transport_set_int(session, fd);
    do {
        status = gnutls_handshake(session);
    } while (status < 0 && !gnutls_error_is_fatal(status));
    if (status == 0) {
        serial = serial_of(session);
        gnutls_record_send(session, request, sizeof request - 1);
        size_t n = 0;
        for (ssize_t more = 1; more > 0 && n + 1 < sizeof answer; n += more > 0 ? (size_t)more : 0) {
            more = gnutls_record_recv(session, answer + n, sizeof answer - 1 - n);
        }
        assert_non_null(strstr(answer, "HTTP/1.1 200 OK"));
        assert_non_null(strstr(answer, "{\"status\":\"ok\"}"));
    }
    gnutls_deinit(session);
    gnutls_certificate_free_credentials(credentials);
    close(fd);
    return serial;
}

static void the_certificate_changes_while_it_runs(void **state)
{
    (void)state;
    static stage s;
    static raw_answer answer;
    char cert[128], key[128], other[128];
    rk_error err;
    stage_prepare(&s);
    snprintf(cert, sizeof cert, "%s/cert.pem", s.folder);
    snprintf(key, sizeof key, "%s/key.pem", s.folder);
    snprintf(other, sizeof other, "%s/other.pem", s.folder);
    make_identity(cert, key, 7);
    stage_start(&s, &(rk_serve_options){.tls_cert = cert, .tls_key = key});
    assert_int_equal(ask_by_tls(s.port, "NORMAL"), 7);
    assert_int_equal(ask_by_tls(s.port, "NORMAL:-VERS-ALL:+VERS-TLS1.2"), 7);
    assert_int_equal(ask_by_tls(s.port, "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT"), 0); /* too old */
    int fd = raw_connect(s.port);                                                     /* and not a word in the clear */
    static const char plain[] = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    raw_send(fd, plain, sizeof plain - 1);
    raw_receive(fd, &answer, false);
    assert_int_equal(answer.status, 0);
    close(fd);

    make_identity(cert, key, 8);
    assert_int_equal(rk_server_reload(s.server, &err), RK_OK);
    assert_int_equal(ask_by_tls(s.port, "NORMAL"), 8);
    assert_int_equal(rk_server_reload(s.server, &err), RK_OK); /* the same again */
    make_identity(other, key, 9);                              /* a key of another certificate */
    assert_int_equal(rk_server_reload(s.server, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "does not belong to"));
    assert_int_equal(ask_by_tls(s.port, "NORMAL"), 8);
    assert_int_equal(truncate(cert, 30), 0);
    assert_int_equal(rk_server_reload(s.server, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "no chain of certificates as PEM"));
    assert_int_equal(ask_by_tls(s.port, "NORMAL"), 8);
    unlink(cert);
    unlink(key);
    unlink(other);
    stage_close(&s);
}

/* ---- pages of other origins ---- */

static void just_listed_origins_may_ask(void **state)
{
    (void)state;
    static stage s;
    static raw_answer answer;
    static const char *const origins[] = {"https://shop.example", "http://localhost:3000"};
    stage_prepare(&s);
    stage_start(&s, &(rk_serve_options){.cors = {origins, RK_COUNT_OF(origins)}});
    raw_ask(s.port, "GET /healthz HTTP/1.1\r\nHost: a\r\nOrigin: https://shop.example\r\n\r\n", &answer);
    assert_int_equal(answer.status, 200);
    assert_true(raw_has_header(&answer, "Access-Control-Allow-Origin: https://shop.example"));
    assert_true(raw_has_header(&answer, "Vary: Origin"));
    raw_ask(s.port, "GET /healthz HTTP/1.1\r\nHost: a\r\nOrigin: https://evil.example\r\n\r\n", &answer);
    assert_int_equal(answer.status, 200);
    assert_null(strstr(answer.bytes, "Access-Control"));
    static const char preflight[] = "OPTIONS /v1/events HTTP/1.1\r\nHost: a\r\nOrigin: %s\r\n"
                                    "Access-Control-Request-Method: POST\r\n\r\n";
    char request[300];
    snprintf(request, sizeof request, preflight, "http://localhost:3000");
    raw_ask(s.port, request, &answer);
    assert_int_equal(answer.status, 200);
    assert_true(raw_has_header(&answer, "Access-Control-Allow-Methods: GET, POST"));
    assert_true(raw_has_header(&answer, "Access-Control-Allow-Headers: Authorization, Content-Type, traceparent"));
    assert_true(raw_has_header(&answer, "Content-Length: 0"));
    snprintf(request, sizeof request, preflight, "http://localhost:3001");
    raw_ask(s.port, request, &answer);
    assert_int_equal(answer.status, 405);
    assert_null(strstr(answer.bytes, "Access-Control"));
    stage_close(&s);
}

static void origins_are_checked(void **state)
{
    (void)state;
    static const char *const bad[] = {"shop.example", "https://shop.example/", "https://", "https://Shop.example",
                                      "null"};
    static const char *const good[] = {"https://shop.example", "http://127.0.0.1:80", "http://[::1]:8080", "*"};
    rk_error err;
    for (size_t i = 0; i < RK_COUNT_OF(bad); i++) {
        assert_int_equal(rk_cors_check(&(rk_cors_options){&bad[i], 1}, &err), RK_BAD_USAGE);
    }
    assert_int_equal(rk_cors_check(&(rk_cors_options){good, RK_COUNT_OF(good)}, &err), RK_OK);
    assert_null(rk_cors_match(&(rk_cors_options){0}, RK_SLICE("https://shop.example")));
}

/* ---- the audit log ---- */

static size_t read_file(const char *path, char *out, size_t n_max)
{
    FILE *file = fopen(path, "r");
    size_t n = file ? fread(out, 1, n_max - 1, file) : 0;
    if (file) {
        fclose(file);
    }
    out[n] = '\0';
    return n;
}

static void who_changed_what_is_written_down(void **state)
{
    (void)state;
    static stage s;
    static raw_answer answer;
    static char lines[100000];
    char keys[128], path[128], writes[140], token[RK_TOKEN_BYTES], reader[RK_TOKEN_BYTES], request[400];
    rk_keyring ring;
    rk_error err;
    stage_prepare(&s);
    snprintf(keys, sizeof keys, "%s/keys.yaml", s.folder);
    snprintf(path, sizeof path, "%s/audit", s.folder);
    snprintf(writes, sizeof writes, "%s.writes", path);
    rk_keyring_init(&ring);
    assert_int_equal(rk_keyring_add(&ring, &(rk_api_key){.name = "o\"ps", .role = RK_ACCESS_ADMIN}, token, &err),
                     RK_OK);
    assert_int_equal(rk_keyring_add(&ring, &(rk_api_key){.name = "page", .role = RK_ACCESS_READ}, reader, &err), RK_OK);
    assert_int_equal(rk_keyring_write(keys, &ring, &err), RK_OK);
    rk_keyring_release(&ring);
    static const char *const proxies[] = {"127.0.0.0/8"};
    stage_start(
        &s, &(rk_serve_options){.audit_path = path, .guard = {.keys_path = keys, .proxies = proxies, .n_proxies = 1}});
    const struct {
        const char *line, *token;
    } asked[] = {{"POST /v1/admin/reload", token},     {"DELETE /v1/users/secret-name", token},
                 {"DELETE /v1/users/x", reader},       {"POST /v1/events", token},
                 {"GET /v1/recommend?user=u1", token}, {"POST /v1/admin/reload", "none"}};
    for (size_t i = 0; i < RK_COUNT_OF(asked); i++) {
        snprintf(request, sizeof request, "%s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n", asked[i].line,
                 asked[i].token);
        raw_ask(s.port, request, &answer);
    }
    snprintf(request, sizeof request,
             "POST /v1/admin/reload HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.2.3.4, 203.0.113.5\r\n"
             "Authorization: Bearer %s\r\n\r\n",
             token);
    raw_ask(s.port, request, &answer);
    read_file(path, lines, sizeof lines);
    static const char *const wanted[] = {
        "\"from\":\"203.0.113.5\",\"method\":\"POST\"",
        "\"key\":\"o\\\"ps\",\"key_id\":\"",
        "\"from\":\"127.0.0.1\",\"method\":\"POST\",\"route\":\"/v1/admin/reload\",\"status\":200,\"request_id\":\"",
        "\"method\":\"DELETE\",\"route\":\"/v1/users/{user}\",\"status\":501",
        "\"key\":\"page\"",
        "\"status\":403"};
    for (size_t i = 0; i < RK_COUNT_OF(wanted); i++) {
        if (!strstr(lines, wanted[i])) {
            fail_msg("no %s in %s", wanted[i], lines);
        }
    }
    size_t n_lines = 0;
    for (const char *at = lines; (at = strchr(at, '\n')); at++) {
        n_lines++;
    }
    assert_int_equal(n_lines, 7); /* two of each that was begun */
    assert_null(strstr(lines, "secret-name"));
    read_file(writes, lines, sizeof lines);
    assert_non_null(strstr(lines, "\"route\":\"/v1/events\",\"status\":501"));
    assert_null(strstr(lines, "admin"));
    unlink(keys);
    unlink(path);
    unlink(writes);
    stage_close(&s);
}

/* A full disk as far as this process can tell: no file gets longer than n bytes. */
static void limit_files(rlim_t n)
{
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = n;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static unsigned long long lost_lines(const stage *s)
{
    static raw_answer answer;
    stage_get(s, "/metrics", &answer);
    const char *at = strstr(answer.body, "\nreckon_audit_lost_total ");
    return at ? strtoull(at + sizeof "\nreckon_audit_lost_total" - 1, NULL, 10) : 999;
}

/* In the middle of its line the disk is full: the reload is refused and not done, health is answered, and all is well
 * by itself when there is room. */
static void what_cannot_be_written_down_is_not_done(void **state)
{
    (void)state;
    static stage s;
    static raw_answer answer;
    static char lines[10000];
    static const char reload[] = "POST /v1/admin/reload HTTP/1.1\r\nHost: a\r\n\r\n";
    char path[128], writes[140], away[140];
    stage_prepare(&s);
    snprintf(path, sizeof path, "%s/audit", s.folder);
    snprintf(writes, sizeof writes, "%s.writes", path);
    snprintf(away, sizeof away, "%s.away", s.model);
    stage_start(&s, &(rk_serve_options){.audit_path = path});
    raw_ask(s.port, reload, &answer);
    assert_int_equal(answer.status, 200);
    size_t n = read_file(path, lines, sizeof lines);
    limit_files(n + 30);
    assert_int_equal(rename(s.model, away), 0); /* a reload that was done would be seen: it fails otherwise */
    raw_ask(s.port, reload, &answer);
    unsigned status = answer.status;
    bool is_told = strstr(answer.body, "nothing was done: the audit log cannot be written") != NULL;
    stage_get(&s, "/healthz", &answer);
    limit_files(RLIM_INFINITY);
    assert_int_equal(status, 503);
    assert_true(is_told);
    assert_int_equal(answer.status, 200);
    assert_int_equal(read_file(path, lines, sizeof lines), n);
    assert_int_equal(lost_lines(&s), 1);
    assert_int_equal(rename(away, s.model), 0);
    raw_ask(s.port, reload, &answer);
    assert_int_equal(answer.status, 200);
    read_file(path, lines, sizeof lines);
    assert_non_null(strstr(lines + n, "\"route\":\"/v1/admin/reload\",\"begun\":true,\"request_id\":\""));
    assert_non_null(strstr(lines + n, "\"route\":\"/v1/admin/reload\",\"status\":200,\"request_id\":\""));
    assert_int_equal(lost_lines(&s), 1);
    unlink(path);
    unlink(writes);
    stage_close(&s);
}

static void the_books_are_bounded(void **state)
{
    (void)state;
    static char lines[100000];
    char folder[] = "/tmp/test_audit_XXXXXX", path[64], old[80];
    rk_audit *audit;
    rk_run run = {0};
    rk_caller caller = {.key_id = "00", .key_name = "ops"};
    rk_error err;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a", folder);
    assert_int_equal(rk_audit_open(path, 1000, &run, &audit, &err), RK_OK);
    for (unsigned i = 0; i < 100; i++) {
        char id[16];
        snprintf(id, sizeof id, "r-%u", i);
        rk_audit_note(audit, &(rk_audit_entry){
                                 .method = "POST", .route = "/r", .request_id = id, .status = 200, .caller = &caller});
    }
    rk_audit_close(audit);
    assert_true(read_file(path, lines, sizeof lines) < 1300);
    assert_non_null(strstr(lines, "\"r-99\""));
    for (unsigned i = 1; i <= RK_AUDIT_KEPT; i++) { /* each holds whole lines, older than the one before */
        snprintf(old, sizeof old, "%s.%u", path, i);
        size_t n = read_file(old, lines, sizeof lines);
        assert_true(n >= 1000 && n < 1300);
        assert_int_equal(lines[0], '{');
        assert_int_equal(lines[n - 1], '\n');
        unlink(old);
    }
    snprintf(old, sizeof old, "%s.%u", path, RK_AUDIT_KEPT + 1);
    assert_int_equal(access(old, F_OK), -1);
    snprintf(old, sizeof old, "%s.writes", path);
    unlink(old);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_certificate_changes_while_it_runs),
        cmocka_unit_test(just_listed_origins_may_ask),
        cmocka_unit_test(origins_are_checked),
        cmocka_unit_test(who_changed_what_is_written_down),
        cmocka_unit_test(what_cannot_be_written_down_is_not_done),
        cmocka_unit_test(the_books_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
