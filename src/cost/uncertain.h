/* uncertain.h - the uncertain numbers of a plan and its price books: their laws, checked where they are written.
 *
 *     growth_per_month: {point: 0.03, triangular: [0.01, 0.03, 0.08]}
 *
 * The point is the number for everything but draws; it need not be the mean. Parameters are a list in the order of the
 * law's first row of math/distribution.h, or a map by their names; of a discrete law a map of weights by value.
 */
#ifndef RECKON_COST_UNCERTAIN_H
#define RECKON_COST_UNCERTAIN_H

#include "base/yaml.h"
#include "math/distribution.h"

struct rk_plan;

typedef struct {
    const rk_uncertain *record; /* its index is the place of this in plan->uncertain */
    const char *path;           /* "services.search.traffic.growth_per_month", as --set takes it; in a book from its top */
    bool is_in_book;            /* a price book, and not the plan */
    double point;
    rk_distribution *law; /* a law without ends is cut to the range of the key when it is drawn */
} rk_plan_input;

/* All numbers with a law into plan->uncertain, the plan's first, then book by book, in order of their places. A number
 * that nobody has read (of a variant that does not answer) is left out. */
RK_MUST_CHECK rk_status rk_plan_read_uncertain(struct rk_plan *plan, rk_error *err);
void rk_plan_forget_uncertain(struct rk_plan *plan);

/* value: [n] shares between 0 and 1 on the way in, draws inside the range of the key on the way out. Returns how many
 * had to be moved to an end of the range. */
size_t rk_plan_input_draw(const rk_plan_input *input, size_t n, double *value);

#endif
