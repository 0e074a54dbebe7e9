/* cmd_keys.c - reckon keys add, list, remove: the file that says who may ask a server. */
#include <string.h>

#include "base/clock.h"
#include "cli/commands.h"
#include "report/table.h"
#include "serve/keys.h"
#include "serve/rate.h"

typedef struct {
    const char *name, *expires;
    int role;
    double rate, burst;
} add_settings;

static const rk_option add_options[] = {
    {"name", 'n', RK_OPT_TEXT, offsetof(add_settings, name), "NAME", NULL, "whose key it is, as the audit log says"},
    {"role", 'r', RK_OPT_CHOICE, offsetof(add_settings, role), "ROLE", "read",
     "read: questions; write: events, too; admin: all", .choices = RK_ACCESS_CHOICES},
    {"expires", 0, RK_OPT_TEXT, offsetof(add_settings, expires), "DATE", NULL,
     "the first day on which it is no longer taken, UTC (default: never)"},
    {"rate", 0, RK_OPT_REAL, offsetof(add_settings, rate), "N", "0", "requests a second; 0: as many as it likes",
     .max = 1000000},
    {"burst", 0, RK_OPT_REAL, offsetof(add_settings, burst), "N", "0",
     "requests at once, after a rest; 0: as many as in a second", .max = 1000000},
};

static rk_status read_wanted(const add_settings *s, rk_api_key *out, rk_error *err)
{
    int64_t day = 0;
    if (!s->name || !*s->name || strlen(s->name) > RK_KEY_NAME_BYTES_MAX) {
        return rk_fail(err, RK_BAD_USAGE, "keys add needs --name, of 1 to %d bytes", RK_KEY_NAME_BYTES_MAX);
    }
    if (rk_utf8_valid_prefix(rk_slice_of(s->name)) < strlen(s->name)) {
        return rk_fail(err, RK_BAD_USAGE, "--name must be UTF-8");
    }
    if (s->expires && !rk_parse_date(rk_slice_of(s->expires), &day)) {
        return rk_fail(err, RK_BAD_USAGE, "--expires must look like 2027-01-31, got '%.40s'", s->expires);
    }
    if (s->rate > 0 && s->rate < RK_RATE_MIN) {
        return rk_fail(err, RK_BAD_USAGE, "--rate must be 0 or at least 0.001");
    }
    double burst = s->burst > 0 ? s->burst : s->rate;
    *out = (rk_api_key){.name = s->name,
                        .role = (rk_access)s->role,
                        .created_s = rk_clock_unix_s(),
                        .expires_s = s->expires ? day * 86400 : 0,
                        .rate = s->rate,
                        .burst = burst > 1 ? burst : 1};
    return RK_OK;
}

/* A file that is not there has no keys yet. */
static rk_status read_ring(const char *path, bool may_be_new, rk_keyring *ring, rk_error *err)
{
    rk_keyring_init(ring);
    rk_status status = rk_keyring_read(path, ring, err);
    return status == RK_NOT_FOUND && may_be_new ? RK_OK : status;
}

static rk_status run_add(const rk_call *call, rk_error *err)
{
    rk_api_key wanted;
    rk_keyring ring;
    char token[RK_TOKEN_BYTES] = "";
    rk_status status = read_wanted(call->settings, &wanted, err);
    if (status) {
        return status;
    }
    status = read_ring(call->words[0], true, &ring, err);
    status = status ? status : rk_keyring_add(&ring, &wanted, token, err);
    status = status ? status : rk_keyring_write(call->words[0], &ring, err);
    if (!status && call->common.json) {
        rk_json json = {.text = call->out};
        rk_json_object(&json, NULL);
        rk_json_cstring(&json, "key", token);
        rk_json_cstring(&json, "name", wanted.name);
        rk_json_cstring(&json, "role", rk_access_name(wanted.role));
        rk_json_end_object(&json);
        rk_text_add(call->out, "\n");
    } else if (!status) {
        rk_text_addf(call->out, "%s\n", token);
        rk_log(&call->run, RK_LOG_INFO, "this key is shown once: %s keeps a hash of it", call->words[0]);
    }
    rk_keyring_release(&ring);
    return status;
}

/* ---- list ---- */

static void list_json(const rk_keyring *ring, rk_text *out)
{
    const rk_api_key *keys = ring->keys.data;
    rk_json json = {.text = out};
    char time[24];
    rk_json_object(&json, NULL);
    rk_json_array(&json, "keys");
    for (size_t i = 0; i < ring->keys.n; i++) {
        rk_json_object(&json, NULL);
        rk_json_cstring(&json, "id", keys[i].id);
        rk_json_cstring(&json, "name", keys[i].name);
        rk_json_cstring(&json, "role", rk_access_name(keys[i].role));
        rk_format_time(keys[i].created_s, time);
        rk_json_cstring(&json, "created", time);
        if (keys[i].expires_s) {
            rk_format_time(keys[i].expires_s, time);
            rk_json_cstring(&json, "expires", time);
        }
        if (keys[i].rate > 0) {
            rk_json_real(&json, "rate", keys[i].rate);
            rk_json_real(&json, "burst", keys[i].burst);
        }
        rk_json_end_object(&json);
    }
    rk_json_end_array(&json);
    rk_json_end_object(&json);
    rk_text_add(out, "\n");
}

static void add_rate(rk_table *table, const rk_api_key *key)
{
    rk_text cell = {0};
    if (key->rate > 0) {
        rk_text_add_real(&cell, key->rate);
        rk_text_add(&cell, "/s, at once ");
        rk_text_add_real(&cell, key->burst);
    } else {
        rk_text_add(&cell, "any");
    }
    rk_table_take(table, &cell);
    rk_text_release(&cell);
}

static rk_status list_table(const rk_call *call, const rk_keyring *ring, rk_error *err)
{
    static const rk_column columns[] = {{"id"}, {"name"}, {"role"}, {"created"}, {"expires"}, {"rate"}};
    rk_table table = {.columns = columns, .n_columns = RK_COUNT_OF(columns)};
    const rk_api_key *keys = ring->keys.data;
    int64_t now_s = rk_clock_unix_s();
    for (size_t i = 0; i < ring->keys.n; i++) {
        char created[12], expires[12] = "never";
        rk_format_date(keys[i].created_s / 86400, created);
        if (keys[i].expires_s) {
            rk_format_date(keys[i].expires_s / 86400, expires);
        }
        rk_table_add(&table, keys[i].id);
        rk_table_add(&table, keys[i].name);
        rk_table_add(&table, rk_access_name(keys[i].role));
        rk_table_add(&table, created);
        rk_table_addf(&table, "%s%s", expires, keys[i].expires_s && keys[i].expires_s <= now_s ? " (expired)" : "");
        add_rate(&table, &keys[i]);
    }
    rk_table_print(&table, (rk_table_style){.color = call->color}, call->out);
    rk_status status = table.failed ? rk_fail_memory(err, "the list") : RK_OK;
    rk_table_release(&table);
    return status;
}

static rk_status run_list(const rk_call *call, rk_error *err)
{
    rk_keyring ring;
    rk_status status = read_ring(call->words[0], false, &ring, err);
    if (!status && call->common.json) {
        list_json(&ring, call->out);
    } else if (!status) {
        status = list_table(call, &ring, err);
    }
    rk_keyring_release(&ring);
    return status;
}

static rk_status run_remove(const rk_call *call, rk_error *err)
{
    rk_keyring ring;
    rk_status status = read_ring(call->words[0], false, &ring, err);
    for (size_t i = 1; !status && i < call->n_words; i++) {
        status = rk_keyring_remove(&ring, call->words[i], err);
    }
    status = status ? status : rk_keyring_write(call->words[0], &ring, err);
    rk_keyring_release(&ring);
    return status;
}

const rk_command rk_command_keys_add = {
    .name = "keys add",
    .summary = "a new key for reckon serve --keys FILE, printed once",
    .usage = "FILE --name NAME [--role read|write|admin] [--expires DATE] [--rate N]",
    .example = "reckon keys add keys.yaml --name 'front page' --role read --rate 500",
    .options = add_options,
    .n_options = RK_COUNT_OF(add_options),
    .settings_bytes = sizeof(add_settings),
    .min_words = 1,
    .max_words = 1,
    .run = run_add,
};

const rk_command rk_command_keys_list = {
    .name = "keys list",
    .summary = "the keys of a file: whose they are and what they may do",
    .usage = "FILE",
    .example = "reckon keys list keys.yaml",
    .min_words = 1,
    .max_words = 1,
    .run = run_list,
};

const rk_command rk_command_keys_remove = {
    .name = "keys remove",
    .summary = "take keys away, by id or by a name that just one has",
    .usage = "FILE KEY...",
    .example = "reckon keys remove keys.yaml 5f2c01a7b3d94e10",
    .min_words = 2,
    .max_words = SIZE_MAX,
    .run = run_remove,
};
