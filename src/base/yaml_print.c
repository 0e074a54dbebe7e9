/* yaml_print.c - a tree as text that reads back as the same tree.
 *
 * Maps and lists stand in blocks, but those of a few scalars on one line. What stood plain stays plain where it is
 * plain anywhere, so that numbers stay numbers; all else is quoted.
 */
#include <string.h>

#include "base/yaml_parts.h"

enum { LINE_BYTES_MAX = 96 };

static bool is_plain_anywhere(const rk_yaml_node *node)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+/()%$^-";
    const char *text = node->text;
    size_t n = strlen(text);
    if (!node->is_plain || n == 0 || text[0] == ' ' || text[n - 1] == ' ' || text[0] == '%' ||
        (text[0] == '-' && n < 2)) {
        return false;
    }
    bool is_safe = strncmp(text, "- ", 2) != 0 && strncmp(text, "---", 3) != 0 && strncmp(text, "...", 3) != 0;
    for (const char *c = text; *c && is_safe; c++) {
        is_safe = *c == ' ' || strchr(safe, *c) != NULL;
    }
    return is_safe;
}

/* The code point that begins at text, which is UTF-8 as the reader left it, and its bytes. */
static uint32_t code_point(const char *text, size_t *n)
{
    const unsigned char *at = (const unsigned char *)text;
    *n = at[0] < 0x80 ? 1 : at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
    uint32_t point = *n == 1 ? at[0] : at[0] & (0xFFu >> (*n + 1));
    for (size_t i = 1; i < *n; i++) {
        point = point << 6 | (at[i] & 0x3Fu);
    }
    return point;
}

/* In double quotes; what YAML takes for a break, a mark of order or no character at all is written as an escape. */
static void print_quoted(const char *text, rk_text *out)
{
    size_t n;
    rk_text_add(out, "\"");
    for (; *text; text += n) {
        uint32_t point = code_point(text, &n);
        bool is_plain = point >= 0x20 && !(point >= 0x7F && point < 0xA0) && point != 0x2028 && point != 0x2029 &&
                        point != 0xFEFF && point != 0xFFFE && point != 0xFFFF;
        if (point == '"' || point == '\\') {
            rk_text_add(out, "\\");
            rk_text_add_slice(out, (rk_slice){text, n});
        } else if (is_plain) {
            rk_text_add_slice(out, (rk_slice){text, n});
        } else {
            rk_text_addf(out, "\\u%04x", point);
        }
    }
    rk_text_add(out, "\"");
}

static void print_scalar(const rk_yaml_node *node, rk_text *out)
{
    if (is_plain_anywhere(node)) {
        rk_text_add(out, node->text);
    } else {
        print_quoted(node->text, out);
    }
}

static bool is_flat(const rk_yaml_node *node)
{
    for (const rk_yaml_node *c = node->first; c; c = c->next) {
        if (c->kind != RK_YAML_SCALAR && c->n > 0) {
            return false;
        }
    }
    return true;
}

/* {a: 1, b: [2, 3]} */
static void print_flow(const rk_yaml_node *node, rk_text *out)
{
    if (node->kind == RK_YAML_SCALAR) {
        print_scalar(node, out);
        return;
    }
    rk_text_add(out, node->kind == RK_YAML_MAP ? "{" : "[");
    for (const rk_yaml_node *c = node->first; c; c = c->next) {
        rk_text_add(out, c == node->first ? "" : ", ");
        if (c->key) {
            print_scalar(c->key, out);
            rk_text_add(out, ": ");
        }
        print_flow(c, out);
    }
    rk_text_add(out, node->kind == RK_YAML_MAP ? "}" : "]");
}

/* Whether it was short enough for one line; then it stands there. */
static bool print_on_line(const rk_yaml_node *node, rk_text *out)
{
    rk_text line = {0};
    print_flow(node, &line);
    bool fits = node->kind == RK_YAML_SCALAR || node->n == 0 || (is_flat(node) && line.n <= LINE_BYTES_MAX);
    if (fits) {
        rk_text_add_slice(out, (rk_slice){line.at, line.n});
    }
    out->failed |= line.failed;
    rk_text_release(&line);
    return fits;
}

static void indent(rk_text *out, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++) {
        rk_text_add(out, "  ");
    }
}

/* Children, each on lines of its own; is_open: the cursor stands where the first one goes. */
static void print_block(const rk_yaml_node *node, unsigned depth, bool is_open, rk_text *out)
{
    for (const rk_yaml_node *c = node->first; c; c = c->next) {
        bool is_item = !c->key;
        if (!(is_open && c == node->first)) {
            indent(out, depth);
        }
        if (is_item) {
            rk_text_add(out, "- ");
        } else {
            print_scalar(c->key, out);
            rk_text_add(out, ":");
        }
        size_t before = out->n;
        rk_text_add(out, is_item ? "" : " ");
        if (print_on_line(c, out)) {
            rk_text_add(out, "\n");
            continue;
        }
        if (!is_item && !out->failed) { /* no blank at the end of the line */
            out->n = before;
            out->at[before] = '\0';
            rk_text_add(out, "\n");
        }
        print_block(c, depth + 1, is_item, out);
    }
}

void rk_yaml_print(const rk_yaml_node *root, rk_text *out)
{
    if (root->kind == RK_YAML_SCALAR || root->n == 0) {
        print_flow(root, out);
        rk_text_add(out, "\n");
    } else {
        print_block(root, 0, false, out);
    }
}
