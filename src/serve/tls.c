/* tls.c - see tls.h.
 *
 * A certificate that was replaced is kept until the end: a handshake may still use it, and nobody says when the last
 * one is over. That is a few kilobytes a year; reading the same files again keeps nothing.
 */
#include "serve/tls.h"

#include <gnutls/gnutls.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum { CHAIN_MAX = 8 };

/* What one reading of the files gave. */
typedef struct identity {
    rk_mapped cert_file, key_file;
    gnutls_pcert_st chain[CHAIN_MAX];
    unsigned n_chain;
    gnutls_privkey_t key;
    struct identity *before;
} identity;

struct rk_tls {
    const char *cert_path, *key_path;
    _Atomic(identity *) now;
};

/* The one that is asked for certificates. */
static _Atomic(rk_tls *) served;

static void free_identity(identity *id)
{
    for (unsigned i = 0; i < id->n_chain; i++) {
        gnutls_pcert_deinit(&id->chain[i]);
    }
    if (id->key) {
        gnutls_privkey_deinit(id->key);
    }
    rk_mapped_close(&id->cert_file);
    rk_mapped_close(&id->key_file);
    free(id);
}

static gnutls_datum_t datum_of(const rk_mapped *file)
{
    /* The library's type has no const, and it changes nothing. */
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)file->at, (unsigned)file->n_bytes};
}

/* Whether they belong together: the library says so when they are put into credentials. */
static int check_pair(const gnutls_datum_t *cert, const gnutls_datum_t *key)
{
    gnutls_certificate_credentials_t credentials;
    int failure = gnutls_certificate_allocate_credentials(&credentials);
    if (!failure) {
        int n = gnutls_certificate_set_x509_key_mem(credentials, cert, key, GNUTLS_X509_FMT_PEM);
        failure = n < 0 ? n : 0;
        gnutls_certificate_free_credentials(credentials);
    }
    return failure;
}

static rk_status parse(const rk_tls *tls, identity *id, rk_error *err)
{
    gnutls_datum_t cert = datum_of(&id->cert_file), key = datum_of(&id->key_file);
    unsigned n = CHAIN_MAX;
    int failure = gnutls_pcert_list_import_x509_raw(id->chain, &n, &cert, GNUTLS_X509_FMT_PEM, 0);
    if (failure < 0) {
        return rk_fail(err, RK_BAD_INPUT, "%.200s: no chain of certificates as PEM, at most %d: %s", tls->cert_path,
                       (int)CHAIN_MAX, gnutls_strerror(failure));
    }
    id->n_chain = n;
    failure = gnutls_privkey_init(&id->key);
    failure = failure < 0 ? failure : gnutls_privkey_import_x509_raw(id->key, &key, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (failure < 0) {
        return rk_fail(err, RK_BAD_INPUT, "%.200s: no private key as PEM: %s", tls->key_path, gnutls_strerror(failure));
    }
    failure = check_pair(&cert, &key);
    return failure < 0 ? rk_fail(err, RK_BAD_INPUT, "%.200s does not belong to %.200s: %s", tls->key_path,
                                 tls->cert_path, gnutls_strerror(failure))
                       : RK_OK;
}

static bool is_same(const rk_mapped *a, const rk_mapped *b)
{
    return a->n_bytes == b->n_bytes && memcmp(a->at, b->at, a->n_bytes) == 0;
}

rk_status rk_tls_reload(rk_tls *tls, rk_error *err)
{
    identity *id = calloc(1, sizeof *id), *now = atomic_load(&tls->now);
    if (!id) {
        return rk_fail_memory(err, "a certificate");
    }
    rk_status status = rk_mapped_load(tls->cert_path, &id->cert_file, err);
    status = status ? status : rk_mapped_load(tls->key_path, &id->key_file, err);
    bool is_old = !status && now && is_same(&id->cert_file, &now->cert_file) && is_same(&id->key_file, &now->key_file);
    status = status || is_old ? status : parse(tls, id, err);
    if (status || is_old) {
        free_identity(id);
        return status;
    }
    id->before = now;
    atomic_store(&tls->now, id);
    return RK_OK;
}

rk_status rk_tls_open(const char *cert_path, const char *key_path, rk_tls **out, rk_error *err)
{
    rk_tls *tls = calloc(1, sizeof *tls), *nobody = NULL;
    *out = NULL;
    if (!tls) {
        return rk_fail_memory(err, "certificates");
    }
    tls->cert_path = cert_path;
    tls->key_path = key_path;
    rk_status status = rk_tls_reload(tls, err);
    if (!status && !atomic_compare_exchange_strong(&served, &nobody, tls)) {
        status = rk_fail(err, RK_UNSUPPORTED, "one server with TLS at a time in a process");
    }
    if (status) {
        rk_tls_close(tls);
        return status;
    }
    *out = tls;
    return RK_OK;
}

void rk_tls_close(rk_tls *tls)
{
    if (!tls) {
        return;
    }
    rk_tls *mine = tls;
    atomic_compare_exchange_strong(&served, &mine, NULL);
    for (identity *id = atomic_load(&tls->now), *before; id; id = before) {
        before = id->before;
        free_identity(id);
    }
    free(tls);
}

int rk_tls_retrieve(gnutls_session_t session, const gnutls_datum_t *authorities, int n_authorities,
                    const gnutls_pk_algorithm_t *algorithms, int n_algorithms, gnutls_pcert_st **chain,
                    unsigned *n_chain, gnutls_privkey_t *key)
{
    (void)session;
    (void)authorities;
    (void)n_authorities;
    (void)algorithms;
    (void)n_algorithms;
    rk_tls *tls = atomic_load(&served);
    identity *id = tls ? atomic_load(&tls->now) : NULL;
    if (!id) {
        return -1;
    }
    *chain = id->chain;
    *n_chain = id->n_chain;
    *key = id->key;
    return 0;
}
