/* wares_tongue.c - the dictionary of Chinese words and the list of synonyms that a live index keeps beside its
 * segments, as they were when it was made: dictionary.txt and synonyms.txt.
 *
 * Products are cut by the dictionary, questions by those of its words that products have, as in one index (segment.h);
 * words of products that are gone stay known until the index is opened again without them.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "text/index_words.h"
#include "text/wares_parts.h"

static const char dictionary_name[] = "dictionary.txt", synonyms_name[] = "synonyms.txt";

/* ---- keeping ---- */

static rk_status copy(const char *from, const char *folder, const char *name, rk_error *err)
{
    char path[RK_WARES_PATH_BYTES];
    rk_mapped file;
    rk_text text = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    rk_status status = rk_mapped_open(from, &file, err);
    if (status) {
        return status;
    }
    rk_text_add_slice(&text, (rk_slice){(const char *)file.at, file.n_bytes});
    status = text.failed ? rk_fail_memory(err, "a list of words") : rk_file_write_text(path, &text, err);
    rk_text_release(&text);
    rk_mapped_close(&file);
    return status;
}

static rk_status keep_synonyms(const char *folder, const rk_index_options *options, rk_error *err)
{
    rk_mapped file;
    rk_synonyms *checked = NULL;
    if (!options->synonyms) {
        return RK_OK;
    }
    rk_status status = rk_mapped_open(options->synonyms, &file, err);
    if (!status) {
        status = rk_synonyms_parse((rk_slice){(const char *)file.at, file.n_bytes}, options->synonyms,
                                   &options->analysis, &checked, err);
        rk_synonyms_free(checked);
        rk_mapped_close(&file);
    }
    return status ? status : copy(options->synonyms, folder, synonyms_name, err);
}

rk_status rk_wares_tongue_keep(const char *folder, const rk_index_options *options, const rk_dataset *items,
                               rk_segmenter **dictionary, rk_error *err)
{
    const char *path = options->dictionary ? options->dictionary : rk_dictionary_path;
    bool is_named = options->dictionary && strcmp(options->dictionary, "none") != 0;
    *dictionary = NULL;
    rk_status status = keep_synonyms(folder, options, err);
    if (status) {
        return status;
    }
    status = is_named ? rk_segmenter_read(path, dictionary, err)
             : items  ? rk_index_dictionary(items, options, dictionary, err)
                      : RK_OK;
    status = status || !*dictionary ? status : copy(path, folder, dictionary_name, err);
    if (status) {
        rk_segmenter_free(*dictionary);
        *dictionary = NULL;
    }
    return status;
}

/* ---- opening ---- */

static rk_status open_synonyms(rk_wares *live, const char *path, rk_error *err)
{
    rk_mapped file;
    rk_status status = rk_mapped_open(path, &file, err);
    if (!status) {
        status = rk_synonyms_parse((rk_slice){(const char *)file.at, file.n_bytes}, path, &live->options.index.analysis,
                                   &live->synonyms, err);
        rk_mapped_close(&file);
    }
    return status;
}

rk_status rk_wares_tongue_open(rk_wares *live, rk_error *err)
{
    char dictionary[RK_WARES_PATH_BYTES], synonyms[RK_WARES_PATH_BYTES];
    rk_wares_tongue_close(live);
    snprintf(dictionary, sizeof dictionary, "%s/%s", live->folder, dictionary_name);
    snprintf(synonyms, sizeof synonyms, "%s/%s", live->folder, synonyms_name);
    rk_status status = access(dictionary, F_OK) == 0 ? rk_segmenter_read(dictionary, &live->dictionary, err) : RK_OK;
    if (!status && live->dictionary) {
        status = rk_segmenter_narrow(live->dictionary, &live->tongue.met, err);
    }
    if (!status && access(synonyms, F_OK) == 0) {
        status = open_synonyms(live, synonyms, err);
    }
    live->tongue.analysis = live->options.index.analysis;
    live->tongue.analysis.segmenter = live->tongue.met;
    live->tongue.synonyms = live->synonyms;
    live->options.index.analysis.segmenter = live->dictionary;
    return status;
}

void rk_wares_tongue_close(rk_wares *live)
{
    rk_segmenter_free(live->tongue.met);
    rk_segmenter_free(live->dictionary);
    rk_synonyms_free(live->synonyms);
    live->dictionary = live->tongue.met = NULL;
    live->synonyms = NULL;
}
