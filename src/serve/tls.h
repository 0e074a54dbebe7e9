/* tls.h - the certificate that a server shows, and its replacement while it runs. TLS 1.2 and 1.3, by GnuTLS.
 *
 * One at a time in a process: the library asks for the certificate by a function that is handed no context.
 */
#ifndef RECKON_SERVE_TLS_H
#define RECKON_SERVE_TLS_H

#include <gnutls/abstract.h>

#include "base/error.h"

/* What the HTTP library is to offer. */
#define RK_TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

typedef struct rk_tls rk_tls;

/* A chain, the server's own first, and its key, as PEM; both paths are borrowed. RK_BAD_INPUT: they are not, or do not
 * belong together. */
RK_MUST_CHECK rk_status rk_tls_open(const char *cert_path, const char *key_path, rk_tls **out, rk_error *err);
/* Reads both files anew; on failure the old ones stay. Handshakes under way end with what they began with. */
RK_MUST_CHECK rk_status rk_tls_reload(rk_tls *tls, rk_error *err);
void rk_tls_close(rk_tls *tls); /* nobody may be connected; accepts NULL */

/* For MHD_OPTION_HTTPS_CERT_CALLBACK. */
int rk_tls_retrieve(gnutls_session_t session, const gnutls_datum_t *authorities, int n_authorities,
                    const gnutls_pk_algorithm_t *algorithms, int n_algorithms, gnutls_pcert_st **chain,
                    unsigned *n_chain, gnutls_privkey_t *key);

#endif
