/* machine_size.c - see machine_size.h. */
#include "price/machine_size.h"

#include <ctype.h>
#include <string.h>

typedef struct {
    const char *at, *end;
} cursor;

/* Digits at the cursor, at most 4, no leading zero; 0 = none. */
static uint32_t take_number(cursor *c)
{
    uint32_t n = 0;
    for (int k = 0; c->at < c->end && isdigit((unsigned char)*c->at) && k < 4 && (n || *c->at != '0'); k++) {
        n = 10 * n + (uint32_t)(*c->at++ - '0');
    }
    return n;
}

static bool take(cursor *c, const char *words)
{
    size_t n = strlen(words);
    bool found = (size_t)(c->end - c->at) >= n && memcmp(c->at, words, n) == 0;
    c->at += found ? n : 0;
    return found;
}

/* vCPUs of "medium", "large", "xlarge", "12xlarge"; 0 = another size. */
static uint32_t aws_vcpu(cursor c)
{
    uint32_t times = take_number(&c);
    uint32_t vcpu = times ? 4 * times : 0;
    if (times) {
        return take(&c, "xlarge") && c.at == c.end ? vcpu : 0;
    }
    vcpu = take(&c, "medium") ? 1 : take(&c, "large") ? 2 : take(&c, "xlarge") ? 4 : 0;
    return c.at == c.end ? vcpu : 0;
}

bool rk_machine_size_aws(rk_slice name, rk_machine_size *out)
{
    cursor c = {name.at, name.at + name.n};
    uint32_t gib = take(&c, "c") ? 2 : take(&c, "m") ? 4 : take(&c, "r") ? 8 : 0;
    uint32_t generation = gib ? take_number(&c) : 0;
    bool is_odd = generation == 5 && gib == 2 && c.at < c.end && *c.at == 'n'; /* c5n: 2.625 GiB a vcpu */
    const char *dot = c.at < c.end ? memchr(c.at, '.', (size_t)(c.end - c.at)) : NULL;
    if (generation < 5 || is_odd || !dot) {
        return false;
    }
    uint32_t vcpu = aws_vcpu((cursor){dot + 1, c.end});
    *out = (rk_machine_size){vcpu, vcpu * gib};
    return vcpu > 0;
}

/* GiB per vcpu of a series by its letter, version and the small letters behind the number; 0 = no rule. */
static uint32_t azure_gib(char series, uint32_t n, uint32_t version, rk_slice letters)
{
    bool is_low = memchr(letters.at, 'l', letters.n) != NULL;
    switch (series) {
    case 'D':
        return version < 3 ? 0 : is_low ? 2 : 4;
    case 'E':
        return version < 3 || n > 48 ? 0 : 8; /* larger ones have less, and differ by version */
    case 'F':
        if (version < 6) {
            return version == 2 ? 2 : 0;
        }
        return is_low ? 2 : memchr(letters.at, 'm', letters.n) ? 8 : 4;
    default:
        return 0;
    }
}

bool rk_machine_size_azure(rk_slice name, rk_machine_size *out)
{
    cursor c = {name.at, name.at + name.n};
    if (!take(&c, "Standard_") || c.at == c.end) {
        return false;
    }
    char series = *c.at++;
    uint32_t n = take_number(&c), active = n;
    if (n && take(&c, "-")) { /* E8-4s_v5: the memory of 8, 4 in use */
        active = take_number(&c);
    }
    const char *letters = c.at;
    while (c.at < c.end && islower((unsigned char)*c.at)) {
        c.at++;
    }
    rk_slice small = {letters, (size_t)(c.at - letters)};
    uint32_t version = take(&c, "_v") ? take_number(&c) : 0;
    uint32_t gib = c.at == c.end ? azure_gib(series, n, version, small) : 0;
    *out = (rk_machine_size){active, n * gib};
    return gib > 0 && active > 0 && active <= n;
}
