/* focus_cell.c - one cell against one rule of FOCUS. */
#include <jansson.h>
#include <string.h>

#include "bill/focus.h"

/* ISO 4217, the funds and metals left out. */
static const char currencies[] =
    "AED|AFN|ALL|AMD|ANG|AOA|ARS|AUD|AWG|AZN|BAM|BBD|BDT|BGN|BHD|BIF|BMD|BND|BOB|BRL|BSD|BTN|BWP|BYN|BZD|CAD|CDF|CHF|"
    "CLP|CNY|COP|CRC|CUP|CVE|CZK|DJF|DKK|DOP|DZD|EGP|ERN|ETB|EUR|FJD|FKP|GBP|GEL|GHS|GIP|GMD|GNF|GTQ|GYD|HKD|HNL|HTG|"
    "HUF|IDR|ILS|INR|IQD|IRR|ISK|JMD|JOD|JPY|KES|KGS|KHR|KMF|KPW|KRW|KWD|KYD|KZT|LAK|LBP|LKR|LRD|LSL|LYD|MAD|MDL|MGA|"
    "MKD|MMK|MNT|MOP|MRU|MUR|MVR|MWK|MXN|MYR|MZN|NAD|NGN|NIO|NOK|NPR|NZD|OMR|PAB|PEN|PGK|PHP|PKR|PLN|PYG|QAR|RON|RSD|"
    "RUB|RWF|SAR|SBD|SCR|SDG|SEK|SGD|SHP|SLE|SOS|SRD|SSP|STN|SVC|SYP|SZL|THB|TJS|TMT|TND|TOP|TRY|TTD|TWD|TZS|UAH|UGX|"
    "USD|UYU|UZS|VED|VES|VND|VUV|WST|XAF|XCD|XCG|XOF|XPF|YER|ZAR|ZMW|ZWG";
/* Units that FOCUS recommends, in its own capitals. */
static const char units[] =
    "b|B|Kb|KB|Mb|MB|Gb|GB|Tb|TB|Pb|PB|Eb|EB|Kib|KiB|Mib|MiB|Gib|GiB|Tib|TiB|Pib|PiB|Eib|EiB|Year|Years|Month|Months|"
    "Day|Days|Hour|Hours|Minute|Minutes|Second|Seconds|Count|Unit|Units|Request|Requests|Token|Tokens|Connection|"
    "Connections|Certificate|Certificates|Domain|Domains|Core|Cores";

/* Whether text is one of values, split by '|'. */
static bool is_among(rk_slice text, const char *values, bool ignore_case)
{
    for (const char *at = values; *at;) {
        size_t n = strcspn(at, "|");
        if (n == text.n && (ignore_case ? strncasecmp(at, text.at, n) : strncmp(at, text.at, n)) == 0) {
            return true;
        }
        at += n + (at[n] == '|');
    }
    return false;
}

static const char *currency_fault(rk_slice text)
{
    bool is_code = text.n == 3;
    for (size_t i = 0; i < text.n; i++) {
        is_code = is_code && text.at[i] >= 'A' && text.at[i] <= 'Z';
    }
    return is_code ? NULL : "three capital letters like USD";
}

/* A word of the unit that is a known one but for its capitals: "gb-hours", "GB-HOURS". */
static const char *unit_fault(rk_slice text)
{
    for (size_t i = 0; i < text.n;) {
        size_t n = 0;
        while (i + n < text.n && !memchr("-/ ", text.at[i + n], 3)) {
            n++;
        }
        rk_slice word = {text.at + i, n};
        if (!is_among(word, units, false) && is_among(word, units, true)) {
            return "a unit in the capitals of FOCUS, like GB-Hours or Requests";
        }
        i += n + 1;
    }
    return NULL;
}

static const char *map_fault(rk_slice text)
{
    static const char *const wanted = "a JSON object such as {\"key\": \"value\"}, no key twice";
    json_t *map = json_loadb(text.at, text.n, JSON_REJECT_DUPLICATES, NULL);
    const char *key, *fault = json_is_object(map) ? NULL : wanted;
    json_t *value;
    json_object_foreach(map, key, value)
    {
        fault = json_is_object(value) || json_is_array(value) ? "numbers, texts, true, false or null as values" : fault;
    }
    json_decref(map);
    return fault;
}

static const char *text_fault(rk_slice text)
{
    static const char placeholders[] = "NULL|null|None|N/A|n/a|Not Applicable";
    bool is_blank = rk_slice_trim(text).n == 0;
    return is_blank || is_among(text, placeholders, false) ? "null, not a text that stands for it" : NULL;
}

static const char *number_fault(rk_focus_kind check, rk_slice text)
{
    const char *fault = NULL;
    mpq_t value;
    mpq_init(value);
    bool wants_value = check == RK_FOCUS_ZERO || check == RK_FOCUS_NOT_NEGATIVE;
    rk_cell_quality quality = rk_bill_number(text, wants_value ? value : NULL);
    if (quality == RK_CELL_BAD) { /* reported once, by DECIMAL */
        fault = check == RK_FOCUS_DECIMAL ? "a number" : NULL;
    } else if (check == RK_FOCUS_NUMERIC_FORMAT && quality == RK_CELL_LOOSE) {
        fault = "a number like -12.5 or 3.5E-7, without a plus sign";
    } else if (check == RK_FOCUS_ZERO && mpq_sgn(value) != 0) {
        fault = "0";
    } else if (check == RK_FOCUS_NOT_NEGATIVE && mpq_sgn(value) < 0) {
        fault = "0 or more";
    }
    mpq_clear(value);
    return fault;
}

static const char *time_fault(rk_focus_kind check, rk_slice text)
{
    int64_t unix_s;
    rk_cell_quality quality = rk_bill_time(text, &unix_s);
    if (check == RK_FOCUS_DATE) {
        return quality == RK_CELL_BAD ? "a date with a time" : NULL;
    }
    return quality == RK_CELL_LOOSE ? "a time in UTC like 2026-10-01T00:00:00Z" : NULL;
}

const char *rk_focus_cell(rk_focus_kind check, const char *values, rk_slice text)
{
    switch (check) {
    case RK_FOCUS_DECIMAL:
    case RK_FOCUS_NUMERIC_FORMAT:
    case RK_FOCUS_ZERO:
    case RK_FOCUS_NOT_NEGATIVE:
        return number_fault(check, text);
    case RK_FOCUS_DATE:
    case RK_FOCUS_DATE_FORMAT:
        return time_fault(check, text);
    case RK_FOCUS_NO_PLACEHOLDER:
        return text_fault(text);
    case RK_FOCUS_UNIT_FORMAT:
        return unit_fault(text);
    case RK_FOCUS_CURRENCY_FORMAT:
        return currency_fault(text);
    case RK_FOCUS_CURRENCY:
        return currency_fault(text) || is_among(text, currencies, false) ? NULL : "a currency of ISO 4217";
    case RK_FOCUS_KEY_VALUE:
        return map_fault(text);
    case RK_FOCUS_ONE_OF:
        return is_among(text, values, false) ? NULL : values;
    case RK_FOCUS_NONE_OF:
        return is_among(text, values, false) ? values : NULL;
    default: /* needs other cells */
        return NULL;
    }
}
