/* relax.c - see relax.h. */
#include "text/relax.h"

#include "text/question_parts.h"

const char *const rk_relaxed_names[] = {"word", "required", "phrase", "filter"};

typedef struct {
    rk_asker *asker;
    const rk_page *page;
    rk_arena *arena;
    rk_question question;
    rk_findings found;
    rk_relaxed *relaxed;
    size_t n_relaxed;
} relaxing;

static void note(relaxing *r, rk_relaxed_kind kind, rk_slice text)
{
    bool is_known = r->n_relaxed == RK_RELAXED_MAX;
    for (size_t i = 0; i < r->n_relaxed; i++) {
        is_known |= r->relaxed[i].kind == kind && r->relaxed[i].text.at == text.at;
    }
    if (!is_known) {
        r->relaxed[r->n_relaxed++] = (rk_relaxed){kind, text};
    }
}

static rk_status ask_again(relaxing *r, rk_error *err)
{
    return rk_question_page(r->asker, &r->question, r->page, r->arena, &r->found, err);
}

/* ---- words ---- */

/* Conditions, but no word that is known: then they alone are asked for. */
static bool leave_out_unknown(relaxing *r)
{
    rk_question *q = &r->question;
    bool is_alone = q->n_terms == 0 && q->n_unknown > 0 && r->found.n_groups > 0;
    for (size_t i = 0; is_alone && i < q->n_unknown; i++) {
        note(r, RK_RELAXED_WORD, q->unknown[i]);
    }
    q->n_unknown = is_alone ? 0 : q->n_unknown;
    q->n_must = is_alone ? 0 : q->n_must;
    q->is_impossible &= !is_alone;
    return is_alone;
}

/* What was required is asked for like all other words. */
static bool require_nothing(relaxing *r)
{
    rk_question *q = &r->question;
    bool is_any = q->n_required > 0 || q->is_impossible;
    size_t kept = 0;
    for (size_t i = 0; i < q->n_must; i++) {
        note(r, RK_RELAXED_REQUIRED, q->must[i]);
    }
    for (size_t i = 0; i < q->n_phrases; i++) {
        if (q->phrase[i].is_not) {
            q->phrase[kept++] = q->phrase[i];
        } else {
            note(r, RK_RELAXED_PHRASE, q->phrase[i].text);
            is_any = true;
        }
    }
    q->n_phrases = kept;
    q->n_must = q->n_required = 0;
    q->is_impossible = false;
    return is_any;
}

/* ---- conditions ---- */

/* What is found without one group. */
static uint64_t count_without(const relaxing *r, size_t group)
{
    uint64_t n = 0;
    for (size_t w = 0; w < rk_bit_words(r->asker); w++) {
        uint64_t bits = r->found.matched[w];
        for (size_t g = 0; g < r->found.n_groups; g++) {
            bits &= g == group ? UINT64_MAX : r->found.group[g].holds[w];
        }
        n += (uint64_t)__builtin_popcountll(bits);
    }
    return n;
}

/* What it lets through of what the words find. */
static uint64_t count_with(const relaxing *r, size_t group)
{
    uint64_t n = 0;
    for (size_t w = 0; w < rk_bit_words(r->asker); w++) {
        n += (uint64_t)__builtin_popcountll(r->found.matched[w] & r->found.group[group].holds[w]);
    }
    return n;
}

/* The group that frees most; of those that free nothing alone, the one that lets least through. */
static size_t choose_group(const relaxing *r)
{
    size_t best = 0;
    uint64_t best_without = 0, best_with = UINT64_MAX;
    for (size_t g = 0; g < r->found.n_groups; g++) {
        uint64_t without = count_without(r, g), with = count_with(r, g);
        if (without > best_without || (without == best_without && with < best_with)) {
            best = g;
            best_without = without;
            best_with = with;
        }
    }
    return best;
}

static void drop_group(relaxing *r, size_t group)
{
    rk_question *q = &r->question;
    size_t kept = 0;
    for (size_t i = 0; i < q->n_conditions; i++) {
        if (r->found.group_of[i] == group) {
            note(r, RK_RELAXED_FILTER, q->condition[i].whole);
        } else {
            q->condition[kept++] = q->condition[i];
        }
    }
    q->n_conditions = kept;
}

static rk_status drop_conditions(relaxing *r, rk_error *err)
{
    rk_status status = RK_OK;
    while (!status && r->found.total == 0 && r->found.n_groups > 0) {
        drop_group(r, choose_group(r));
        status = ask_again(r, err);
    }
    return status;
}

/* With the words as they were, when that still finds something. */
static rk_status require_again(relaxing *r, const rk_question *before, rk_error *err)
{
    rk_question relaxed = r->question;
    rk_findings found = r->found;
    r->question = *before;
    r->question.n_conditions = relaxed.n_conditions;
    for (size_t i = 0; i < relaxed.n_conditions; i++) {
        r->question.condition[i] = relaxed.condition[i];
    }
    rk_status status = ask_again(r, err);
    if (status || r->found.total == 0) {
        r->question = relaxed;
        r->found = found;
        return status;
    }
    size_t kept = 0;
    for (size_t i = 0; i < r->n_relaxed; i++) {
        if (r->relaxed[i].kind == RK_RELAXED_WORD || r->relaxed[i].kind == RK_RELAXED_FILTER) {
            r->relaxed[kept++] = r->relaxed[i];
        }
    }
    r->n_relaxed = kept;
    return RK_OK;
}

rk_status rk_question_relax(rk_asker *asker, rk_question *question, const rk_page *page, rk_arena *arena,
                            rk_findings *found, rk_relaxed *relaxed, size_t *n_relaxed, rk_error *err)
{
    relaxing r = {asker, page, arena, *question, *found, relaxed, 0};
    rk_status status = RK_OK;
    *n_relaxed = 0;
    if (found->total > 0) {
        return RK_OK;
    }
    if (leave_out_unknown(&r)) {
        status = ask_again(&r, err);
    }
    rk_question before = r.question;
    bool was_required = r.found.total == 0 && require_nothing(&r);
    if (!status && was_required) {
        status = ask_again(&r, err);
    }
    bool drops = r.found.total == 0;
    status = status || !drops ? status : drop_conditions(&r, err);
    if (!status && drops && was_required && r.found.total > 0) {
        status = require_again(&r, &before, err);
    }
    if (!status && r.found.total > 0) {
        *question = r.question;
        *found = r.found;
        *n_relaxed = r.n_relaxed;
    }
    return status;
}
