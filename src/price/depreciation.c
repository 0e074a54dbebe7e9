/* depreciation.c - what an owned machine loses in a month: three textbook methods, exact.
 *
 *   straight line        (price - salvage) / life, every month of the life
 *   declining balance    rate / 12 of the opening book value, never below salvage
 *   sum of years' digits (price - salvage) x (life - k + 1) / (1 + 2 + ... + life)
 *
 * Declining: after k full steps the book value is price x (1 - rate / 12)^k; once a step would cross the salvage value
 * it stops there for good, so the value is the larger of the two.
 */
#include "price/price.h"
#include "math/rational.h"

/* price x (1 - rate / 12)^k, but never below salvage. */
static void declined_value(const rk_asset_price *asset, unsigned k, const mpq_t salvage, const mpq_t step, mpq_t out)
{
    mpq_t keep;
    mpq_init(keep);
    mpq_set_ui(keep, 1, 1);
    mpq_sub(keep, keep, step);
    rk_rational_power(keep, keep, k);
    rk_rational_set(out, asset->price.value);
    mpq_mul(out, out, keep);
    if (mpq_cmp(out, salvage) < 0) {
        mpq_set(out, salvage);
    }
    mpq_clear(keep);
}

static void monthly_step(const rk_asset_price *asset, mpq_t out)
{
    rk_rational_set(out, asset->rate.value);
    mpz_mul_ui(mpq_denref(out), mpq_denref(out), 12);
    mpq_canonicalize(out);
}

static void declining(const rk_asset_price *asset, unsigned k, const mpq_t salvage, mpq_t out)
{
    mpq_t step, book;
    mpq_inits(step, book, NULL);
    monthly_step(asset, step);
    declined_value(asset, k - 1, salvage, step, book);
    mpq_mul(out, book, step);
    mpq_sub(book, book, salvage); /* the room that is left */
    if (mpq_cmp(out, book) > 0) {
        mpq_set(out, book);
    }
    mpq_clears(step, book, NULL);
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

void rk_asset_book_value(const rk_asset_price *asset, int64_t k, mpq_t out)
{
    int64_t life = asset->life_months.value.units, lived = k < life ? k : life;
    mpq_t salvage, part;
    mpq_inits(salvage, part, NULL);
    rk_rational_set(salvage, asset->salvage.value);
    rk_rational_set(out, asset->price.value);
    if (asset->method == RK_DECLINING_BALANCE) {
        monthly_step(asset, part);
        declined_value(asset, (unsigned)lived, salvage, part, out);
    } else {
        bool digits = asset->method == RK_SUM_OF_YEARS;
        mpq_set_si(part, digits ? lived * life - lived * (lived - 1) / 2 : lived,
                   (unsigned long)(digits ? life * (life + 1) / 2 : life));
        mpq_canonicalize(part);
        mpq_sub(salvage, out, salvage);
        mpq_mul(part, part, salvage);
        mpq_sub(out, out, part);
    }
    mpq_clears(salvage, part, NULL);
}
