/* stage.h - a server over a small random model in a folder of its own. */
#ifndef RECKON_TESTS_SERVE_STAGE_H
#define RECKON_TESTS_SERVE_STAGE_H

#include "serve/serve.h"
#include "unit/serve/raw_client.h"
#include "unit/serve/shop_model.h"

typedef struct {
    char folder[64], data[96], model[96];
    rk_run run;
    rk_server *server;
    uint16_t port;
} stage;

extern const shop_model stage_shop; /* 50 users, 200 items, 2 seen */

/* Seconds that a request may take; 0 = more than a busy machine needs. */
void stage_open(stage *s, unsigned request_s);
/* The same in two steps; of more, what stage.c copies is heeded. */
void stage_prepare(stage *s);
void stage_start(stage *s, const rk_serve_options *more);
void stage_close(stage *s); /* stops the server if the test has not */
/* A folder of files, such as a log of events; one that is not there is let pass. */
void stage_drop_folder(const char *path);
void stage_get(const stage *s, const char *target, raw_answer *out);

#endif
