/* phrases.c - the phrases of an index: reading them, and the form in which they are looked up. */
#include "text/phrases.h"

#include <math.h>
#include <stdlib.h>

#include "text/letters.h"

static rk_status damaged(const rk_artefact *a, const char *what, rk_error *err)
{
    return rk_fail(err, RK_BAD_INPUT, "%s: damaged index: %s", rk_artefact_path(a), what);
}

static bool are_good(const rk_phrases *p)
{
    for (uint32_t i = 0; i < p->keys.n; i++) {
        size_t n = rk_names_get(&p->keys, i).n;
        bool is_good = n > 0 && n <= RK_PHRASE_BYTES_MAX && p->keys.order[i] == i && p->score[i] >= 0;
        if (!is_good || isinf(p->score[i])) {
            return false;
        }
    }
    return true;
}

rk_status rk_phrases_open(const rk_artefact *a, rk_phrases *out, rk_error *err)
{
    const rk_section *shared, *score;
    rk_phrases p = {0};
    *out = p;
    rk_status status = rk_names_open(a, "phrases", true, &p.keys, err);
    if (status || p.keys.n == 0) {
        return status;
    }
    status = rk_names_open(a, "said", false, &p.said, err);
    status = status ? status : rk_artefact_need(a, "phrase.shared", RK_U8, p.keys.n, 1, &shared, err);
    status = status ? status : rk_artefact_need(a, "phrase.score", RK_F32, p.keys.n, 1, &score, err);
    if (status) {
        return status;
    }
    json_t *most = json_object_get(rk_artefact_meta(a), "phrase_most");
    p.shared = shared->data;
    p.score = score->data;
    p.most = 1 + (json_is_number(most) ? json_number_value(most) : 0);
    if (!(p.most >= 1) || isinf(p.most)) {
        return damaged(a, "its phrases weigh nothing", err);
    }
    if (!p.keys.order || p.said.n != p.keys.n || !are_good(&p)) {
        return damaged(a, "its phrases are not what they say", err);
    }
    *out = p;
    return RK_OK;
}

uint32_t *rk_phrases_best(const rk_phrases *p)
{
    uint32_t n = p->keys.n, *tree = malloc((2 * (size_t)n + 1) * sizeof *tree);
    for (uint32_t i = 0; tree && i < n; i++) {
        tree[n + i] = i;
    }
    for (uint32_t i = n; tree && i-- > 1;) {
        tree[i] = rk_phrases_better(p, tree[2 * i], tree[2 * i + 1]);
    }
    return tree;
}

/* ---- folding ---- */

/* What of a token goes on those before it: pairs of Han characters overlap, and none of them wants a blank. */
static void add_token(rk_text *out, const rk_token *token, const rk_token *before)
{
    rk_slice term = token->term;
    bool is_han = before && rk_starts_han(term) && rk_starts_han(before->term);
    if (is_han && token->begin < before->end) {
        size_t n = rk_letter_before(term.at, term.at + term.n);
        rk_text_add_slice(out, (rk_slice){term.at + term.n - n, n});
        return;
    }
    if (before && !(is_han && token->begin == before->end)) {
        rk_text_add(out, " ");
    }
    rk_text_add_slice(out, term);
}

rk_status rk_phrase_fold(rk_analyser *folder, rk_slice text, bool is_typing, rk_text *out, rk_error *err)
{
    const rk_token *tokens, *before = NULL;
    size_t n = 0;
    rk_text_clear(out);
    rk_status status = rk_analyse(folder, text, &tokens, &n, err);
    for (size_t i = 0; !status && i < n; i++) {
        if (tokens[i].n_words == 1) {
            add_token(out, &tokens[i], before);
            before = &tokens[i];
        }
    }
    if (!status && is_typing && before && text.n > 0 && text.at[text.n - 1] == ' ' && before->end < text.n) {
        rk_text_add(out, " ");
    }
    return !status && out->failed ? rk_fail_memory(err, "a phrase") : status;
}
