/* journal.c - steps.json: {"reckon":"steps/1","steps":{"train":{"stamp":"<hex>","seconds":8.2,
 * "outputs":{"als.rk":"<hex>"}}}}.
 *
 * Stamps go by content, never by time of change: a folder may be copied, and a file rewritten with the same bytes is
 * the same file. The whole of every output is read: that costs a second for ten gigabytes, and finds the artefact that
 * a full disk or a curious hand has spoilt.
 */
#include "study/journal.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/map.h"
#include "store/artefact.h"

enum { PATH_BYTES_MAX = 4096, HASH_TEXT_BYTES = 17 };

struct rk_journal {
    char path[PATH_BYTES_MAX];
    json_t *root; /* owned */
};

static json_t *steps_of(const rk_journal *journal) { return json_object_get(journal->root, "steps"); }

static rk_status read_root(const rk_mapped *file, rk_journal *journal, rk_error *err)
{
    json_error_t at;
    journal->root = json_loadb((const char *)file->at, file->n_bytes, JSON_REJECT_DUPLICATES, &at);
    const char *mark = json_string_value(json_object_get(journal->root, "reckon"));
    if (!mark || strcmp(mark, "steps/1") != 0 || !json_is_object(steps_of(journal)))
        return rk_fail(err, RK_BAD_INPUT, "%s is not a journal of steps; remove it to start anew", journal->path);
    return RK_OK;
}

rk_status rk_journal_open(const char *folder, rk_journal **out, rk_error *err)
{
    rk_journal *journal = calloc(1, sizeof *journal);
    if (!journal)
        return rk_fail_memory(err, "a journal");
    if (snprintf(journal->path, sizeof journal->path, "%s/steps.json", folder) >= PATH_BYTES_MAX) {
        rk_journal_close(journal);
        return rk_fail(err, RK_BAD_USAGE, "the path '%.60s...' is too long", folder);
    }
    rk_mapped file = {0};
    rk_error missing;
    rk_status status = rk_mapped_open(journal->path, &file, &missing);
    if (status == RK_NOT_FOUND) {
        journal->root = json_pack("{s:s, s:{}}", "reckon", "steps/1", "steps");
        status = journal->root ? RK_OK : rk_fail_memory(err, "a journal");
    } else if (status) {
        status = rk_fail(err, status, "%s", missing.message);
    } else {
        status = read_root(&file, journal, err);
        rk_mapped_close(&file);
    }
    if (status) {
        rk_journal_close(journal);
        return status;
    }
    *out = journal;
    return RK_OK;
}

void rk_journal_close(rk_journal *journal)
{
    if (!journal)
        return;
    json_decref(journal->root);
    free(journal);
}

/* ---- hashes ---- */

static void hash_text(uint64_t hash, char *out) { snprintf(out, HASH_TEXT_BYTES, "%016" PRIx64, hash); }

static rk_status bytes_hash(const char *path, uint64_t *out, rk_error *err)
{
    rk_mapped file;
    rk_status status = rk_mapped_open(path, &file, err);
    if (status)
        return status;
    *out = rk_hash((rk_slice){(const char *)file.at, file.n_bytes}, 0);
    rk_mapped_close(&file);
    return RK_OK;
}

/* Of an artefact its content hash, of anything else its bytes. */
static rk_status content_hash(const char *path, uint64_t *out, rk_error *err)
{
    const char *dot = strrchr(path, '.');
    if (!dot || strcmp(dot, ".rk") != 0)
        return bytes_hash(path, out, err);
    rk_artefact *artefact;
    rk_status status = rk_artefact_open(path, NULL, &artefact, err);
    if (status)
        return status;
    *out = rk_artefact_hash(artefact);
    rk_artefact_close(artefact);
    return RK_OK;
}

static rk_status stamp_of(const rk_step *step, char *out, rk_error *err)
{
    rk_text text = {0};
    rk_status status = RK_OK;
    rk_text_addf(&text, "reckon %s\n%s\n%s\n", RECKON_VERSION, step->name, step->options);
    for (size_t i = 0; step->inputs[i] && !status; i++) {
        uint64_t hash = 0;
        status = content_hash(step->inputs[i], &hash, err);
        rk_text_addf(&text, "%016" PRIx64 "\n", hash);
    }
    if (!status && text.failed)
        status = rk_fail_memory(err, "a stamp");
    if (!status)
        hash_text(rk_hash((rk_slice){text.at, text.n}, 0), out);
    rk_text_release(&text);
    return status;
}

static const char *name_in_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool is_output_whole(const json_t *outputs, const char *path)
{
    char now[HASH_TEXT_BYTES];
    uint64_t hash;
    const char *then = json_string_value(json_object_get(outputs, name_in_folder(path)));
    if (!then || bytes_hash(path, &hash, NULL))
        return false;
    hash_text(hash, now);
    return strcmp(now, then) == 0;
}

/* ---- steps ---- */

rk_status rk_journal_check(const rk_journal *journal, const rk_step *step, bool *is_done, double *seconds,
                           rk_error *err)
{
    char stamp[HASH_TEXT_BYTES];
    rk_status status = stamp_of(step, stamp, err);
    if (status)
        return status;
    const json_t *row = json_object_get(steps_of(journal), step->name);
    const char *then = json_string_value(json_object_get(row, "stamp"));
    *is_done = then && strcmp(then, stamp) == 0;
    for (size_t i = 0; step->outputs[i] && *is_done; i++)
        *is_done = is_output_whole(json_object_get(row, "outputs"), step->outputs[i]);
    *seconds = json_number_value(json_object_get(row, "seconds"));
    return RK_OK;
}

double rk_journal_seconds(const rk_journal *journal, const char *name)
{
    return json_number_value(json_object_get(json_object_get(steps_of(journal), name), "seconds"));
}

static rk_status write_root(const rk_journal *journal, rk_error *err)
{
    rk_text text = {0};
    char *words = json_dumps(journal->root, JSON_INDENT(1) | JSON_SORT_KEYS);
    rk_text_add(&text, words ? words : "");
    rk_text_add(&text, "\n");
    rk_status status =
        words && !text.failed ? rk_file_write_text(journal->path, &text, err) : rk_fail_memory(err, "a journal");
    free(words);
    rk_text_release(&text);
    return status;
}

rk_status rk_journal_add(rk_journal *journal, const rk_step *step, double seconds, rk_error *err)
{
    char stamp[HASH_TEXT_BYTES], text[HASH_TEXT_BYTES];
    rk_status status = stamp_of(step, stamp, err);
    json_t *outputs = json_object();
    for (size_t i = 0; step->outputs[i] && !status; i++) {
        uint64_t hash = 0;
        status = bytes_hash(step->outputs[i], &hash, err);
        hash_text(hash, text);
        if (!status && json_object_set_new(outputs, name_in_folder(step->outputs[i]), json_string(text)))
            status = rk_fail_memory(err, "a journal");
    }
    if (status) {
        json_decref(outputs);
        return status;
    }
    json_t *row = json_pack("{s:s, s:f, s:o}", "stamp", stamp, "seconds", seconds, "outputs", outputs);
    if (!row || json_object_set_new(steps_of(journal), step->name, row))
        return rk_fail_memory(err, "a journal");
    return write_root(journal, err);
}
