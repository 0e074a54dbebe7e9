/* request.c - strict where leniency has been a hole: lengths, hosts, encodings; every refusal names what and where. */
#include "serve/request.h"

#include <string.h>
#include <strings.h>

/* ---- target ---- */

static rk_slice slice_from(rk_slice slice, size_t at) { return (rk_slice){slice.at + at, slice.n - at}; }

static size_t find_byte(rk_slice slice, char byte)
{
    const char *found = slice.n ? memchr(slice.at, byte, slice.n) : NULL;
    return found ? (size_t)(found - slice.at) : slice.n;
}

bool rk_target_split(rk_slice raw, rk_target *out, rk_problem *problem)
{
    if (raw.n > RK_TARGET_BYTES_MAX) {
        return rk_problem_set(problem, 414, NULL, "the target has more than %d bytes", RK_TARGET_BYTES_MAX);
    }
    if (raw.n >= 7 && strncasecmp(raw.at, "http://", 7) == 0) {
        raw = slice_from(raw, 7);
        size_t path = find_byte(raw, '/'), query = find_byte(raw, '?');
        raw = slice_from(raw, path < query ? path : query);
        if (raw.n == 0 || raw.at[0] == '?') {
            *out = (rk_target){RK_SLICE("/"), raw.n ? slice_from(raw, 1) : raw};
            return true;
        }
    }
    if (raw.n == 0 || raw.at[0] != '/') {
        return rk_problem_set(problem, 400, NULL, "the target must begin with '/', got '%.*s'",
                              (int)(raw.n < 40 ? raw.n : 40), raw.n ? raw.at : "");
    }
    for (size_t i = 0; i < raw.n; i++) {
        if ((unsigned char)raw.at[i] <= ' ' || raw.at[i] == 0x7f) {
            return rk_problem_set(problem, 400, NULL, "the target must not hold blanks or control characters");
        }
    }
    size_t mark = find_byte(raw, '?');
    *out = (rk_target){{raw.at, mark}, mark < raw.n ? slice_from(raw, mark + 1) : (rk_slice){raw.at + mark, 0}};
    return true;
}

bool rk_path_match(const char *pattern, rk_slice path, rk_slice *variable)
{
    size_t at = 0;
    for (; *pattern; pattern++) {
        if (*pattern != '{') {
            if (at == path.n || path.at[at++] != *pattern) {
                return false;
            }
            continue;
        }
        size_t length = find_byte(slice_from(path, at), '/');
        *variable = (rk_slice){path.at + at, length};
        at += length;
        pattern = strchr(pattern, '}');
        if (length == 0 || !pattern) {
            return false;
        }
    }
    return at == path.n;
}

/* ---- percent-encoding ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool check_decoded(rk_slice text, const char *field, rk_problem *problem)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f) {
            return rk_problem_set(problem, 400, field, "%s must not hold control characters", field);
        }
    }
    if (rk_utf8_valid_prefix(text) != text.n) {
        return rk_problem_set(problem, 400, field, "%s must be UTF-8", field);
    }
    return true;
}

bool rk_percent_decode(rk_slice raw, bool is_query, const char *field, rk_arena *arena, rk_slice *out,
                       rk_problem *problem)
{
    char *decoded = RK_TAKE(arena, char, raw.n + 1);
    if (!decoded) {
        return rk_problem_set(problem, 503, NULL, "out of memory");
    }
    size_t n = 0;
    for (size_t i = 0; i < raw.n; i++) {
        char c = raw.at[i];
        if (c == '%') {
            bool is_whole = i + 2 < raw.n;
            int high = is_whole ? hex_digit(raw.at[i + 1]) : -1;
            int low = is_whole ? hex_digit(raw.at[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return rk_problem_set(problem, 400, field, "%s has a '%%' without two hex digits", field);
            }
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && is_query) {
            c = ' ';
        }
        decoded[n++] = c;
    }
    if (n > RK_VALUE_BYTES_MAX) {
        return rk_problem_set(problem, 400, field, "%s has more than %d bytes", field, RK_VALUE_BYTES_MAX);
    }
    *out = (rk_slice){decoded, n};
    return check_decoded(*out, field, problem);
}

/* ---- parameters ---- */

static bool parse_count(const rk_param *param, rk_param_value *value, rk_problem *problem)
{
    if (!rk_parse_u64(value->text, &value->count) || value->count < param->min || value->count > param->max) {
        return rk_problem_set(problem, 400, param->name, "%s must be %llu to %llu, got '%.*s'", param->name,
                              (unsigned long long)param->min, (unsigned long long)param->max,
                              (int)(value->text.n < 40 ? value->text.n : 40), value->text.at);
    }
    return true;
}

/* Splits at the commas as sent, then decodes each part. */
static bool parse_list(const rk_param *param, rk_slice raw, rk_arena *arena, rk_param_value *value, rk_problem *problem)
{
    if (!value->list && !(value->list = RK_TAKE(arena, rk_slice, RK_LIST_VALUES_MAX))) {
        return rk_problem_set(problem, 503, NULL, "out of memory");
    }
    while (raw.n > 0) {
        size_t comma = find_byte(raw, ',');
        if (comma > 0) {
            if (value->n_list == RK_LIST_VALUES_MAX) {
                return rk_problem_set(problem, 400, param->name, "%s holds more than %d values", param->name,
                                      RK_LIST_VALUES_MAX);
            }
            if (!rk_percent_decode((rk_slice){raw.at, comma}, true, param->name, arena, &value->list[value->n_list++],
                                   problem)) {
                return false;
            }
        }
        raw = slice_from(raw, comma < raw.n ? comma + 1 : raw.n);
    }
    return true;
}

static bool parse_value(const rk_param *param, rk_slice raw, rk_arena *arena, rk_param_value *value,
                        rk_problem *problem)
{
    if (value->is_given && param->kind != RK_PARAM_LIST) {
        return rk_problem_set(problem, 400, param->name, "%s is given twice", param->name);
    }
    value->is_given = true;
    if (param->kind == RK_PARAM_LIST) {
        return parse_list(param, raw, arena, value, problem);
    }
    if (!rk_percent_decode(raw, param->kind != RK_PARAM_PATH, param->name, arena, &value->text, problem)) {
        return false;
    }
    if (param->kind == RK_PARAM_COUNT) {
        return parse_count(param, value, problem);
    }
    return value->text.n > 0 || rk_problem_set(problem, 400, param->name, "%s must not be empty", param->name);
}

static bool refuse_unknown(const rk_param *params, size_t n_params, rk_slice name, rk_problem *problem)
{
    const char *names[RK_ROUTE_PARAMS_MAX];
    size_t n_names = 0;
    for (size_t i = 0; i < n_params; i++) {
        if (params[i].kind != RK_PARAM_PATH) {
            names[n_names++] = params[i].name;
        }
    }
    char word[64];
    size_t n = name.n < sizeof word - 1 ? name.n : sizeof word - 1;
    memcpy(word, name.at, n);
    word[n] = '\0';
    const char *nearest = rk_nearest_name(word, names, n_names);
    return nearest ? rk_problem_set(problem, 400, word, "unknown parameter '%s', did you mean '%s'", word, nearest)
                   : rk_problem_set(problem, 400, word, "unknown parameter '%s'", word);
}

/* One "name=value" of the query. */
static bool parse_pair(const rk_param *params, size_t n_params, rk_slice pair, rk_arena *arena, rk_param_value *values,
                       rk_problem *problem)
{
    size_t equals = find_byte(pair, '=');
    rk_slice name = {pair.at, equals};
    rk_slice raw = slice_from(pair, equals < pair.n ? equals + 1 : pair.n);
    for (size_t i = 0; i < n_params; i++) {
        if (params[i].kind != RK_PARAM_PATH && rk_slice_is(name, params[i].name)) {
            return parse_value(&params[i], raw, arena, &values[i], problem);
        }
    }
    return refuse_unknown(params, n_params, name, problem);
}

static bool fill_missing(const rk_param *param, rk_slice variable, rk_arena *arena, rk_param_value *value,
                         rk_problem *problem)
{
    if (param->kind == RK_PARAM_PATH) {
        return parse_value(param, variable, arena, value, problem);
    }
    if (!value->is_given && param->is_required) {
        return rk_problem_set(problem, 400, param->name, "%s is required", param->name);
    }
    if (!value->is_given) {
        value->count = param->fallback;
    }
    return true;
}

bool rk_params_parse(const rk_param *params, size_t n_params, rk_slice variable, rk_slice query, rk_arena *arena,
                     rk_param_value *values, rk_problem *problem)
{
    memset(values, 0, n_params * sizeof *values);
    while (query.n > 0) {
        size_t end = find_byte(query, '&');
        if (end > 0 && !parse_pair(params, n_params, (rk_slice){query.at, end}, arena, values, problem)) {
            return false;
        }
        query = slice_from(query, end < query.n ? end + 1 : query.n);
    }
    for (size_t i = 0; i < n_params; i++) {
        if (!fill_missing(&params[i], variable, arena, &values[i], problem)) {
            return false;
        }
    }
    return true;
}

/* ---- headers ---- */

static bool name_is(rk_slice name, const char *word)
{
    return name.n == strlen(word) && strncasecmp(name.at, word, name.n) == 0;
}

/* RFC 9110: letters, digits and these marks. */
static bool is_token(rk_slice name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.at[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_plain && (!c || !strchr("-_.!#$%&'*+^`|~", c))) {
            return false;
        }
    }
    return name.n > 0;
}

void rk_headers_note(rk_header_facts *facts, rk_slice name, rk_slice value)
{
    facts->is_name_bad |= !is_token(name);
    if (name_is(name, "Host")) {
        facts->n_host++;
    } else if (name_is(name, "Transfer-Encoding")) {
        facts->n_transfer_encoding++;
    } else if (name_is(name, "Authorization")) {
        facts->n_authorization++;
        facts->authorization = value;
    } else if (name_is(name, "traceparent")) {
        facts->n_traceparent++;
        facts->traceparent = value;
    } else if (name_is(name, "X-Forwarded-For")) {
        rk_forwarded_note(&facts->forwarded, value);
    } else if (name_is(name, "Origin")) {
        facts->origin = value;
    } else if (name_is(name, "Access-Control-Request-Method")) {
        facts->is_preflight = true;
    } else if (name_is(name, "Content-Length")) {
        facts->n_content_length++;
        for (size_t i = 0; i < value.n; i++) {
            facts->is_length_bad |= value.at[i] < '0' || value.at[i] > '9';
        }
        facts->is_length_bad |= !rk_parse_u64(value, &facts->content_length);
    }
}

bool rk_headers_judge(const rk_header_facts *facts, size_t headers_bytes, bool is_old, size_t body_bytes_max,
                      rk_problem *problem)
{
    if (headers_bytes > RK_HEADERS_BYTES_MAX) {
        return rk_problem_set(problem, 431, NULL, "the headers have more than %d bytes", RK_HEADERS_BYTES_MAX);
    }
    if (facts->is_name_bad) {
        return rk_problem_set(problem, 400, NULL, "a header's name must not hold blanks or other odd characters");
    }
    if (facts->n_host > 1 || (facts->n_host == 0 && !is_old)) {
        return rk_problem_set(problem, 400, "Host", "one Host header is needed, got %u", facts->n_host);
    }
    if (facts->n_authorization > 1) {
        return rk_problem_set(problem, 400, "Authorization", "Authorization is given %u times", facts->n_authorization);
    }
    if (facts->n_content_length > 1) {
        return rk_problem_set(problem, 400, "Content-Length", "Content-Length is given %u times",
                              facts->n_content_length);
    }
    if (facts->n_content_length && facts->n_transfer_encoding) {
        return rk_problem_set(problem, 400, "Transfer-Encoding",
                              "Content-Length and Transfer-Encoding exclude each other");
    }
    if (facts->n_transfer_encoding) {
        return rk_problem_set(problem, 411, "Content-Length", "a body needs a Content-Length, not Transfer-Encoding");
    }
    if (facts->is_length_bad) {
        return rk_problem_set(problem, 400, "Content-Length", "Content-Length must be a number");
    }
    if (facts->content_length > body_bytes_max) {
        return rk_problem_set(problem, 413, "Content-Length", "the body has more than %zu bytes", body_bytes_max);
    }
    return true;
}
