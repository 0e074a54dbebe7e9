/* fuzz_synonyms.c - any bytes as a list of synonyms, and as a question that it widens: an error has words; terms come
 * once each, none of them typed, with a weight that is a share of the whole.
 */
#include <stdlib.h>

#include "text/synonyms.h"

static void check(const rk_synonym *out, size_t n, const rk_token *tokens, size_t n_tokens)
{
    for (size_t i = 0; i < n; i++) {
        if (out[i].term.n == 0 || !(out[i].weight > 0) || out[i].weight > rk_synonym_weight) {
            abort();
        }
        for (size_t k = 0; k < i; k++) {
            if (rk_slice_equal(out[i].term, out[k].term)) {
                abort();
            }
        }
        for (size_t k = 0; k < n_tokens; k++) {
            if (rk_slice_equal(out[i].term, tokens[k].term)) {
                abort();
            }
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const rk_analysis analysis = {.stemmer = "english"};
    rk_slice text = {(const char *)data, size};
    rk_synonyms *synonyms = NULL;
    rk_analyser *analyser = NULL;
    const rk_token *tokens;
    rk_synonym out[64];
    size_t n = 0;
    rk_error err = {0};
    if (rk_synonyms_parse(text, "words.txt", &analysis, &synonyms, &err)) {
        if (err.message[0] == '\0') {
            abort();
        }
        return 0;
    }
    if (rk_analyser_new(&analysis, &analyser, &err) || rk_analyse(analyser, text, &tokens, &n, &err)) {
        abort();
    }
    n = n < 500 ? n : 500; /* a question is short */
    check(out, rk_synonyms_widen(synonyms, tokens, n, out, RK_COUNT_OF(out)), tokens, n);
    rk_analyser_free(analyser);
    rk_synonyms_free(synonyms);
    return 0;
}
