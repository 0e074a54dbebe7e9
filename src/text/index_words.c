/* index_words.c - see index_words.h. */
#include "text/index_words.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "text/letters.h"

/* ---- the dictionary ---- */

static bool has_han(const rk_names *names)
{
    const char *at = names->bytes, *end = names->n ? at + names->start[names->n] : at;
    for (; at < end; at++) {
        uint64_t eight;
        for (; end - at >= 8; at += 8) { /* most texts are ASCII */
            memcpy(&eight, at, sizeof eight);
            if (eight & UINT64_C(0x8080808080808080)) {
                break;
            }
        }
        if (at < end && rk_starts_han((rk_slice){at, (size_t)(end - at)})) {
            return true;
        }
    }
    return false;
}

rk_status rk_index_dictionary(const rk_dataset *d, const rk_index_options *options, rk_segmenter **out, rk_error *err)
{
    const char *path = options->dictionary;
    *out = NULL;
    if (options->analysis.segmenter || (path && strcmp(path, "none") == 0) ||
        !(has_han(&d->title) || has_han(&d->text) || has_han(&d->brand) || has_han(&d->category) ||
          has_han(&d->values))) {
        return RK_OK;
    }
    rk_status status = rk_segmenter_read(path ? path : rk_dictionary_path, out, err);
    return !path && status == RK_NOT_FOUND ? RK_OK : status;
}

/* ---- synonyms ---- */

rk_status rk_index_add_synonyms(const char *path, const rk_analysis *analysis, rk_artefact_writer *writer,
                                rk_error *err)
{
    rk_mapped file;
    rk_synonyms *checked = NULL;
    rk_status status = path ? rk_mapped_open(path, &file, err) : RK_OK;
    if (status || !path) {
        return status;
    }
    status = rk_synonyms_parse((rk_slice){(const char *)file.at, file.n_bytes}, path, analysis, &checked, err);
    status = status ? status : rk_artefact_add(writer, "synonyms", RK_U8, file.n_bytes, 1, file.at, err);
    rk_synonyms_free(checked);
    rk_mapped_close(&file);
    return status;
}

/* ---- words and phrases ---- */

struct rk_index_words {
    rk_words_builder *words;
    rk_phrases_builder *phrases;
    const char *queries;
};

rk_status rk_index_words_new(const rk_dataset *dataset, const rk_interner *terms, const rk_index_options *options,
                             rk_index_words **out, rk_error *err)
{
    *out = NULL;
    if (options->is_bare) {
        return RK_OK;
    }
    rk_index_words *w = calloc(1, sizeof *w);
    if (!w) {
        return rk_fail_memory(err, "the words of an index");
    }
    *w = (rk_index_words){.words = rk_words_builder_new(dataset, options->least_items), .queries = options->queries};
    rk_status status = w->words ? rk_phrases_builder_new(dataset, terms, &w->phrases, err)
                                : rk_fail_memory(err, "the words of an index");
    if (status) {
        rk_index_words_free(w);
        return status;
    }
    *out = w;
    return RK_OK;
}

void rk_index_words_free(rk_index_words *w)
{
    if (w) {
        rk_words_builder_free(w->words);
        rk_phrases_builder_free(w->phrases);
        free(w);
    }
}

rk_status rk_index_words_add(rk_index_words *w, uint32_t item, rk_field field, const rk_token *tokens, size_t n,
                             rk_error *err)
{
    rk_status status = w ? rk_words_builder_add(w->words, item, tokens, n, err) : RK_OK;
    return status || !w || field != RK_FIELD_TITLE ? status : rk_phrases_builder_add(w->phrases, item, tokens, n, err);
}

rk_status rk_index_words_write(rk_index_words *w, rk_artefact_writer *writer, rk_error *err)
{
    rk_status status = w ? rk_words_builder_write(w->words, writer, err) : RK_OK;
    return status || !w ? status : rk_phrases_builder_write(w->phrases, w->words, w->queries, writer, err);
}
