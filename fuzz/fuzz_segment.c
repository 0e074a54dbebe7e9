/* fuzz_segment.c - any bytes as a dictionary of Chinese words, and as a text that it cuts: an error has words, and the
 * words of a run make up the run.
 */
#include <stdlib.h>

#include "text/analyse.h"
#include "text/letters.h"
#include "text/segment.h"

static void check_cut(const rk_segmenter *segmenter, rk_slice text)
{
    rk_cutter *cutter = rk_cutter_new(segmenter);
    uint32_t letters[RK_CUT_LETTERS_MAX];
    uint8_t lengths[RK_CUT_LETTERS_MAX];
    size_t n = 0, sum = 0;
    const char *at = text.at, *end = text.at + text.n;
    for (; at < end && n < RK_CUT_LETTERS_MAX; at += rk_letter_after(at, end)) {
        letters[n++] = rk_letter_code(at, rk_letter_after(at, end));
    }
    size_t n_words = cutter ? rk_cut(cutter, letters, n, lengths) : 0;
    for (size_t i = 0; i < n_words; i++) {
        if (lengths[i] > 1 && !rk_cut_knows(cutter, letters + sum, lengths[i])) {
            abort();
        }
        sum += lengths[i];
    }
    if (!cutter || sum != n) {
        abort();
    }
    rk_cutter_free(cutter);
}

static void check_tokens(const rk_segmenter *segmenter, rk_slice text)
{
    rk_analyser *analyser = NULL;
    const rk_token *tokens;
    rk_error err;
    size_t n;
    uint32_t position = 0;
    if (rk_analyser_new(&(rk_analysis){.segmenter = segmenter}, &analyser, &err) ||
        rk_analyse(analyser, text, &tokens, &n, &err)) {
        abort();
    }
    for (size_t i = 0; i < n; i++) {
        if (tokens[i].begin >= tokens[i].end || tokens[i].end > text.n || tokens[i].position < position ||
            tokens[i].term.n == 0) {
            abort();
        }
        position = tokens[i].position;
    }
    rk_analyser_free(analyser);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rk_slice text = {(const char *)data, size};
    rk_segmenter *segmenter = NULL;
    rk_error err = {0};
    if (rk_segmenter_parse(text, "dict.txt", &segmenter, &err)) {
        if (err.message[0] == '\0') {
            abort();
        }
        return 0;
    }
    check_cut(segmenter, text);
    check_tokens(segmenter, text);
    rk_segmenter_free(segmenter);
    return 0;
}
