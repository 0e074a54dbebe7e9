/* together.h - how many items have all of a few words, when "many" is as good as a number. */
#ifndef RECKON_TEXT_TOGETHER_H
#define RECKON_TEXT_TOGETHER_H

#include "text/corpus.h"

enum { RK_TOGETHER_TERMS_MAX = 12 };

/* Items that have all terms, [n_terms], 1 to RK_TOGETHER_TERMS_MAX: their number, or limit when there are as many.
 * Looks at no more than budget items of the rarest; what stands behind them is not counted. */
size_t rk_together_count(const rk_corpus *corpus, const rk_slice *terms, size_t n_terms, size_t limit, size_t budget);

#endif
