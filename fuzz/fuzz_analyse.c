/* fuzz_analyse.c - texts that mean harm: tokens stay inside the text, in order, and the second reading is the first. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "text/analyse.h"

static void write_down(rk_analyser *analyser, rk_slice text, rk_text *out)
{
    const rk_token *tokens;
    size_t n;
    rk_error err;
    uint32_t position = 0;
    if (rk_analyse(analyser, text, &tokens, &n, &err)) {
        abort();
    }
    for (size_t i = 0; i < n; i++) {
        const rk_token *t = &tokens[i];
        if (t->term.n == 0 || t->begin >= t->end || t->end > text.n || t->position < position ||
            rk_utf8_valid_prefix(t->term) != t->term.n) {
            abort();
        }
        position = t->position;
        rk_text_addf(out, "%u %u %u %u %.*s\n", t->position, t->begin, t->end, t->n_words, (int)t->term.n, t->term.at);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const stemmers[] = {NULL, "english", "porter", "german"};
    rk_slice text = {(const char *)data, size};
    for (size_t s = 0; s < RK_COUNT_OF(stemmers); s++) {
        rk_analyser *analyser = NULL;
        rk_error err;
        rk_text first = {0}, second = {0};
        if (rk_analyser_new(&(rk_analysis){.stemmer = stemmers[s], .keep_stops = s % 2 == 0}, &analyser, &err)) {
            abort();
        }
        write_down(analyser, text, &first);
        write_down(analyser, text, &second);
        if (first.n != second.n || (first.n > 0 && memcmp(first.at, second.at, first.n) != 0)) {
            abort();
        }
        rk_text_release(&first);
        rk_text_release(&second);
        rk_analyser_free(analyser);
    }
    return 0;
}
