/* cmd_serve.c - reckon serve: a model as an HTTP service, until SIGTERM. */
#include "cli/commands.h"
#include "serve/config.h"
#include "serve/serve.h"

typedef struct {
    const char *model, *data, *search, *rank, *events, *sources, *scenes, *experiments, *exposures, *address,
        *port_file, *keys;
    const char *tls_cert, *tls_key, *audit, *pseudonyms;
    rk_vec cors, trusted_proxies;
    double client_rate, client_burst;
    bool open_metrics;
    const char *index, *rates, *service, *variant, *golden;
    double quality_drop, log_sample;
    bool watches, quick_start;
    int log;
    uint64_t recent_max, items_max, cache_bytes, port, connections, drain_s, request_s, idle_s, slo_ms, in_flight;
} serve_settings;

static const rk_option options[] = {
    {"model", 'm', RK_OPT_TEXT, offsetof(serve_settings, model), "M.rk", NULL, "the model that answers"},
    {"search", 's', RK_OPT_TEXT, offsetof(serve_settings, search), "S.rk|LIVE", NULL,
     "index that searches are answered from; a live one takes products, too"},
    {"rank", 0, RK_OPT_TEXT, offsetof(serve_settings, rank), "R.rk", NULL,
     "weights of the second look at what was found, from judge --learn"},
    {"data", 'd', RK_OPT_TEXT, offsetof(serve_settings, data), "D.rk", NULL,
     "dataset that says what is popular (default: what the model has seen)"},
    {"scenes", 0, RK_OPT_TEXT, offsetof(serve_settings, scenes), "S.yaml", NULL,
     "what is shown where: candidates, filters, rules (docs/scenes.md)"},
    {"experiments", 0, RK_OPT_TEXT, offsetof(serve_settings, experiments), "E.yaml", NULL,
     "which users see which variant of a scene (docs/experiments.md)"},
    {"exposures", 0, RK_OPT_TEXT, offsetof(serve_settings, exposures), "DIR", NULL,
     "log what was shown to whom there (default: exposures in the folder of events)"},
    {"events", 'e', RK_OPT_TEXT, offsetof(serve_settings, events), "DIR", NULL,
     "take events, kept in a log there; the next answer knows of them"},
    {"sources", 0, RK_OPT_TEXT, offsetof(serve_settings, sources), "FILE.yaml", NULL,
     "fetch events from these topics of Kafka and tables of PostgreSQL"},
    {"recent-max", 0, RK_OPT_COUNT, offsetof(serve_settings, recent_max), "N", "1000000",
     "users, and items, whose events are kept in memory", .min = 1, .max = 1000000000},
    {"items-max", 0, RK_OPT_COUNT, offsetof(serve_settings, items_max), "N", "10000000",
     "products of a live index; a new one more is refused", .min = 1, .max = 1000000000},
    {"cache-bytes", 0, RK_OPT_COUNT, offsetof(serve_settings, cache_bytes), "N", "67108864",
     "memory for answers to give again while nothing has changed; 0: none", .max = RK_CACHE_BYTES_MAX},
    {"index", 'i', RK_OPT_TEXT, offsetof(serve_settings, index), "I.rk", NULL,
     "index of the model's vectors, from reckon index: candidates without scoring all items"},
    {"rates", 0, RK_OPT_TEXT, offsetof(serve_settings, rates), "CARD.json", NULL,
     "rate card of reckon cost rates: every answer says what it cost"},
    {"service", 0, RK_OPT_TEXT, offsetof(serve_settings, service), "NAME", NULL,
     "whose rates of the card (default: its first)"},
    {"variant", 0, RK_OPT_TEXT, offsetof(serve_settings, variant), "NAME", NULL,
     "of that service (default: its first)"},
    {"log", 0, RK_OPT_CHOICE, offsetof(serve_settings, log), "FORM", "text", "what is said on standard error",
     .choices = "text|json"},
    {"log-sample", 0, RK_OPT_REAL, offsetof(serve_settings, log_sample), "SHARE", "0.01",
     "with --log json, of the requests, beside those that failed or were slow", .min = 0, .max = 1},
    {"quick-start", 0, RK_OPT_FLAG, offsetof(serve_settings, quick_start), NULL, NULL,
     "answer before every byte of the model has been read; that is done at once, behind it"},
    {"watch", 0, RK_OPT_FLAG, offsetof(serve_settings, watches), NULL, NULL, "reload when a file is replaced"},
    {"golden", 0, RK_OPT_TEXT, offsetof(serve_settings, golden), "Q.yaml", NULL,
     "questions whose answers a model must hold before it answers shoppers"},
    {"quality-drop", 0, RK_OPT_REAL, offsetof(serve_settings, quality_drop), "SHARE", "0.2",
     "of the latest events the old model foretells a new one may miss so many", .min = 0, .max = 1},
    {"port", 'p', RK_OPT_COUNT, offsetof(serve_settings, port), "N", "8080", "0 picks a free one", .max = 65535},
    {"address", 'a', RK_OPT_TEXT, offsetof(serve_settings, address), "IP", "127.0.0.1",
     "address to listen on, IPv4 or IPv6; 0.0.0.0 is every one"},
    {"port-file", 0, RK_OPT_TEXT, offsetof(serve_settings, port_file), "FILE", NULL,
     "write the port there once the server listens", .is_output = true},
    {"keys", 'k', RK_OPT_TEXT, offsetof(serve_settings, keys), "FILE", NULL,
     "file of reckon keys: who has none is refused"},
    {"open-metrics", 0, RK_OPT_FLAG, offsetof(serve_settings, open_metrics), .help = "/metrics takes no key"},
    {"client-rate", 0, RK_OPT_REAL, offsetof(serve_settings, client_rate), "N", "0",
     "requests a second of one address, where no key is asked for; 0: no limit", .max = 1000000},
    {"client-burst", 0, RK_OPT_REAL, offsetof(serve_settings, client_burst), "N", "20",
     "requests at once of one address", .min = 1, .max = 1000000},
    {"trusted-proxies", 0, RK_OPT_LIST, offsetof(serve_settings, trusted_proxies), "CIDR", NULL,
     "of a request from 10.0.0.0/8 the client is whom X-Forwarded-For names; may be given again"},
    {"tls-cert", 0, RK_OPT_TEXT, offsetof(serve_settings, tls_cert), "FILE", NULL,
     "certificate chain, PEM: answer over TLS alone"},
    {"tls-key", 0, RK_OPT_TEXT, offsetof(serve_settings, tls_key), "FILE", NULL, "its key, PEM"},
    {"cors", 0, RK_OPT_LIST, offsetof(serve_settings, cors), "ORIGIN", NULL,
     "let the pages of https://shop.example ask; may be given again"},
    {"pseudonyms", 0, RK_OPT_TEXT, offsetof(serve_settings, pseudonyms), "KEYFILE", NULL,
     "replace users' names by keyed hashes before anything is logged or looked up"},
    {"audit", 0, RK_OPT_TEXT, offsetof(serve_settings, audit), "FILE", NULL,
     "write down there who changed what; events in FILE.writes"},
    {"slo-ms", 0, RK_OPT_COUNT, offsetof(serve_settings, slo_ms), "MS", "1000",
     "an answer leaves within it: what has waited half of it is refused; 0: none", .max = 600000},
    {"in-flight", 0, RK_OPT_COUNT, offsetof(serve_settings, in_flight), "N", "1000",
     "requests let in and not yet answered; more are refused", .min = 1, .max = 1000000},
    {"connections", 0, RK_OPT_COUNT, offsetof(serve_settings, connections), "N", "1000",
     "open at once; more wait to be accepted", .min = 1, .max = 1000000},
    {"drain", 0, RK_OPT_COUNT, offsetof(serve_settings, drain_s), "S", "10",
     "seconds that SIGTERM leaves to requests that have begun", .max = 3600},
    {"request-time", 0, RK_OPT_COUNT, offsetof(serve_settings, request_s), "S", "10",
     "seconds from a request's first line to the end of its answer", .min = 1, .max = 3600},
    {"idle-time", 0, RK_OPT_COUNT, offsetof(serve_settings, idle_s), "S", "75",
     "seconds that a connection may rest between two requests", .min = 1, .max = 86400},
};

static rk_serve_options options_of(const serve_settings *settings)
{
    return (rk_serve_options){
        .model_path = settings->model,
        .data_path = settings->data,
        .search_path = settings->search,
        .scenes_path = settings->scenes,
        .experiments_path = settings->experiments,
        .exposures_path = settings->exposures,
        .ranker_path = settings->rank,
        .events_path = settings->events,
        .sources_path = settings->sources,
        .rates_path = settings->rates,
        .index_path = settings->index,
        .checks = {settings->golden, settings->quality_drop},
        .watches = settings->watches,
        .starts_quickly = settings->quick_start,
        .logs_json = settings->log == 1,
        .log_sample = settings->log_sample,
        .service = settings->service,
        .variant = settings->variant,
        .recent_max = (uint32_t)settings->recent_max,
        .items_max = (uint32_t)settings->items_max,
        .cache_bytes = (size_t)settings->cache_bytes,
        .address = settings->address,
        .port = (uint16_t)settings->port,
        .connections = (unsigned)settings->connections,
        .drain_s = (unsigned)settings->drain_s,
        .request_s = (unsigned)settings->request_s,
        .idle_s = (unsigned)settings->idle_s,
        .tls_cert = settings->tls_cert,
        .tls_key = settings->tls_key,
        .cors = {settings->cors.data, settings->cors.n},
        .pseudonyms_path = settings->pseudonyms,
        .audit_path = settings->audit,
        .guard = {.keys_path = settings->keys,
                  .client_rate = settings->client_rate,
                  .client_burst = settings->client_burst,
                  .proxies = settings->trusted_proxies.data,
                  .n_proxies = settings->trusted_proxies.n,
                  .has_open_metrics = settings->open_metrics,
                  .load = {(unsigned)settings->slo_ms, (unsigned)settings->in_flight}},
    };
}

/* The first option that is not as it is when nobody says it, and belongs into the file; NULL: none. */
static const char *beside_file(const serve_settings *settings)
{
    serve_settings plain, said = *settings;
    const char *name = NULL;
    rk_options_defaults((rk_option_table){options, RK_COUNT_OF(options), &plain});
    for (size_t i = 0; i < RK_COUNT_OF(options) && !name; i++) {
        rk_text texts[2] = {0};
        void *both[] = {&plain, &said};
        for (size_t t = 0; t < 2; t++) {
            rk_json json = {.text = &texts[t]};
            rk_options_json((rk_option_table){&options[i], 1, both[t]}, &json, NULL);
        }
        bool is_said = !rk_slice_equal((rk_slice){texts[0].at, texts[0].n}, (rk_slice){texts[1].at, texts[1].n});
        name = is_said && !options[i].is_output ? options[i].name : NULL;
        rk_text_release(&texts[0]);
        rk_text_release(&texts[1]);
    }
    return name;
}

static rk_status run(const rk_call *call, rk_error *err)
{
    const serve_settings *settings = call->settings;
    const char *beside = call->n_words > 0 ? beside_file(settings) : NULL;
    rk_serve_options serve = options_of(settings);
    rk_arena arena = {0};
    rk_status status = RK_OK;
    if (call->n_words > 0 && (settings->model || settings->search)) {
        status = rk_fail(err, RK_BAD_USAGE, "serve takes a configuration file, or --model and --search, not both");
    } else if (beside) {
        status =
            rk_fail(err, RK_BAD_USAGE, "--%s belongs into the configuration file '%.200s'", beside, call->words[0]);
    } else if (call->n_words > 0) {
        status = rk_serve_config_read(call->words[0], &arena, &serve, err);
    } else if (!settings->model && !settings->search) {
        status = rk_fail(err, RK_BAD_USAGE, "serve needs --model M.rk, --search S.rk or a configuration file");
    }
    if (status == RK_OK) {
        serve.port_file = settings->port_file ? settings->port_file : serve.port_file;
        serve.threads = call->common.threads ? (unsigned)call->common.threads : serve.threads;
        status = rk_serve(&serve, &call->run, err);
    }
    rk_arena_release(&arena);
    return status;
}

const rk_command rk_command_serve = {
    .name = "serve",
    .summary = "answer over HTTP with a model, an index for search or both, until SIGTERM",
    .usage = "CONFIG.yaml | --model M.rk [--data D.rk] [--search S.rk] [--events DIR] [--port 8080]",
    .example = "reckon serve --model als.rk --port 8080",
    .options = options,
    .n_options = RK_COUNT_OF(options),
    .settings_bytes = sizeof(serve_settings),
    .max_words = 1,
    .run = run,
};
