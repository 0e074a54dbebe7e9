/* keys.c - see keys.h. The file is YAML that people may read and edit:
 *
 *   reckon: keys/1
 *   keys:
 *   - {id: "5f2c01a7b3d94e10", name: "front page", role: read, created: "2026-11-23T10:15:00Z", rate: 100, burst: 200,
 *      salt: "...", hash: "..."}
 */
#include "serve/keys.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/yaml.h"
#include "serve/rate.h"

static const char token_head[] = "rk_";
enum { HEAD_BYTES = sizeof token_head - 1, RATE_MAX = 1000000 };

const char *rk_access_name(rk_access role)
{
    static const char *const names[] = {"admin", "write", "read", "anyone"};
    return names[role];
}

void rk_keyring_init(rk_keyring *ring) { *ring = (rk_keyring){.keys = {.item_bytes = sizeof(rk_api_key)}}; }

void rk_keyring_release(rk_keyring *ring)
{
    rk_vec_release(&ring->keys);
    rk_arena_release(&ring->arena);
}

static int by_id(const void *a, const void *b)
{
    const rk_api_key *x = a, *y = b;
    return memcmp(x->id, y->id, RK_KEY_ID_DIGITS);
}

static rk_status push(rk_keyring *ring, const rk_api_key *key, rk_error *err)
{
    rk_api_key copy = *key;
    copy.name = rk_arena_copy(&ring->arena, key->name, strlen(key->name));
    if (!copy.name || !rk_vec_push(&ring->keys, &copy)) {
        return rk_fail_memory(err, "keys");
    }
    qsort(ring->keys.data, ring->keys.n, sizeof copy, by_id);
    return RK_OK;
}

/* ---- the file ---- */

typedef struct {
    const char *id, *name, *created, *expires, *salt, *hash;
    int role;
    rk_number rate, burst;
} written_key;

static const rk_key key_keys[] = {
    {"id", RK_KEY_TEXT, offsetof(written_key, id), .required = true, .help = "names the key in its token"},
    {"name", RK_KEY_TEXT, offsetof(written_key, name), .required = true, .help = "whose it is"},
    {"role", RK_KEY_CHOICE, offsetof(written_key, role), .required = true, .choices = RK_ACCESS_CHOICES,
     .help = "what it may do"},
    {"created", RK_KEY_TEXT, offsetof(written_key, created), .required = true, .help = "UTC"},
    {"expires", RK_KEY_TEXT, offsetof(written_key, expires), .help = "UTC; without it never"},
    {"rate", RK_KEY_NUMBER, offsetof(written_key, rate), .certain = true, .max = RATE_MAX,
     .help = "requests a second; 0 or none: as many as it likes"},
    {"burst", RK_KEY_NUMBER, offsetof(written_key, burst), .certain = true, .max = RATE_MAX,
     .help = "requests at once, after a rest"},
    {"salt", RK_KEY_TEXT, offsetof(written_key, salt), .required = true, .help = "random, hexadecimal"},
    {"hash", RK_KEY_TEXT, offsetof(written_key, hash), .required = true, .help = "of salt and secret, hexadecimal"},
};

typedef struct {
    const char *reckon;
    const rk_yaml_node *keys;
} written_file;

static const rk_key file_keys[] = {
    {"reckon", RK_KEY_TEXT, offsetof(written_file, reckon), .required = true, .help = "keys/1"},
    {"keys", RK_KEY_LIST, offsetof(written_file, keys), .help = "one map for each"},
};

static bool parse_times(const written_key *written, rk_api_key *key)
{
    return rk_parse_time(rk_slice_of(written->created), &key->created_s) &&
           (!written->expires || rk_parse_time(rk_slice_of(written->expires), &key->expires_s));
}

static rk_status take_key(const rk_yaml_node *node, const written_key *written, rk_keyring *ring, rk_error *err)
{
    unsigned char id[RK_KEY_ID_DIGITS / 2];
    rk_api_key key = {.name = written->name,
                      .role = (rk_access)written->role,
                      .rate = rk_decimal_real(written->rate.value),
                      .burst = rk_decimal_real(written->burst.value)};
    if (!rk_hex_parse(rk_slice_of(written->id), id, sizeof id)) {
        return rk_fail_at(err, node->at, "id must be %d hexadecimal digits, got '%.40s'", RK_KEY_ID_DIGITS,
                          written->id);
    }
    if (strlen(key.name) > RK_KEY_NAME_BYTES_MAX) {
        return rk_fail_at(err, node->at, "name must have at most %d bytes, got '%.80s'", RK_KEY_NAME_BYTES_MAX,
                          key.name);
    }
    memcpy(key.id, written->id, sizeof key.id);
    if (!parse_times(written, &key)) {
        return rk_fail_at(err, node->at, "created and expires must look like 2026-11-23T10:15:00Z, got '%.30s'%s%.30s",
                          written->created, written->expires ? " and " : "", written->expires ? written->expires : "");
    }
    if (!rk_hex_parse(rk_slice_of(written->salt), key.salt, sizeof key.salt) ||
        !rk_hex_parse(rk_slice_of(written->hash), key.hash, sizeof key.hash)) {
        return rk_fail_at(err, node->at, "salt and hash of key '%s' must be %zu and %zu hexadecimal digits", key.id,
                          2 * sizeof key.salt, 2 * sizeof key.hash);
    }
    if (key.rate > 0 && key.rate < RK_RATE_MIN) {
        return rk_fail_at(err, node->at, "the rate of key '%s' must be 0 or at least 0.001", key.id);
    }
    if (key.rate > 0 && key.burst < 1) {
        return rk_fail_at(err, node->at, "key '%s' has a rate, and needs a burst of at least 1", key.id);
    }
    if (ring->keys.n > 0 && bsearch(&key, ring->keys.data, ring->keys.n, sizeof key, by_id)) {
        return rk_fail_at(err, node->at, "there is another key '%s'", key.id);
    }
    return push(ring, &key, err);
}

static rk_status take_file(const rk_yaml *yaml, rk_keyring *ring, rk_error *err)
{
    written_file file = {0};
    const rk_yaml_node *root = rk_yaml_root(yaml);
    rk_status status = rk_yaml_fill(root, "the keys", file_keys, RK_COUNT_OF(file_keys), &file, err);
    if (!status && strcmp(file.reckon, "keys/1") != 0) {
        status = rk_fail_at(err, root->at, "a file of keys begins with 'reckon: keys/1', got '%.40s'", file.reckon);
    }
    const rk_yaml_node *node = !status && file.keys ? file.keys->first : NULL;
    for (; !status && node; node = node->next) {
        written_key written = {0};
        status = rk_yaml_fill(node, "a key", key_keys, RK_COUNT_OF(key_keys), &written, err);
        status = status ? status : take_key(node, &written, ring, err);
    }
    return status;
}

/* status: of reading the yaml. */
static rk_status take_yaml(rk_status status, rk_yaml *yaml, rk_keyring *ring, rk_error *err)
{
    status = status ? status : take_file(yaml, ring, err);
    rk_yaml_free(yaml);
    if (status) {
        rk_keyring_release(ring);
        rk_keyring_init(ring);
    }
    return status;
}

rk_status rk_keyring_read(const char *path, rk_keyring *ring, rk_error *err)
{
    rk_yaml *yaml = NULL;
    rk_status status = rk_yaml_read(path, &yaml, err);
    return take_yaml(status, yaml, ring, err);
}

rk_status rk_keyring_parse(rk_slice text, const char *name, rk_keyring *ring, rk_error *err)
{
    rk_yaml *yaml = NULL;
    rk_status status = rk_yaml_parse(text, name, &yaml, err);
    return take_yaml(status, yaml, ring, err);
}

static void write_text(rk_text *out, const char *name, const char *value)
{
    rk_text_addf(out, ", %s: ", name);
    rk_text_add_json(out, rk_slice_of(value)); /* whose quotes YAML understands */
}

static void write_key(const rk_api_key *key, rk_text *out)
{
    char time[24], salt[2 * RK_KEY_SALT_BYTES + 1], hash[2 * RK_DIGEST_BYTES + 1];
    rk_text_addf(out, "- {id: \"%s\"", key->id);
    write_text(out, "name", key->name);
    rk_text_addf(out, ", role: %s", rk_access_name(key->role));
    rk_format_time(key->created_s, time);
    write_text(out, "created", time);
    if (key->expires_s) {
        rk_format_time(key->expires_s, time);
        write_text(out, "expires", time);
    }
    if (key->rate > 0) {
        rk_text_add(out, ", rate: ");
        rk_text_add_real(out, key->rate);
        rk_text_add(out, ", burst: ");
        rk_text_add_real(out, key->burst);
    }
    rk_hex_format(key->salt, sizeof key->salt, salt);
    rk_hex_format(key->hash, sizeof key->hash, hash);
    rk_text_addf(out, ",\n   salt: \"%s\", hash: \"%s\"}\n", salt, hash);
}

void rk_keyring_format(const rk_keyring *ring, rk_text *out)
{
    const rk_api_key *keys = ring->keys.data;
    rk_text_add(out, "# Who may ask a reckon server, written by reckon keys. Salted hashes: no key can be read from "
                     "them.\nreckon: keys/1\n");
    rk_text_add(out, ring->keys.n > 0 ? "keys:\n" : "keys: []\n");
    for (size_t i = 0; i < ring->keys.n; i++) {
        write_key(&keys[i], out);
    }
}

rk_status rk_keyring_write(const char *path, const rk_keyring *ring, rk_error *err)
{
    rk_text text = {0};
    rk_keyring_format(ring, &text);
    rk_status status = text.failed ? rk_fail_memory(err, "keys") : rk_file_write_text(path, &text, err);
    rk_text_release(&text);
    return status;
}

/* ---- changes ---- */

rk_status rk_keyring_add(rk_keyring *ring, const rk_api_key *wanted, char token[RK_TOKEN_BYTES], rk_error *err)
{
    unsigned char id[RK_KEY_ID_DIGITS / 2], secret[RK_KEY_SECRET_BYTES];
    rk_api_key key = *wanted;
    rk_status status = rk_secret_random(id, sizeof id, err);
    status = status ? status : rk_secret_random(secret, sizeof secret, err);
    status = status ? status : rk_secret_random(key.salt, sizeof key.salt, err);
    if (status) {
        return status;
    }
    rk_hex_format(id, sizeof id, key.id);
    memcpy(token, token_head, HEAD_BYTES);
    memcpy(token + HEAD_BYTES, key.id, RK_KEY_ID_DIGITS);
    token[HEAD_BYTES + RK_KEY_ID_DIGITS] = '_';
    rk_hex_format(secret, sizeof secret, token + HEAD_BYTES + RK_KEY_ID_DIGITS + 1);
    if (!rk_secret_hash((rk_slice){(const char *)key.salt, sizeof key.salt},
                        (rk_slice){(const char *)secret, sizeof secret}, key.hash)) {
        return rk_fail(err, RK_IO, "the system refuses SHA-256");
    }
    return push(ring, &key, err);
}

rk_status rk_keyring_remove(rk_keyring *ring, const char *which, rk_error *err)
{
    rk_api_key *keys = ring->keys.data;
    size_t n_named = 0, at = 0;
    for (size_t i = 0; i < ring->keys.n; i++) {
        if (strcmp(keys[i].id, which) == 0) {
            n_named = 1;
            at = i;
            break;
        }
        if (strcmp(keys[i].name, which) == 0) {
            n_named++;
            at = i;
        }
    }
    if (n_named == 0) {
        return rk_fail(err, RK_NOT_FOUND, "no key '%.80s'", which);
    }
    if (n_named > 1) {
        return rk_fail(err, RK_BAD_USAGE, "%zu keys are named '%.80s'; remove one by its id", n_named, which);
    }
    memmove(keys + at, keys + at + 1, (ring->keys.n - at - 1) * sizeof *keys);
    ring->keys.n--;
    return RK_OK;
}

/* ---- asking ---- */

/* The parts of a well-formed token. */
static bool split_token(rk_slice token, char id[RK_KEY_ID_DIGITS + 1], unsigned char secret[RK_KEY_SECRET_BYTES])
{
    if (token.n != RK_TOKEN_BYTES - 1 || memcmp(token.at, token_head, HEAD_BYTES) != 0 ||
        token.at[HEAD_BYTES + RK_KEY_ID_DIGITS] != '_') {
        return false;
    }
    memcpy(id, token.at + HEAD_BYTES, RK_KEY_ID_DIGITS);
    id[RK_KEY_ID_DIGITS] = '\0';
    size_t begin = HEAD_BYTES + RK_KEY_ID_DIGITS + 1;
    return rk_hex_parse((rk_slice){token.at + begin, token.n - begin}, secret, RK_KEY_SECRET_BYTES);
}

const rk_api_key *rk_keyring_find(const rk_keyring *ring, rk_slice token, int64_t now_s, const char **fault)
{
    rk_api_key wanted;
    unsigned char secret[RK_KEY_SECRET_BYTES], hash[RK_DIGEST_BYTES];
    *fault = "the key is not one of this server";
    if (!split_token(token, wanted.id, secret)) {
        return NULL;
    }
    /* A key that is not there takes the time of one that is, as a hash that matches nothing. */
    static const rk_api_key nobody;
    const rk_api_key *key =
        ring->keys.n > 0 ? bsearch(&wanted, ring->keys.data, ring->keys.n, sizeof wanted, by_id) : NULL;
    const rk_api_key *held = key ? key : &nobody;
    bool is_right = rk_secret_hash((rk_slice){(const char *)held->salt, sizeof held->salt},
                                   (rk_slice){(const char *)secret, sizeof secret}, hash) &&
                    rk_secret_is_equal(hash, held->hash, sizeof hash);
    if (!key || !is_right) {
        return NULL;
    }
    if (key->expires_s && now_s >= key->expires_s) {
        *fault = "the key has expired";
        return NULL;
    }
    return key;
}
