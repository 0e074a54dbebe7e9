/* units.c - small sorted tables, searched by bisection. */
#include "text/units.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"

typedef struct {
    const char *word, *unit;
} row;

/* Bytewise order of word: a test holds it. */
static const row units[] = {
    {"amp", "a"},          {"amps", "a"},        {"bit", "bit"},
    {"bits", "bit"},       {"btu", "btu"},       {"centimeter", "cm"},
    {"centimeters", "cm"}, {"centimetre", "cm"}, {"centimetres", "cm"},
    {"cl", "cl"},          {"cm", "cm"},         {"core", "core"},
    {"cores", "core"},     {"db", "db"},         {"dpi", "dpi"},
    {"feet", "ft"},        {"foot", "ft"},       {"fps", "fps"},
    {"ft", "ft"},          {"g", "g"},           {"gallon", "gal"},
    {"gallons", "gal"},    {"gb", "gb"},         {"ghz", "ghz"},
    {"gigabyte", "gb"},    {"gigabytes", "gb"},  {"gram", "g"},
    {"grams", "g"},        {"hz", "hz"},         {"in", "inch"},
    {"inch", "inch"},      {"inches", "inch"},   {"kb", "kb"},
    {"kg", "kg"},          {"kgs", "kg"},        {"kilogram", "kg"},
    {"kilograms", "kg"},   {"km", "km"},         {"kw", "kw"},
    {"kwh", "kwh"},        {"l", "l"},           {"lb", "lb"},
    {"lbs", "lb"},         {"liter", "l"},       {"liters", "l"},
    {"litre", "l"},        {"litres", "l"},      {"lumen", "lm"},
    {"lumens", "lm"},      {"m", "m"},           {"mah", "mah"},
    {"mb", "mb"},          {"mbit", "mbit"},     {"mbps", "mbps"},
    {"megabyte", "mb"},    {"megabytes", "mb"},  {"megapixel", "mp"},
    {"megapixels", "mp"},  {"meter", "m"},       {"meters", "m"},
    {"metre", "m"},        {"metres", "m"},      {"mg", "mg"},
    {"mhz", "mhz"},        {"ml", "ml"},         {"mm", "mm"},
    {"mp", "mp"},          {"ms", "ms"},         {"ounce", "oz"},
    {"ounces", "oz"},      {"oz", "oz"},         {"pack", "pack"},
    {"packs", "pack"},     {"pc", "pcs"},        {"pcs", "pcs"},
    {"piece", "pcs"},      {"pieces", "pcs"},    {"pixel", "px"},
    {"pixels", "px"},      {"pk", "pack"},       {"pound", "lb"},
    {"pounds", "lb"},      {"ppm", "ppm"},       {"px", "px"},
    {"rpm", "rpm"},        {"tb", "tb"},         {"terabyte", "tb"},
    {"terabytes", "tb"},   {"v", "v"},           {"volt", "v"},
    {"volts", "v"},        {"w", "w"},           {"watt", "w"},
    {"watts", "w"},        {"wh", "wh"},         {"yard", "yd"},
    {"yards", "yd"},       {"yd", "yd"},         {"zoll", "inch"},
};

static const char *const stops[] = {
    "a",   "an",    "and",  "are",   "as",    "at",   "be",   "but", "by",  "for",  "from", "if",
    "in",  "into",  "is",   "it",    "its",   "no",   "not",  "of",  "on",  "or",   "such", "that",
    "the", "their", "then", "there", "these", "they", "this", "to",  "was", "were", "will", "with",
};

/* word against a string that is not empty, bytewise; most differ in the first byte. */
static int compare(rk_slice word, const char *text)
{
    int first = word.n > 0 ? (unsigned char)word.at[0] - (unsigned char)text[0] : -1;
    return first ? first : rk_slice_compare(word, rk_slice_of(text));
}

static int by_unit(const void *word, const void *at)
{
    return compare(*(const rk_slice *)word, ((const row *)at)->word);
}

static int by_stop(const void *word, const void *at)
{
    return compare(*(const rk_slice *)word, *(const char *const *)at);
}

const char *rk_unit_of(rk_slice word)
{
    const row *found = bsearch(&word, units, RK_COUNT_OF(units), sizeof *units, by_unit);
    return found ? found->unit : NULL;
}

bool rk_is_stop_word(rk_slice word)
{
    return bsearch(&word, stops, RK_COUNT_OF(stops), sizeof *stops, by_stop) != NULL;
}
