/* erased.c - see erased.h. */
#include "store/erased.h"

#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/secret.h"
#include "base/vec.h"

static const char head[] = "reckon erased/1 ";
enum { SALT_BYTES = 32 };

struct rk_erased {
    char path[PATH_MAX];
    pthread_rwlock_t lock;
    unsigned char salt[SALT_BYTES];
    rk_vec list; /* rk_erasure, ascending by who */
};

static int by_who(const void *a, const void *b)
{
    return memcmp(((const rk_erasure *)a)->who, ((const rk_erasure *)b)->who, sizeof((rk_erasure *)0)->who);
}

/* ---- the file ---- */

/* Takes a word of text off its front. */
static rk_slice next_word(rk_slice *rest)
{
    size_t n = 0;
    while (n < rest->n && rest->at[n] != ' ' && rest->at[n] != '\n') {
        n++;
    }
    rk_slice word = {rest->at, n};
    n += n < rest->n;
    *rest = (rk_slice){rest->at + n, rest->n - n};
    return word;
}

static bool parse_entry(rk_slice *rest, rk_erasure *out)
{
    rk_slice who = next_word(rest), before = next_word(rest), time = next_word(rest), state = next_word(rest);
    out->is_done = rk_slice_is(state, "done");
    return rk_hex_parse(who, out->who, sizeof out->who) && rk_parse_u64(before, &out->before) &&
           rk_parse_i64(time, &out->time_s) && (out->is_done || rk_slice_is(state, "asked"));
}

static rk_status parse(rk_erased *erased, rk_slice rest, rk_error *err)
{
    size_t n_head = sizeof head - 1;
    bool is_good = rest.n > n_head && memcmp(rest.at, head, n_head) == 0;
    rest = is_good ? (rk_slice){rest.at + n_head, rest.n - n_head} : rest;
    if (!is_good || !rk_hex_parse(next_word(&rest), erased->salt, sizeof erased->salt)) {
        return rk_fail(err, RK_BAD_INPUT, "%.400s:1: not a list of what was erased", erased->path);
    }
    while (rest.n > 0) {
        rk_erasure entry;
        const rk_erasure *last = erased->list.n > 0 ? (const rk_erasure *)erased->list.data + erased->list.n - 1 : NULL;
        if (!parse_entry(&rest, &entry) || (last && by_who(last, &entry) >= 0)) {
            return rk_fail(err, RK_BAD_INPUT, "%.400s:%zu: damaged list of what was erased", erased->path,
                           erased->list.n + 2);
        }
        if (!rk_vec_push(&erased->list, &entry)) {
            return rk_fail_memory(err, "the list of what was erased");
        }
    }
    return RK_OK;
}

static rk_status write_list(const rk_erased *erased, rk_error *err)
{
    rk_text text = {0};
    char hex[2 * SALT_BYTES + 1];
    const rk_erasure *list = erased->list.data;
    rk_hex_format(erased->salt, sizeof erased->salt, hex);
    rk_text_addf(&text, "%s%s\n", head, hex);
    for (size_t i = 0; i < erased->list.n; i++) {
        rk_hex_format(list[i].who, sizeof list[i].who, hex);
        rk_text_addf(&text, "%s %" PRIu64 " %" PRId64 " %s\n", hex, list[i].before, list[i].time_s,
                     list[i].is_done ? "done" : "asked");
    }
    rk_status status =
        text.failed ? rk_fail_memory(err, "the list of what was erased") : rk_file_write_text(erased->path, &text, err);
    rk_text_release(&text);
    return status;
}

rk_status rk_erased_open(const char *folder, rk_erased **out, rk_error *err)
{
    rk_erased *erased = calloc(1, sizeof *erased);
    rk_mapped file = {0};
    *out = NULL;
    if (!erased) {
        return rk_fail_memory(err, "the list of what was erased");
    }
    erased->list.item_bytes = sizeof(rk_erasure);
    pthread_rwlock_init(&erased->lock, NULL);
    int n = snprintf(erased->path, sizeof erased->path, "%s/erased", folder);
    rk_status status = n > 0 && n < (int)sizeof erased->path ? rk_mapped_load(erased->path, &file, err)
                                                             : rk_fail(err, RK_BAD_INPUT, "the log's path is too long");
    if (!status) {
        status = parse(erased, (rk_slice){(const char *)file.at, file.n_bytes}, err);
    } else if (status == RK_NOT_FOUND) {
        status = rk_secret_random(erased->salt, sizeof erased->salt, err);
    }
    rk_mapped_close(&file);
    if (status) {
        rk_erased_close(erased);
        return status;
    }
    *out = erased;
    return RK_OK;
}

void rk_erased_close(rk_erased *erased)
{
    if (erased) {
        rk_vec_release(&erased->list);
        pthread_rwlock_destroy(&erased->lock);
        free(erased);
    }
}

/* ---- asking ---- */

static bool hash_name(const rk_erased *erased, rk_slice name, rk_erasure *out)
{
    unsigned char digest[RK_DIGEST_BYTES];
    bool is_done = rk_secret_hash((rk_slice){(const char *)erased->salt, sizeof erased->salt}, name, digest);
    memcpy(out->who, digest, sizeof out->who);
    return is_done;
}

bool rk_erased_find(rk_erased *erased, rk_slice name, rk_erasure *out)
{
    rk_erasure key;
    if (rk_erased_count(erased) == 0 || !hash_name(erased, name, &key)) { /* most logs have nobody: no hash then */
        return false;
    }
    pthread_rwlock_rdlock(&erased->lock);
    const rk_erasure *found = bsearch(&key, erased->list.data, erased->list.n, sizeof key, by_who);
    if (found && out) {
        *out = *found;
    }
    pthread_rwlock_unlock(&erased->lock);
    return found != NULL;
}

size_t rk_erased_count(rk_erased *erased)
{
    pthread_rwlock_rdlock(&erased->lock);
    size_t n = erased->list.n;
    pthread_rwlock_unlock(&erased->lock);
    return n;
}

size_t rk_erased_n_asked(rk_erased *erased)
{
    size_t n = 0;
    pthread_rwlock_rdlock(&erased->lock);
    for (size_t i = 0; i < erased->list.n; i++) {
        n += !((const rk_erasure *)erased->list.data)[i].is_done;
    }
    pthread_rwlock_unlock(&erased->lock);
    return n;
}

/* ---- changing ---- */

static rk_status put(rk_erased *erased, const rk_erasure *entry, rk_error *err)
{
    rk_erasure *found =
        erased->list.n > 0 ? bsearch(entry, erased->list.data, erased->list.n, sizeof *entry, by_who) : NULL;
    if (found) {
        *found = *entry;
        return RK_OK;
    }
    if (!rk_vec_push(&erased->list, entry)) {
        return rk_fail_memory(err, "the list of what was erased");
    }
    qsort(erased->list.data, erased->list.n, sizeof *entry, by_who);
    return RK_OK;
}

/* What is in memory holds even where the disk refused: better barred without a note than the reverse. */
rk_status rk_erased_add(rk_erased *erased, rk_slice name, uint64_t before, int64_t time_s, rk_error *err)
{
    rk_erasure entry = {.before = before, .time_s = time_s};
    if (!hash_name(erased, name, &entry)) {
        return rk_fail(err, RK_IO, "the system refuses SHA-256");
    }
    pthread_rwlock_wrlock(&erased->lock);
    rk_status status = put(erased, &entry, err);
    pthread_rwlock_unlock(&erased->lock);
    return status ? status : write_list(erased, err);
}

/* Of the name, n 0: of all. */
static void mark(rk_erased *erased, rk_slice name, const rk_erasure *key, bool is_done)
{
    rk_erasure *list = erased->list.data;
    pthread_rwlock_wrlock(&erased->lock);
    for (size_t i = 0; i < erased->list.n; i++) {
        if (name.n == 0 || by_who(&list[i], key) == 0) {
            list[i].is_done = is_done;
        }
    }
    pthread_rwlock_unlock(&erased->lock);
}

rk_status rk_erased_finish(rk_erased *erased, rk_slice name, rk_error *err)
{
    rk_erasure key = {0};
    if (name.n > 0 && !hash_name(erased, name, &key)) {
        return rk_fail(err, RK_IO, "the system refuses SHA-256");
    }
    mark(erased, name, &key, true);
    rk_status status = write_list(erased, err);
    if (status && name.n > 0) { /* what the disk does not say is not done: it is done again */
        mark(erased, name, &key, false);
    }
    return status;
}
