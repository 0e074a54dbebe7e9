/* fuzz_question.c - any bytes as a question to a small index: what it finds are items, each once, best first, and
 * counted, and are the same after a second look; a question that is refused says why.
 */
#include <stdlib.h>
#include <string.h>

#include "rank/ranker.h"
#include "small_index.h"
#include "text/highlight.h"
#include "text/relax.h"

static const char products[] = "id,title,brand,category,price,colour,weight_kg\n"
                               "1,Red running shoes,Acme,Clothes > Shoes,49.90,red,0.5\n"
                               "2,\"Laptop dv7-1211ea 15.6 inch, 500GB\",Hewlett,Computers > Laptops,799,black,2.7\n"
                               "3,Kids' shoes,Acme,Clothes > Kids > Shoes,19,blue,\n"
                               "4,Caf\xC3\xA9 cups,,Kitchen,9.5,,1\n";

static void check(const rk_findings *found, size_t n_items)
{
    uint64_t seen = 0;
    if (found->n > found->total || found->total > n_items ||
        found->total != (uint64_t)__builtin_popcountll(found->bits[0]) || found->bits[0] & ~found->matched[0]) {
        abort();
    }
    for (size_t i = 0; i < found->n; i++) {
        uint32_t item = found->item[i];
        if (item >= n_items || (seen >> item & 1) || !(found->bits[0] >> item & 1) ||
            (i > 0 && found->score[i] > found->score[i - 1])) {
            abort();
        }
        seen |= UINT64_C(1) << item;
    }
}

/* A facet counts at least what was found, each value once. */
static void check_facets(rk_asker *asker, const rk_index *index, const rk_findings *found, rk_arena *arena)
{
    static const char *const fields[] = {"brand", "category", "colour", "price", "kg"};
    rk_facet_value values[3];
    rk_error err = {0};
    for (size_t f = 0; f < RK_COUNT_OF(fields); f++) {
        size_t n = 0;
        uint64_t sum = 0;
        if (rk_facet_count(asker, found, rk_slice_of(fields[f]), 3, arena, values, &n, &err) || n > 3) {
            abort();
        }
        for (size_t i = 0; i < n; i++) {
            sum += values[i].n;
        }
        if (sum > rk_index_n_items(index)) {
            abort();
        }
    }
}

/* Relaxed, the question still finds items; marked texts stay UTF-8. */
static void check_rest(rk_asker *asker, const rk_index *index, rk_question *question, rk_findings *found,
                       rk_arena *arena)
{
    static const rk_marks marks = {{"<b>", 3}, {"</b>", 4}, true};
    rk_relaxed relaxed[RK_RELAXED_MAX];
    rk_error err = {0};
    rk_text out = {0};
    size_t n = 0;
    if (rk_question_relax(asker, question, &(rk_page){.n = 10}, arena, found, relaxed, &n, &err) ||
        (n > 0 && found->total == 0)) {
        abort();
    }
    check(found, rk_index_n_items(index));
    for (uint32_t i = 0; i < rk_index_n_items(index); i++) {
        rk_slice title = rk_index_text(index, i, RK_FIELD_TITLE);
        rk_text_clear(&out);
        if (rk_highlight(asker, question, title, 1 + question->n_terms % 20, &marks, &out, NULL, &err) ||
            rk_utf8_valid_prefix((rk_slice){out.at, out.n}) < out.n) {
            abort();
        }
    }
    rk_text_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static rk_index *index; /* one for all questions of a process */
    rk_asker *asker = NULL;
    rk_looker *looker = NULL;
    rk_question question;
    rk_findings found = {0};
    rk_arena arena = {0};
    rk_error err = {0};
    index = index ? index : small_index(products);
    if (rk_asker_new(rk_index_corpus(index), &asker, &err)) {
        abort();
    }
    rk_status status = rk_question_read(asker, (rk_slice){(const char *)data, size}, &question, &err);
    status = status ? status : rk_question_answer(asker, &question, 10, &arena, &found, &err);
    if (status && err.message[0] == '\0') {
        abort();
    }
    if (!status) {
        check(&found, rk_index_n_items(index));
        check_facets(asker, index, &found, &arena);
        check_rest(asker, index, &question, &found, &arena);
        status = rk_looker_new(rk_index_corpus(index), &looker, &err);
        rk_ranker ranker = rk_ranker_default();
        if (status ||
            rk_ranker_rank(&ranker, looker, (rk_slice){(const char *)data, size}, &question, &arena, &found, &err)) {
            abort();
        }
        check(&found, rk_index_n_items(index));
    }
    rk_looker_free(looker);
    rk_arena_release(&arena);
    rk_asker_free(asker);
    return 0;
}
