/* index_words.h - what an index keeps beside its lists for who types: words (words.h) and phrases (phrases.h). */
#ifndef RECKON_TEXT_INDEX_WORDS_H
#define RECKON_TEXT_INDEX_WORDS_H

#include "text/index.h"
#include "text/phrases.h"

/* The dictionary for the texts of a dataset; *out NULL: none is wanted, needed, or, where none is named, installed. */
RK_MUST_CHECK rk_status rk_index_dictionary(const rk_dataset *dataset, const rk_index_options *options,
                                            rk_segmenter **out, rk_error *err);

/* The list of synonyms of options, read and checked, into an index that is written; nothing for NULL. */
RK_MUST_CHECK rk_status rk_index_add_synonyms(const char *path, const rk_analysis *analysis, rk_artefact_writer *writer,
                                              rk_error *err);

typedef struct rk_index_words rk_index_words;
/* *out NULL when options want an index that is bare. dataset, terms: outlive it. */
RK_MUST_CHECK rk_status rk_index_words_new(const rk_dataset *dataset, const rk_interner *terms,
                                           const rk_index_options *options, rk_index_words **out, rk_error *err);
void rk_index_words_free(rk_index_words *words); /* accepts NULL */

/* NULL keeps and writes nothing. Tokens of a text of an item, when their first tags are set; items ascend. */
RK_MUST_CHECK rk_status rk_index_words_add(rk_index_words *words, uint32_t item, rk_field field, const rk_token *tokens,
                                           size_t n, rk_error *err);
RK_MUST_CHECK rk_status rk_index_words_write(rk_index_words *words, rk_artefact_writer *writer, rk_error *err);

#endif
