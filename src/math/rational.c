/* rational.c - see rational.h. Every function leaves canonical fractions behind. */
#include "math/rational.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* out = the whole number; GMP's setters take long, which is 64 bits on the machines we build for. */
_Static_assert(sizeof(long) == sizeof(int64_t), "long must have 64 bits");

void rk_rational_set(mpq_t out, rk_decimal value)
{
    mpz_set_si(mpq_numref(out), value.units);
    mpz_ui_pow_ui(mpq_denref(out), 10, value.places);
    mpq_canonicalize(out);
}

void rk_rational_mul(mpq_t out, rk_decimal factor)
{
    mpq_t f;
    mpq_init(f);
    rk_rational_set(f, factor);
    mpq_mul(out, out, f);
    mpq_clear(f);
}

void rk_rational_power(mpq_t out, const mpq_t base, unsigned exponent)
{
    assert(exponent <= RK_POWER_MAX);
    mpz_pow_ui(mpq_numref(out), mpq_numref(base), exponent);
    mpz_pow_ui(mpq_denref(out), mpq_denref(base), exponent); /* powers of coprimes are coprime */
}

/* numerator / denominator rounded half-even; denominator > 0. */
static void divide_half_even(mpz_t out, const mpz_t numerator, const mpz_t denominator)
{
    mpz_t rest;
    mpz_init(rest);
    mpz_fdiv_qr(out, rest, numerator, denominator);
    mpz_mul_2exp(rest, rest, 1);
    int half = mpz_cmp(rest, denominator);
    if (half > 0 || (half == 0 && mpz_odd_p(out))) {
        mpz_add_ui(out, out, 1);
    }
    mpz_clear(rest);
}

static bool get_i64(const mpz_t value, int64_t *out)
{
    bool fits = mpz_fits_slong_p(value) != 0;
    if (fits) {
        *out = mpz_get_si(value);
    }
    return fits;
}

bool rk_rational_micros(const mpq_t value, int64_t *out)
{
    mpz_t scaled;
    mpz_init(scaled);
    mpz_mul_ui(scaled, mpq_numref(value), 1000000);
    divide_half_even(scaled, scaled, mpq_denref(value));
    bool fits = get_i64(scaled, out);
    mpz_clear(scaled);
    return fits;
}

bool rk_rational_ceil(const mpq_t value, int64_t *out)
{
    mpq_t forgiven;
    mpq_init(forgiven);
    mpq_set_si(forgiven, -1, 1000000000);
    mpq_add(forgiven, value, forgiven);
    mpz_cdiv_q(mpq_numref(forgiven), mpq_numref(forgiven), mpq_denref(forgiven));
    bool fits = get_i64(mpq_numref(forgiven), out);
    mpq_clear(forgiven);
    return fits;
}

void rk_rational_set_micros(mpq_t out, int64_t micros)
{
    mpq_set_si(out, micros, 1000000);
    mpq_canonicalize(out);
}

/* ---- largest remainder ---- */

typedef struct {
    mpq_t left; /* quota less its floor */
    unsigned index;
} remainder_of;

static int by_remainder(const void *a, const void *b)
{
    const remainder_of *x = a, *y = b;
    int order = mpq_cmp(y->left, x->left);
    return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* Floors into parts, remainders into rest; returns what is left to give out. */
static int64_t share_floors(int64_t total, mpq_srcptr weights, const mpq_t sum, unsigned n, int64_t *parts,
                            remainder_of *rest)
{
    int64_t left = total;
    mpq_t quota, whole;
    mpq_inits(quota, whole, NULL);
    for (unsigned i = 0; i < n; i++) {
        if (mpq_sgn(sum) == 0) {
            mpq_set_si(quota, total, n);
            mpq_canonicalize(quota);
        } else {
            mpq_set_si(quota, total, 1);
            mpq_mul(quota, quota, weights + i);
            mpq_div(quota, quota, sum);
        }
        mpz_fdiv_q(mpq_numref(whole), mpq_numref(quota), mpq_denref(quota));
        parts[i] = mpz_get_si(mpq_numref(whole)); /* at most total */
        mpq_init(rest[i].left);
        mpq_sub(rest[i].left, quota, whole);
        rest[i].index = i;
        left -= parts[i];
    }
    mpq_clears(quota, whole, NULL);
    return left;
}

bool rk_rational_share(int64_t total, mpq_srcptr weights, unsigned n, int64_t *parts)
{
    assert(total >= 0 && n >= 1);
    remainder_of *rest = calloc(n, sizeof *rest);
    if (!rest) {
        return false;
    }
    mpq_t sum;
    mpq_init(sum);
    for (unsigned i = 0; i < n && weights; i++) {
        mpq_add(sum, sum, weights + i);
    }
    int64_t left = share_floors(total, weights, sum, n, parts, rest);
    qsort(rest, n, sizeof *rest, by_remainder);
    for (unsigned i = 0; i < n; i++) {
        parts[rest[i].index] += (int64_t)i < left;
        mpq_clear(rest[i].left);
    }
    mpq_clear(sum);
    free(rest);
    return true;
}

double rk_rational_real(const mpq_t value)
{
    double near = mpq_get_d(value), far = nextafter(near, mpq_sgn(value) < 0 ? -INFINITY : INFINITY);
    mpq_t middle, other;
    mpq_inits(middle, other, NULL);
    mpq_set_d(middle, near);
    mpq_set_d(other, far);
    mpq_add(middle, middle, other);
    mpq_div_2exp(middle, middle, 1);
    mpq_abs(middle, middle);
    mpq_abs(other, value);
    int order = mpq_cmp(other, middle);
    uint64_t bits;
    memcpy(&bits, &near, sizeof bits);
    mpq_clears(middle, other, NULL);
    return order > 0 || (order == 0 && bits % 2 != 0) ? far : near;
}

/* ---- printing ---- */

/* The fewest places in which value is exact, or -1 when 18 do not suffice. */
static int decimal_places(const mpq_t value)
{
    mpz_t power;
    mpz_init_set_ui(power, 1);
    int places = 0;
    while (places <= RK_DECIMAL_PLACES_MAX && !mpz_divisible_p(power, mpq_denref(value))) {
        mpz_mul_ui(power, power, 10);
        places++;
    }
    mpz_clear(power);
    return places <= RK_DECIMAL_PLACES_MAX ? places : -1;
}

static void add_whole(rk_text *out, const mpz_t value)
{
    void (*release)(void *, size_t);
    char *digits = mpz_get_str(NULL, 10, value);
    mp_get_memory_functions(NULL, NULL, &release);
    rk_text_add(out, digits);
    release(digits, strlen(digits) + 1);
}

/* value x 10^places is whole: prints it with the point put back. */
static void add_decimal(rk_text *out, mpz_t scaled, unsigned places)
{
    mpz_t part, power;
    rk_text digits = {0};
    mpz_inits(part, power, NULL);
    mpz_ui_pow_ui(power, 10, places);
    rk_text_add(out, mpz_sgn(scaled) < 0 ? "-" : "");
    mpz_abs(scaled, scaled);
    mpz_fdiv_qr(scaled, part, scaled, power);
    add_whole(out, scaled);
    add_whole(&digits, part);
    rk_text_add(out, places > 0 ? "." : "");
    for (size_t i = digits.n; i < places; i++) {
        rk_text_add(out, "0");
    }
    rk_text_add(out, places > 0 && digits.at ? digits.at : "");
    out->failed = out->failed || digits.failed;
    rk_text_release(&digits);
    mpz_clears(part, power, NULL);
}

void rk_rational_print(const mpq_t value, rk_text *out)
{
    int places = decimal_places(value);
    bool is_long = mpz_sizeinbase(mpq_numref(value), 10) + mpz_sizeinbase(mpq_denref(value), 10) > 40;
    if (places < 0 && !is_long) {
        add_whole(out, mpq_numref(value));
        rk_text_add(out, "/");
        add_whole(out, mpq_denref(value));
        return;
    }
    mpz_t scaled;
    mpz_init(scaled);
    mpz_ui_pow_ui(scaled, 10, (unsigned)(places < 0 ? RK_DECIMAL_PLACES_MAX : places));
    mpz_mul(scaled, scaled, mpq_numref(value));
    mpz_tdiv_q(scaled, scaled, mpq_denref(value));
    add_decimal(out, scaled, (unsigned)(places < 0 ? RK_DECIMAL_PLACES_MAX : places));
    rk_text_add(out, places < 0 ? "..." : "");
    mpz_clear(scaled);
}

void rk_rational_print_micros(int64_t micros, rk_text *out)
{
    uint64_t size = micros < 0 ? 0 - (uint64_t)micros : (uint64_t)micros;
    unsigned part = (unsigned)(size % 1000000);
    int places = 6;
    for (; places > 1 && part % 10 == 0; places--) {
        part /= 10;
    }
    rk_text_addf(out, "%s%llu.%0*u", micros < 0 ? "-" : "", (unsigned long long)(size / 1000000), places, part);
}

void rk_rational_json_micros(rk_json *json, const char *key, int64_t micros)
{
    rk_text number = {0};
    rk_rational_print_micros(micros, &number);
    rk_json_raw(json, key, number.at ? number.at : "0.0");
    json->text->failed = json->text->failed || number.failed;
    rk_text_release(&number);
}
