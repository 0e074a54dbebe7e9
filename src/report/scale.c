/* scale.c - ticks at multiples of 1, 2 and 5 x 10^k: numbers that people read without counting (Heckbert's nice
 * numbers). A tick is made as a whole multiple of the step, so that errors do not add up along the axis. */
#include "report/scale.h"

#include <inttypes.h>
#include <math.h>

double rk_scale_at(const rk_scale *scale, double value)
{
    double low = scale->min, high = scale->max;
    if (!(value > low)) /* NaN too */
        return scale->from;
    if (value >= high)
        return scale->to;
    double part = scale->is_log ? log(value / low) / log(high / low) : (value - low) / (high - low);
    return scale->from + part * (scale->to - scale->from);
}

static double nice_step(double width, size_t n_wanted)
{
    double rough = width / (double)n_wanted;
    double power = pow(10, floor(log10(rough)));
    double lead = rough / power;
    return power * (lead <= 1.0000001 ? 1 : lead <= 2.0000001 ? 2 : lead <= 5.0000001 ? 5 : 10);
}

rk_ticks rk_ticks_linear(double min, double max, size_t n_wanted)
{
    rk_ticks ticks = {0};
    if (!(max > min) || !isfinite(max - min) || n_wanted == 0)
        return ticks;
    double step = nice_step(max - min, n_wanted);
    for (double k = ceil(min / step - 1e-9); k * step <= max + 1e-9 * step && ticks.n < RK_TICKS_MAX; k++)
        ticks.at[ticks.n++] = k * step + 0.0;
    return ticks;
}

rk_ticks rk_ticks_log(double min, double max)
{
    rk_ticks ticks = {0};
    if (!(min > 0) || !(max > min) || !isfinite(max))
        return ticks;
    static const double leads[] = {1, 2, 5};
    size_t n_leads = log10(max / min) > 3 ? 1 : 3;
    for (double power = floor(log10(min)); power <= log10(max) && ticks.n < RK_TICKS_MAX; power++)
        for (size_t i = 0; i < n_leads && ticks.n < RK_TICKS_MAX; i++) {
            /* dividing by 1000 is exact to the nearest double, multiplying by 0.001 is not */
            double at = power < 0 ? leads[i] / pow(10, -power) : leads[i] * pow(10, power);
            if (at >= min * (1 - 1e-9) && at <= max * (1 + 1e-9))
                ticks.at[ticks.n++] = at;
        }
    return ticks;
}

double rk_nice_end(double max, size_t n_wanted)
{
    if (!(max > 0) || !isfinite(max))
        return 1;
    double step = nice_step(max, n_wanted);
    return step * ceil(max / step - 1e-9);
}

/* At most n_digits behind the point, without trailing zeros; no locale. */
static void print_short(double value, int n_digits, rk_text *out)
{
    double unit = pow(10, n_digits);
    int64_t scaled = llround(fabs(value) * unit), whole = scaled / (int64_t)unit, rest = scaled % (int64_t)unit;
    rk_text_addf(out, "%s%" PRId64, value < 0 && scaled > 0 ? "-" : "", whole);
    if (rest == 0)
        return;
    for (; rest % 10 == 0; rest /= 10)
        n_digits--;
    rk_text_addf(out, ".%0*" PRId64, n_digits, rest);
}

void rk_tick_print(double value, rk_text *out)
{
    static const struct {
        double above;
        const char *suffix;
    } units[] = {{1e9, "G"}, {1e6, "M"}, {1e3, "k"}};
    double size = fabs(value);
    if (!isfinite(value) || size >= 1e15) {
        rk_text_add(out, isnan(value) ? "?" : value < 0 ? "-inf" : "inf");
        return;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (size >= units[i].above * (1 - 1e-9)) {
            print_short(value / units[i].above, size >= 100 * units[i].above ? 0 : 2, out);
            rk_text_add(out, units[i].suffix);
            return;
        }
    print_short(value, size == 0 || size >= 100 ? 0 : size >= 1 ? 2 : (int)fmin(9, 1 - floor(log10(size))), out);
}
