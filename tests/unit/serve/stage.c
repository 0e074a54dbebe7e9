/* stage.c - see stage.h. */
#include "unit/serve/stage.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/test.h"

const shop_model stage_shop = {.n_users = 50, .n_items = 200, .dim = 8, .n_seen = 5, .seed = 1};

void stage_prepare(stage *s)
{
    *s = (stage){.folder = "/tmp/test_serve_XXXXXX"};
    assert_non_null(mkdtemp(s->folder));
    snprintf(s->data, sizeof s->data, "%s/d.rk", s->folder);
    snprintf(s->model, sizeof s->model, "%s/m.rk", s->folder);
    shop_model_write(&stage_shop, s->data, s->model);
}

void stage_start(stage *s, const rk_serve_options *more)
{
    rk_serve_options options = rk_serve_defaults();
    options.model_path = s->model;
    options.port = 0;
    options.threads = more->threads ? more->threads : 2;
    options.request_s = more->request_s ? more->request_s : 60;
    options.events_path = more->events_path;
    options.search_path = more->search_path;
    options.sources_path = more->sources_path;
    options.guard = more->guard;
    options.tls_cert = more->tls_cert;
    options.tls_key = more->tls_key;
    options.cors = more->cors;
    options.audit_path = more->audit_path;
    options.watches = more->watches;
    options.pseudonyms_path = more->pseudonyms_path;
    options.rates_path = more->rates_path;
    options.scenes_path = more->scenes_path;
    options.experiments_path = more->experiments_path;
    options.exposures_path = more->exposures_path;
    options.json_log = more->json_log;
    options.guard.load.n_in_flight = more->guard.load.n_in_flight ? more->guard.load.n_in_flight : 1000;
    options.connections = more->connections ? more->connections : options.connections;
    options.drain_s = 60;
    rk_error err;
    if (rk_server_start(&options, &s->run, &s->server, &err) != RK_OK) {
        fail_msg("%s", err.message);
    }
    s->port = rk_server_port(s->server);
}

void stage_open(stage *s, unsigned request_s)
{
    stage_prepare(s);
    stage_start(s, &(rk_serve_options){.request_s = request_s});
}

void stage_close(stage *s)
{
    rk_server_stop(s->server);
    unlink(s->data);
    unlink(s->model);
    assert_int_equal(rmdir(s->folder), 0);
}

void stage_drop_folder(const char *path)
{
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        unlinkat(dirfd(dir), entry->d_name, 0);
    }
    if (dir) {
        closedir(dir);
    }
    rmdir(path);
}

void stage_get(const stage *s, const char *target, raw_answer *out)
{
    char request[6000];
    snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: test\r\n\r\n", target);
    raw_ask(s->port, request, out);
}
