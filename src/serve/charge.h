/* charge.h - which account of the meter pays for a request: by its route, how it ended, and the variant it was given.
 *
 * Once for each request, in the thread that served it. What is spent on a connection that brings none is charged when
 * it ends, so that neither the next one's answer nor what idles has it.
 */
#ifndef RECKON_SERVE_CHARGE_H
#define RECKON_SERVE_CHARGE_H

#include "serve/server.h"

/* With its cost in the header X-Reckon-Cost: 10^-9 of the currency, six places. */
void rk_charge_answer(rk_server *server, rk_connection *connection, struct MHD_Response *response);
/* A connection that ends; one whose last request was answered owes nothing. */
void rk_charge_end(rk_server *server, rk_connection *connection);

#endif
