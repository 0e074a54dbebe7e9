/* fuzz_suggest.c - any bytes as what is typed so far: suggestions are each another, of no more edits than allowed, best
 * first; and as a word: corrections are words of the index.
 */
#include <stdlib.h>
#include <string.h>

#include "small_index.h"
#include "text/fuzzy.h"
#include "text/spell.h"
#include "text/suggest.h"

static const char products[] = "id,title,brand,category\n"
                               "1,Red running shoes,Acme,Clothes > Shoes\n2,Laptop dv7-1211ea 15.6 inch,HP,Computers\n"
                               "3,Kids' shoes red,Acme,Clothes > Kids\n4,Caf\xC3\xA9 cups,,Kitchen\n"
                               "5,\xE7\xAC\x94\xE8\xAE\xB0\xE6\x9C\xAC\xE7\x94\xB5\xE8\x84\x91 red,,\n";

static void check_suggestions(const rk_suggestion *all, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool is_better = i > 0 && all[i].edits == all[i - 1].edits && !all[i].is_put_together &&
                         !all[i - 1].is_put_together && all[i].score > all[i - 1].score;
        if (all[i].text.n == 0 || all[i].edits > RK_FUZZY_EDITS_MAX || is_better) {
            abort();
        }
        for (size_t k = 0; k < i; k++) {
            if (rk_slice_equal(all[i].text, all[k].text)) {
                abort();
            }
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static rk_index *index; /* one for all inputs of a process */
    rk_suggester *suggester = NULL;
    rk_speller *speller = NULL;
    rk_suggestion all[RK_SUGGEST_MAX];
    rk_spelling best[4];
    rk_arena arena = {0};
    rk_correction mended;
    rk_error err = {0};
    rk_slice typed = {(const char *)data, size};
    size_t n = 0;
    index = index ? index : small_index(products);
    if (rk_suggester_new(rk_index_corpus(index), &suggester, &err) ||
        rk_speller_new(rk_index_corpus(index), &speller, &err)) {
        abort();
    }
    rk_status status = rk_suggest(suggester, typed, all, RK_SUGGEST_MAX, &n, &err);
    if (status && err.message[0] == '\0') {
        abort();
    }
    check_suggestions(all, n);
    if (!status && (rk_spell_correct(speller, typed, NULL, 0, best, RK_COUNT_OF(best), &n, &err) ||
                    rk_spell_mend(speller, typed, &typed, size > 0, NULL, 0, &arena, &mended, &err) ||
                    rk_utf8_valid_prefix(mended.text) < mended.text.n)) {
        abort();
    }
    rk_arena_release(&arena);
    rk_suggester_free(suggester);
    rk_speller_free(speller);
    return 0;
}
