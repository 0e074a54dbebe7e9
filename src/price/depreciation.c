/* depreciation.c - what an owned machine loses in a month: three textbook methods, exact.
 *
 *   straight line        (price - salvage) / life, every month of the life
 *   declining balance    rate / 12 of the opening book value, never below salvage
 *   sum of years' digits (price - salvage) x (life - k + 1) / (1 + 2 + ... + life)
 *
 * Declining: after k - 1 full steps the book value is price x (1 - rate / 12)^(k - 1); once a step would cross the
 * salvage value it stops there for good, so the opening value is the larger of the two.
 */
#include "price/price.h"
#include "math/rational.h"

static void declining(const rk_asset_price *asset, unsigned k, const mpq_t salvage, mpq_t out)
{
    mpq_t step, keep, book;
    mpq_inits(step, keep, book, NULL);
    rk_rational_set(step, asset->rate.value);
    mpz_mul_ui(mpq_denref(step), mpq_denref(step), 12);
    mpq_canonicalize(step);

    mpq_set_ui(keep, 1, 1);
    mpq_sub(keep, keep, step);
    rk_rational_power(keep, keep, k - 1);
    rk_rational_set(book, asset->price.value);
    mpq_mul(book, book, keep);
    if (mpq_cmp(book, salvage) < 0) {
        mpq_set(book, salvage);
    }
    mpq_mul(out, book, step);
    mpq_sub(book, book, salvage); /* the room that is left */
    if (mpq_cmp(out, book) > 0) {
        mpq_set(out, book);
    }
    mpq_clears(step, keep, book, NULL);
}

void rk_asset_depreciation(const rk_asset_price *asset, int64_t k, mpq_t out)
{
    int64_t life = asset->life_months.value.units;
    mpq_set_ui(out, 0, 1);
    if (k < 1 || k > life) {
        return;
    }
    mpq_t salvage, factor;
    mpq_inits(salvage, factor, NULL);
    rk_rational_set(salvage, asset->salvage.value);
    if (asset->method == RK_DECLINING_BALANCE) {
        declining(asset, (unsigned)k, salvage, out);
    } else {
        bool digits = asset->method == RK_SUM_OF_YEARS;
        mpq_set_si(factor, digits ? life - k + 1 : 1, (unsigned long)(digits ? life * (life + 1) / 2 : life));
        mpq_canonicalize(factor);
        rk_rational_set(out, asset->price.value);
        mpq_sub(out, out, salvage);
        mpq_mul(out, out, factor);
    }
    mpq_clears(salvage, factor, NULL);
}
