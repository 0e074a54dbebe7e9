/* synonyms.h - words that mean the same, as a shop writes them down:
 *
 *   # screens
 *   tv, television, telly        each of them finds the others
 *   hard drive, hdd              phrases, too
 *   smartphone => phone, mobile  who asks for the left is shown the right, not the other way round
 *
 * What a line says is analysed as texts and questions are, so case, accents and plurals do not matter. A question is
 * widened by the others of each phrase that stands in it; they count less than what was typed, and items that have them
 * are never required to.
 *
 * Threads: read only.
 */
#ifndef RECKON_TEXT_SYNONYMS_H
#define RECKON_TEXT_SYNONYMS_H

#include "text/analyse.h"

enum { RK_SYNONYMS_BYTES_MAX = 4 << 20, RK_SYNONYM_WORDS_MAX = 8, RK_SYNONYM_SIDES_MAX = 64 };
extern const double rk_synonym_weight; /* of one, where a typed word has 1; the words of a phrase share it */

typedef struct rk_synonyms rk_synonyms;
/* name: for messages, which have the line. */
RK_MUST_CHECK rk_status rk_synonyms_parse(rk_slice text, const char *name, const rk_analysis *analysis,
                                          rk_synonyms **out, rk_error *err);
void rk_synonyms_free(rk_synonyms *synonyms); /* accepts NULL */

typedef struct {
    rk_slice term; /* borrowed from the synonyms */
    double weight;
} rk_synonym;

/* Terms that widen a question of these tokens, each once with its largest weight, none that is a token already; in an
 * order that depends on the question alone. At most n_max into out; returns how many. synonyms NULL: none. */
size_t rk_synonyms_widen(const rk_synonyms *synonyms, const rk_token *tokens, size_t n_tokens, rk_synonym *out,
                         size_t n_max);

#endif
