#include "xml_check.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { DEPTH_MAX = 64, NAME_MAX_BYTES = 32, ATTRIBUTES_MAX = 16 };

size_t count_of(const char *text, const char *part)
{
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
        n++;
    return n;
}

static bool is_entity(const char *at)
{
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;", "&apos;"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strncmp(at, known[i], strlen(known[i])) == 0)
            return true;
    return false;
}

static const char *name_end(const char *at)
{
    while (isalnum((unsigned char)*at) || *at == '-' || *at == ':')
        at++;
    return at;
}

/* Reads attributes up to '>' or '/'; NULL with *why set when something is wrong. */
static const char *read_attributes(const char *at, const char **why)
{
    struct {
        const char *name;
        size_t n;
    } seen[ATTRIBUTES_MAX];
    size_t n_seen = 0;
    while (*at == ' ') {
        const char *name = ++at, *end = name_end(at);
        *why = "an attribute is not name=\"value\"";
        if (end == name || end[0] != '=' || end[1] != '"' || n_seen == ATTRIBUTES_MAX)
            return NULL;
        for (size_t i = 0; i < n_seen; i++)
            if (seen[i].n == (size_t)(end - name) && memcmp(seen[i].name, name, seen[i].n) == 0)
                return *why = "an attribute stands twice", NULL;
        seen[n_seen].name = name;
        seen[n_seen++].n = (size_t)(end - name);
        const char *value = end + 2;
        for (at = value; *at && *at != '"'; at++)
            if (*at == '<' || (*at == '&' && !is_entity(at)))
                return *why = "a value is not escaped", NULL;
        if (*at++ != '"')
            return *why = "a value does not end", NULL;
        if (strncmp(value, "nan", 3) == 0 || strncmp(value, "inf", 3) == 0 || strncmp(value, "-nan", 4) == 0)
            return *why = "a coordinate is not a number", NULL;
    }
    return at;
}

const char *xml_complaint(const char *text)
{
    char open[DEPTH_MAX][NAME_MAX_BYTES];
    size_t depth = 0;
    const char *why = NULL;
    for (const char *at = text; *at;) {
        if (*at == '&' && !is_entity(at))
            return "an ampersand is not escaped";
        if (*at != '<') {
            at++;
            continue;
        }
        if (strncmp(at, "<!doctype html>", 15) == 0) {
            at += 15;
            continue;
        }
        bool is_end = at[1] == '/';
        const char *name = at + 1 + is_end, *end = name_end(name);
        size_t n = (size_t)(end - name);
        if (n == 0 || n >= NAME_MAX_BYTES)
            return "a tag has no name";
        if (is_end) {
            if (*end != '>' || depth == 0 || strlen(open[depth - 1]) != n || memcmp(open[depth - 1], name, n) != 0)
                return "an end tag does not fit";
            depth--;
            at = end + 1;
            continue;
        }
        at = read_attributes(end, &why);
        if (!at)
            return why;
        bool is_void = *at == '/' || (n == 4 && memcmp(name, "meta", 4) == 0);
        at += *at == '/';
        if (*at++ != '>')
            return "a tag does not end";
        if (!is_void) {
            if (depth == DEPTH_MAX)
                return "too deep";
            memcpy(open[depth], name, n);
            open[depth++][n] = 0;
        }
    }
    return depth ? "a tag is left open" : NULL;
}
