/* yaml.c - builds the tree from libyaml's events, refusing what hides mistakes as soon as it is seen.
 *
 * Why events and not libyaml's documents: an alias is seen at its own place, and depth and size are bounded before
 * anything is built. Why a tree and not straight into structs: a plan refers to itself (prices, services), so places
 * are needed long after reading.
 *
 * libyaml counts columns in characters; ours are bytes. Marks only grow, so one cursor walks the text once.
 */
#include "base/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/file.h"
#include "base/yaml_parts.h"

typedef struct {
    size_t line, column, byte; /* from 0; column in characters */
    size_t line_byte;          /* where the line starts */
} cursor;

typedef struct {
    yaml_parser_t parser;
    rk_yaml *yaml;
    const char *name; /* of the text, in places */
    rk_yaml_node *root;
    rk_slice text;
    cursor at;
    size_t n_nodes;
    rk_error *err;
} builder;

/* ---- places ---- */

/* Bytes of the line break at byte i, 0 when there is none. */
static size_t break_bytes(rk_slice text, size_t i)
{
    const unsigned char *c = (const unsigned char *)text.at + i;
    size_t left = text.n - i;
    if (left >= 2 && c[0] == '\r' && c[1] == '\n') {
        return 2;
    }
    if (c[0] == '\n' || c[0] == '\r') {
        return 1;
    }
    if (left >= 2 && c[0] == 0xC2 && c[1] == 0x85) {
        return 2;
    }
    return left >= 3 && c[0] == 0xE2 && c[1] == 0x80 && (c[2] == 0xA8 || c[2] == 0xA9) ? 3 : 0;
}

static void step(cursor *at, rk_slice text)
{
    size_t skip = break_bytes(text, at->byte);
    if (skip) {
        at->byte += skip;
        at->line++;
        at->column = 0;
        at->line_byte = at->byte;
        return;
    }
    do {
        at->byte++;
    } while (at->byte < text.n && ((unsigned char)text.at[at->byte] & 0xC0) == 0x80);
    at->column++;
}

static rk_place place_of(builder *b, yaml_mark_t mark)
{
    if (mark.line < b->at.line || (mark.line == b->at.line && mark.column < b->at.column)) {
        b->at = (cursor){0};
    }
    while (b->at.byte < b->text.n &&
           (b->at.line < mark.line || (b->at.line == mark.line && b->at.column < mark.column))) {
        step(&b->at, b->text);
    }
    return (rk_place){b->name, b->at.line + 1, b->at.byte - b->at.line_byte + 1};
}

static rk_place place_of_byte(builder *b, size_t byte)
{
    b->at = (cursor){0};
    while (b->at.byte < byte && b->at.byte < b->text.n) {
        step(&b->at, b->text);
    }
    return (rk_place){b->name, b->at.line + 1, b->at.byte - b->at.line_byte + 1};
}

/* ---- the tree ---- */

static rk_status parser_failed(builder *b)
{
    const yaml_parser_t *p = &b->parser;
    const char *problem = p->problem ? p->problem : "unreadable";
    if (p->error == YAML_MEMORY_ERROR) {
        return rk_fail_memory(b->err, "a YAML file");
    }
    if (p->error == YAML_READER_ERROR) {
        return rk_fail_at(b->err, place_of_byte(b, p->problem_offset), "not readable as text: %s", problem);
    }
    rk_place at = place_of(b, p->problem_mark);
    if (b->at.byte < b->text.n && b->text.at[b->at.byte] == '\t') {
        return rk_fail_at(b->err, at, "not valid YAML: a tab cannot indent, use spaces");
    }
    return rk_fail_at(b->err, at, "not valid YAML: %s%s%s", p->context ? p->context : "", p->context ? ", " : "",
                      problem);
}

/* The next event, which the caller deletes. */
static rk_status next(builder *b, yaml_event_t *event)
{
    return yaml_parser_parse(&b->parser, event) ? RK_OK : parser_failed(b);
}

static const char *tag_of(const yaml_event_t *event)
{
    const yaml_char_t *tag = event->type == YAML_SCALAR_EVENT           ? event->data.scalar.tag
                             : event->type == YAML_MAPPING_START_EVENT  ? event->data.mapping_start.tag
                             : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.tag
                                                                        : NULL;
    return (const char *)tag;
}

static const char *anchor_of(const yaml_event_t *event)
{
    const yaml_char_t *anchor = event->type == YAML_SCALAR_EVENT           ? event->data.scalar.anchor
                                : event->type == YAML_MAPPING_START_EVENT  ? event->data.mapping_start.anchor
                                : event->type == YAML_SEQUENCE_START_EVENT ? event->data.sequence_start.anchor
                                : event->type == YAML_ALIAS_EVENT          ? event->data.alias.anchor
                                                                           : NULL;
    return (const char *)anchor;
}

static rk_status new_node(builder *b, const yaml_event_t *event, unsigned depth, rk_yaml_node **out)
{
    rk_place at = place_of(b, event->start_mark);
    if (event->type == YAML_ALIAS_EVENT || anchor_of(event)) {
        return rk_fail_at(b->err, at, "anchors and aliases are not allowed ('%c%.40s'): write the value out",
                          event->type == YAML_ALIAS_EVENT ? '*' : '&', anchor_of(event));
    }
    if (tag_of(event)) {
        return rk_fail_at(b->err, at, "tags are not allowed ('%.40s')", tag_of(event));
    }
    if (depth > RK_YAML_DEPTH_MAX) {
        return rk_fail_at(b->err, at, "nested more than %d deep", RK_YAML_DEPTH_MAX);
    }
    if (b->n_nodes++ == RK_YAML_NODES_MAX) {
        return rk_fail_at(b->err, at, "more than %d values in one file", RK_YAML_NODES_MAX);
    }
    *out = RK_TAKE(&b->yaml->arena, rk_yaml_node, 1);
    if (!*out) {
        return rk_fail_memory(b->err, "a YAML file");
    }
    (*out)->at = at;
    return RK_OK;
}

static rk_status fill_scalar(builder *b, const yaml_event_t *event, rk_yaml_node *node)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t n = event->data.scalar.length;
    if (memchr(text, '\0', n)) {
        return rk_fail_at(b->err, node->at, "a text must not hold a NUL character");
    }
    node->kind = RK_YAML_SCALAR;
    node->is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->text = rk_arena_copy(&b->yaml->arena, text, n);
    return node->text ? RK_OK : rk_fail_memory(b->err, "a YAML file");
}

static int by_key(const void *a, const void *b)
{
    const rk_yaml_node *x = *(const rk_yaml_node *const *)a, *y = *(const rk_yaml_node *const *)b;
    int order = strcmp(x->key->text, y->key->text);
    if (order) {
        return order;
    }
    return x->key->at.line != y->key->at.line
               ? (x->key->at.line > y->key->at.line) - (x->key->at.line < y->key->at.line)
               : (x->key->at.column > y->key->at.column) - (x->key->at.column < y->key->at.column);
}

static rk_status refuse_duplicates(builder *b, const rk_yaml_node *map)
{
    if (map->n < 2) {
        return RK_OK;
    }
    const rk_yaml_node **sorted = malloc(map->n * sizeof *sorted);
    if (!sorted) {
        return rk_fail_memory(b->err, "a YAML file");
    }
    size_t n = 0;
    for (const rk_yaml_node *c = map->first; c; c = c->next) {
        sorted[n++] = c;
    }
    qsort(sorted, n, sizeof *sorted, by_key);
    rk_status status = RK_OK;
    for (size_t i = 1; i < n && !status; i++) {
        const rk_yaml_node *was = sorted[i - 1]->key, *again = sorted[i]->key;
        if (strcmp(was->text, again->text) == 0) {
            status =
                rk_fail_at(b->err, again->at, "duplicate key '%.60s', first on line %zu", again->text, was->at.line);
        }
    }
    free(sorted);
    return status;
}

/* A map with a point may be a number that nobody knows for sure: whoever reads it as one says so in the record. */
static rk_status record_uncertain(builder *b, rk_yaml_node *node)
{
    rk_uncertain *record = RK_TAKE(&b->yaml->arena, rk_uncertain, 1);
    if (!record || !rk_vec_push(&b->yaml->uncertain, &record)) {
        return rk_fail_memory(b->err, "a YAML file");
    }
    record->node = node;
    node->uncertain = record;
    return RK_OK;
}

static rk_status build(builder *b, const yaml_event_t *event, unsigned depth, rk_yaml_node **out);

/* Children up to the end event; in a map each is preceded by its key. */
static rk_status fill_children(builder *b, rk_yaml_node *node, unsigned depth)
{
    rk_yaml_node **tail = &node->first, *key = NULL;
    for (;;) {
        yaml_event_t event;
        rk_yaml_node *child = NULL;
        rk_status status = next(b, &event);
        if (status) {
            return status;
        }
        bool at_end = event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT;
        status = at_end ? RK_OK : build(b, &event, depth + 1, &child);
        yaml_event_delete(&event);
        if (status || at_end) {
            return status;
        }
        if (node->kind == RK_YAML_MAP && !key) {
            if (child->kind != RK_YAML_SCALAR) {
                return rk_fail_at(b->err, child->at, "a key must be a plain word");
            }
            key = child;
            continue;
        }
        child->key = key;
        key = NULL;
        *tail = child;
        tail = &child->next;
        node->n++;
    }
}

static rk_status build(builder *b, const yaml_event_t *event, unsigned depth, rk_yaml_node **out)
{
    rk_yaml_node *node = NULL;
    rk_status status = new_node(b, event, depth, &node);
    if (status) {
        return status;
    }
    *out = node;
    if (event->type == YAML_SCALAR_EVENT) {
        return fill_scalar(b, event, node);
    }
    node->kind = event->type == YAML_MAPPING_START_EVENT ? RK_YAML_MAP : RK_YAML_LIST;
    status = fill_children(b, node, depth);
    status = status || node->kind == RK_YAML_LIST ? status : refuse_duplicates(b, node);
    return status || !rk_yaml_find(node, "point") ? status : record_uncertain(b, node);
}

/* stream start, document start, the root, document end, stream end */
static rk_status build_document(builder *b)
{
    rk_status status = RK_OK;
    bool done = false;
    while (!done && !status) {
        yaml_event_t event;
        status = next(b, &event);
        if (status) {
            break;
        }
        if (event.type == YAML_STREAM_END_EVENT) {
            done = true;
        } else if (event.type == YAML_DOCUMENT_START_EVENT && b->root) {
            status = rk_fail_at(b->err, place_of(b, event.start_mark), "a second document starts here; one is read");
        } else if (event.type != YAML_STREAM_START_EVENT && event.type != YAML_DOCUMENT_START_EVENT &&
                   event.type != YAML_DOCUMENT_END_EVENT) {
            status = build(b, &event, 1, &b->root);
        }
        yaml_event_delete(&event);
    }
    if (!status && !b->root) {
        return rk_fail(b->err, RK_BAD_INPUT, "'%s' is empty", b->name);
    }
    return status;
}

rk_status rk_yaml_parse_into(rk_yaml *yaml, rk_slice text, const char *name, rk_yaml_node **root, rk_error *err)
{
    if (text.n > RK_YAML_BYTES_MAX) {
        return rk_fail(err, RK_BAD_INPUT, "'%s' has %zu bytes, at most %d are read", name, text.n, RK_YAML_BYTES_MAX);
    }
    builder b = {.yaml = yaml, .name = name, .text = text, .err = err};
    if (!yaml_parser_initialize(&b.parser)) {
        return rk_fail_memory(err, "a YAML file");
    }
    if (text.n >= 3 && memcmp(text.at, "\xEF\xBB\xBF", 3) == 0) { /* a byte order mark, as some editors write */
        text = (rk_slice){text.at + 3, text.n - 3};
    }
    yaml_parser_set_encoding(&b.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&b.parser, (const unsigned char *)text.at, text.n);
    rk_status status = build_document(&b);
    yaml_parser_delete(&b.parser);
    *root = b.root;
    return status;
}

rk_status rk_yaml_parse(rk_slice text, const char *name, rk_yaml **out, rk_error *err)
{
    rk_yaml *yaml = calloc(1, sizeof *yaml);
    if (!yaml) {
        return rk_fail_memory(err, "a YAML file");
    }
    yaml->uncertain.item_bytes = sizeof(rk_uncertain *);
    yaml->path = rk_arena_copy(&yaml->arena, name, strlen(name));
    rk_status status = yaml->path ? rk_yaml_parse_into(yaml, text, yaml->path, &yaml->root, err)
                                  : rk_fail_memory(err, "a YAML file");
    if (status) {
        rk_yaml_free(yaml);
        return status;
    }
    *out = yaml;
    return RK_OK;
}

rk_status rk_yaml_read(const char *path, rk_yaml **out, rk_error *err)
{
    rk_mapped file = {0};
    rk_status status = rk_mapped_open(path, &file, err);
    if (status) {
        return status;
    }
    status = rk_yaml_parse((rk_slice){(const char *)file.at, file.n_bytes}, path, out, err);
    rk_mapped_close(&file);
    return status;
}

void rk_yaml_free(rk_yaml *yaml)
{
    if (yaml) {
        rk_arena arena = yaml->arena;
        rk_vec_release(&yaml->uncertain);
        free(yaml);
        rk_arena_release(&arena);
    }
}

const rk_yaml_node *rk_yaml_root(const rk_yaml *yaml) { return yaml->root; }
size_t rk_yaml_n_uncertain(const rk_yaml *yaml) { return yaml->uncertain.n; }

rk_uncertain *rk_yaml_uncertain(const rk_yaml *yaml, size_t i)
{
    return ((rk_uncertain *const *)yaml->uncertain.data)[i];
}

const rk_yaml_node *rk_yaml_find(const rk_yaml_node *map, const char *key)
{
    for (const rk_yaml_node *c = map->first; c; c = c->next) {
        if (c->key && strcmp(c->key->text, key) == 0) {
            return c;
        }
    }
    return NULL;
}
