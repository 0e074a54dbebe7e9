/* bench_segment.c - Chinese texts cut into words: bench_segment [DICTIONARY] < TEXTS prints the words of each run of
 * Chinese characters, one line a text, blanks between words, for bench/peers/segment.py to hold against jieba's; and on
 * standard error how long reading the dictionary and cutting took.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "text/letters.h"
#include "text/segment.h"

static void say_run(rk_cutter *cutter, rk_slice run, rk_text *out, uint64_t *n_letters, int64_t *took)
{
    uint32_t letters[RK_CUT_LETTERS_MAX];
    uint8_t lengths[RK_CUT_LETTERS_MAX];
    size_t n = 0;
    const char *at = run.at, *end = run.at + run.n;
    for (; at < end; at += rk_letter_after(at, end)) {
        letters[n++] = rk_letter_code(at, rk_letter_after(at, end));
    }
    int64_t begin = rk_clock_thread_ns();
    size_t n_words = rk_cut(cutter, letters, n, lengths);
    *took += rk_clock_thread_ns() - begin;
    *n_letters += n;
    at = run.at;
    for (size_t w = 0; w < n_words; w++) {
        for (size_t i = 0; i < lengths[w]; i++) {
            size_t bytes = rk_letter_after(at, end);
            rk_text_add_slice(out, (rk_slice){at, bytes});
            at += bytes;
        }
        rk_text_add(out, " ");
    }
}

int main(int argc, char **argv)
{
    rk_segmenter *segmenter = NULL;
    rk_error err;
    static char line[1 << 16];
    uint64_t n_letters = 0;
    int64_t begin = rk_clock_thread_ns(), took = 0;
    rk_text out = {0};
    if (rk_segmenter_read(argc > 1 ? argv[1] : rk_dictionary_path, &segmenter, &err)) {
        fprintf(stderr, "bench_segment: %s\n", err.message);
        return 1;
    }
    double read_ms = (double)(rk_clock_thread_ns() - begin) / 1e6;
    rk_cutter *cutter = rk_cutter_new(segmenter);
    while (fgets(line, sizeof line, stdin)) {
        const char *end = line + strlen(line);
        rk_text_clear(&out);
        for (const char *at = line; at < end;) {
            const char *run = at;
            for (size_t n = 0; at < end && n < RK_CUT_LETTERS_MAX && rk_starts_han((rk_slice){at, (size_t)(end - at)});
                 n++) {
                at += rk_letter_after(at, end);
            }
            if (at > run) {
                say_run(cutter, (rk_slice){run, (size_t)(at - run)}, &out, &n_letters, &took);
            } else {
                at += rk_letter_after(at, end);
            }
        }
        printf("%s\n", out.at ? out.at : "");
    }
    fprintf(stderr, "%u words read in %.1f ms of processor time; %.2f million letters/s\n",
            rk_segmenter_n_words(segmenter), read_ms, (double)n_letters * 1e3 / (double)(took > 0 ? took : 1));
    rk_text_release(&out);
    rk_cutter_free(cutter);
    rk_segmenter_free(segmenter);
    return 0;
}
