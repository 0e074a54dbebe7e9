/* interleave.c - see interleave.h. Lists are an answer long: looking through what is listed is as fast as a set. */
#include "experiment/interleave.h"

#include <stdbool.h>

typedef struct {
    const uint32_t *item;
    size_t n, next;
} draft_team;

typedef struct {
    draft_team team[2];
    uint32_t *place;
    unsigned char *of;
    size_t n, n_max;
} draft;

static bool is_listed(const draft *d, uint32_t item)
{
    for (size_t i = 0; i < d->n; i++) {
        if (d->team[d->of[i]].item[d->place[i]] == item) {
            return true;
        }
    }
    return false;
}

static bool pick(draft *d, unsigned char t)
{
    draft_team *team = &d->team[t];
    while (team->next < team->n && is_listed(d, team->item[team->next])) {
        team->next++;
    }
    if (team->next == team->n || d->n == d->n_max) {
        return false;
    }
    d->place[d->n] = (uint32_t)team->next++;
    d->of[d->n++] = t;
    return true;
}

size_t rk_team_draft(const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b, size_t n, rk_random *random,
                     uint32_t *place, unsigned char *team)
{
    draft d = {.team = {{a, n_a, 0}, {b, n_b, 0}}, .place = place, .of = team, .n_max = n};
    bool has_more = true;
    while (has_more) {
        unsigned char first = (unsigned char)rk_random_below(random, 2);
        has_more = pick(&d, first);
        has_more |= pick(&d, !first);
    }
    return d.n;
}
