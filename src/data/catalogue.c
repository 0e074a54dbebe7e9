/* catalogue.c - see catalogue.h: the columns are cast after a look at the first products, then all are read in one go.
 */
#include "data/catalogue.h"

#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "data/cell.h"
#include "data/product.h"
#include "data/roles.h"
#include "data/shelf.h"

enum { LOOK_PRODUCTS = 1000, PATTERNS_MAX = 64, NAME_BYTES = 256 };

typedef struct {
    rk_interner *names; /* of fields met so far */
    rk_vec role;        /* int, by name: rk_role, -1 attribute, -2 nothing */
    char *words;        /* owned; the map, cut up */
    const char *pattern[PATTERNS_MAX];
    size_t n_patterns;
    rk_casting casting; /* columns are numbers of names */
} cast;

enum { ATTRIBUTE = -1, NOTHING = -2 };

/* ---- the map ---- */

/* Takes "attributes=PATTERN" words out of the map; the others go into rest. */
static rk_status take_patterns(cast *c, const char *map, rk_text *rest, rk_error *err)
{
    c->words = strdup(map);
    if (!c->words) {
        return rk_fail_memory(err, "--map");
    }
    char *save = NULL;
    for (char *word = strtok_r(c->words, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
        word += strspn(word, " ");
        if (strncmp(word, "attributes=", 11) != 0) {
            rk_text_addf(rest, "%s%s", rest->n > 0 ? "," : "", word);
        } else if (c->n_patterns == PATTERNS_MAX) {
            return rk_fail(err, RK_BAD_USAGE, "--map: more than %d patterns of attributes", (int)PATTERNS_MAX);
        } else {
            c->pattern[c->n_patterns++] = word + 11;
        }
    }
    return rest->failed ? rk_fail_memory(err, "--map") : RK_OK;
}

static bool is_attribute(const cast *c, rk_slice name)
{
    char text[NAME_BYTES];
    snprintf(text, sizeof text, "%.*s", (int)(name.n < sizeof text ? name.n : sizeof text - 1), name.at);
    for (size_t p = 0; p < c->n_patterns; p++) {
        if (fnmatch(c->pattern[p], text, 0) == 0) {
            return true;
        }
    }
    return false;
}

static rk_status know(rk_interner *names, rk_slice name, rk_error *err)
{
    bool is_done = rk_interner_count(names) >= RK_COLUMNS_MAX || rk_interner_add(names, name) != RK_NO_ID;
    return is_done ? RK_OK : rk_fail_memory(err, "the names of columns");
}

/* The names of a header, or of the first products' fields. */
static rk_status look(const rk_catalogue_options *options, rk_interner *names, rk_error *err)
{
    rk_product_reader *reader = NULL;
    const rk_product_field *fields = NULL;
    size_t n = 0;
    rk_place place;
    rk_status status = rk_product_reader_open(options->path, options->format, options->delimiter, &reader, err);
    for (size_t c = 0; !status && rk_product_reader_column(reader, c).at; c++) {
        status = know(names, rk_product_reader_column(reader, c), err);
    }
    for (size_t i = 0; i < LOOK_PRODUCTS && !status && (i == 0 || fields); i++) {
        status = rk_product_next(reader, &fields, &n, &place, err);
        for (size_t f = 0; !status && fields && f < n; f++) {
            status = know(names, fields[f].name, err);
        }
    }
    rk_product_reader_close(reader);
    return status;
}

static rk_status check_roles(const rk_casting *casting, rk_error *err)
{
    static const rk_role foreign[] = {RK_ROLE_USER, RK_ROLE_EVENT, RK_ROLE_DOCUMENT,
                                      RK_ROLE_TIME, RK_ROLE_VALUE, RK_ROLE_QUANTITY};
    for (size_t i = 0; i < RK_COUNT_OF(foreign); i++) {
        if (rk_casting_has(casting, foreign[i])) {
            return rk_fail(err, RK_BAD_USAGE,
                           "--map: a catalogue has no %s; its roles are item, title, text, brand, category, price and "
                           "attributes",
                           rk_role_name(foreign[i]));
        }
    }
    return RK_OK;
}

/* In a log `id` may be anything's; in a catalogue it is the product's. */
static void guess_id(cast *c)
{
    uint32_t id = rk_interner_find(c->names, RK_SLICE("id"));
    if (!rk_casting_has(&c->casting, RK_ROLE_ITEM) && id != RK_NO_ID) {
        c->casting.column[RK_ROLE_ITEM] = (uint16_t)id;
    }
}

static rk_status cast_columns(cast *c, const rk_catalogue_options *options, const char *map, rk_error *err)
{
    uint32_t n = rk_interner_count(c->names);
    rk_slice *names = calloc((size_t)n + 1, sizeof *names);
    char list[256];
    if (!names) {
        return rk_fail_memory(err, "the names of columns");
    }
    for (uint32_t i = 0; i < n; i++) {
        names[i] = rk_interner_key(c->names, i);
    }
    rk_status status = RK_OK;
    if (options->map) {
        status = rk_casting_parse(map, options->path, names, n, &c->casting, err);
        status = status ? status : check_roles(&c->casting, err);
    } else {
        c->casting = rk_casting_guess(names, n);
        guess_id(c);
    }
    if (!status && !rk_casting_has(&c->casting, RK_ROLE_ITEM)) {
        rk_names_list(names, n, 10, list, sizeof list);
        status = rk_fail(err, RK_BAD_INPUT, "%s: which column is the item? say --map item=COLUMN; the columns are %s",
                         options->path, list);
    }
    free(names);
    return status;
}

/* What the next new name means; beyond the first products only attributes are new. */
static int role_of(const cast *c, uint32_t number, rk_slice name, bool is_mapped)
{
    static const rk_role ours[] = {RK_ROLE_ITEM,  RK_ROLE_TITLE,    RK_ROLE_TEXT,
                                   RK_ROLE_BRAND, RK_ROLE_CATEGORY, RK_ROLE_PRICE};
    for (size_t r = 0; r < RK_COUNT_OF(ours); r++) {
        if (c->casting.column[ours[r]] == number) {
            return (int)ours[r];
        }
    }
    return !is_mapped || is_attribute(c, name) ? ATTRIBUTE : NOTHING;
}

static rk_status open_cast(cast *c, const rk_catalogue_options *options, rk_error *err)
{
    rk_text rest = {0};
    *c = (cast){.names = rk_interner_new(), .role = {.item_bytes = sizeof(int)}};
    if (!c->names) {
        return rk_fail_memory(err, "the names of columns");
    }
    rk_status status = options->map ? take_patterns(c, options->map, &rest, err) : RK_OK;
    status = status ? status : look(options, c->names, err);
    status = status ? status : cast_columns(c, options, rest.n > 0 ? rest.at : NULL, err);
    rk_text_release(&rest);
    return status;
}

static void close_cast(cast *c)
{
    rk_interner_free(c->names);
    rk_vec_release(&c->role);
    free(c->words);
}

/* RK_NO_ID when memory is short. */
static bool find_role(cast *c, rk_slice name, bool is_mapped, int *role)
{
    uint32_t number = rk_interner_add(c->names, name);
    while (number != RK_NO_ID && c->role.n <= number) {
        uint32_t next = (uint32_t)c->role.n;
        int found = role_of(c, next, rk_interner_key(c->names, next), is_mapped);
        if (!rk_vec_push(&c->role, &found)) {
            return false;
        }
    }
    if (number != RK_NO_ID) {
        *role = ((const int *)c->role.data)[number];
    }
    return number != RK_NO_ID;
}

/* ---- one product ---- */

typedef struct {
    const rk_catalogue_options *options;
    cast cast;
    rk_shelf shelf;
    unsigned char *is_met; /* by item: the catalogue has told of it */
    size_t met_capacity;
    rk_catalogue_report *report;
} reading;

/* Which of the shelf's texts a role is, or RK_SHELF_TEXTS. */
static rk_shelf_text text_of(int role)
{
    return role == RK_ROLE_TITLE      ? RK_SHELF_TITLE
           : role == RK_ROLE_CATEGORY ? RK_SHELF_CATEGORY
           : role == RK_ROLE_BRAND    ? RK_SHELF_BRAND
           : role == RK_ROLE_TEXT     ? RK_SHELF_TEXT
                                      : RK_SHELF_TEXTS;
}

static bool put_field(reading *r, rk_shelf_item *item, const rk_product_field *field, int role, unsigned *told)
{
    rk_shelf_text which = text_of(role);
    rk_amount amount;
    if (which < RK_SHELF_TEXTS) { /* a list of categories: one text */
        bool again = *told >> which & 1;
        *told |= 1u << which;
        return rk_shelf_put(&r->shelf, item, which, field->value, again);
    }
    if (role == RK_ROLE_PRICE) {
        bool is_good = rk_amount_parse(field->value, &amount);
        r->report->n_bad_prices += !is_good;
        item->price = is_good ? (float)amount.real : item->price;
    }
    return role != ATTRIBUTE || rk_shelf_pair_add(&r->shelf, item, field->name, field->value);
}

static bool meet(reading *r, size_t number)
{
    if (number >= r->met_capacity) {
        size_t capacity = 2 * number + 1024;
        unsigned char *grown = realloc(r->is_met, capacity);
        if (!grown) {
            return false;
        }
        memset(grown + r->met_capacity, 0, capacity - r->met_capacity);
        r->is_met = grown;
        r->met_capacity = capacity;
    }
    r->report->n_again += r->is_met[number];
    r->is_met[number] = 1;
    return true;
}

static bool put_product(reading *r, const rk_product_field *fields, size_t n, const int *role, rk_slice id)
{
    bool is_new, is_done = true;
    unsigned told = 0;
    rk_shelf_item *item = rk_shelf_item_of(&r->shelf, id, &is_new);
    if (!item || !meet(r, (size_t)(item - (rk_shelf_item *)r->shelf.about.data))) {
        return false;
    }
    item->n_pairs = 0; /* the last word counts */
    for (size_t f = 0; f < n && is_done; f++) {
        is_done = put_field(r, item, &fields[f], role[f], &told);
    }
    return is_done;
}

static rk_status take_product(reading *r, const rk_product_field *fields, size_t n, rk_vec *roles, rk_error *err)
{
    rk_slice id = {NULL, 0};
    rk_vec_clear(roles);
    for (size_t f = 0; f < n; f++) {
        int role = NOTHING;
        if (!find_role(&r->cast, fields[f].name, r->options->map != NULL, &role) || !rk_vec_push(roles, &role)) {
            return rk_fail_memory(err, "a product");
        }
        id = role == RK_ROLE_ITEM && !id.at ? fields[f].value : id;
    }
    r->report->n_products++;
    if (!id.at) {
        r->report->n_without_id++;
        return RK_OK;
    }
    return put_product(r, fields, n, roles->data, id) ? RK_OK : rk_fail_memory(err, "a product");
}

static rk_status read_products(reading *r, const rk_run *run, rk_error *err)
{
    rk_product_reader *reader = NULL;
    const rk_product_field *fields = NULL;
    rk_vec roles = {.item_bytes = sizeof(int)};
    size_t n;
    rk_place place;
    rk_status status =
        rk_product_reader_open(r->options->path, r->options->format, r->options->delimiter, &reader, err);
    status = status ? status : rk_product_next(reader, &fields, &n, &place, err);
    while (!status && fields) {
        status = take_product(r, fields, n, &roles, err);
        status = status ? status : rk_product_next(reader, &fields, &n, &place, err);
        if (r->report->n_products % 1024 == 0) {
            rk_progress(run, "reading", "products", r->report->n_products, 0);
        }
    }
    r->report->bytes_in = reader ? rk_product_reader_bytes_in(reader) : 0;
    rk_product_reader_close(reader);
    rk_vec_release(&roles);
    return status;
}

/* ---- all of it ---- */

static void note_columns(const cast *c, rk_catalogue_report *report)
{
    size_t n = 0;
    for (rk_role role = 0; role < RK_N_ROLES && n + 1 < sizeof report->columns; role++) {
        bool is_ours = role == RK_ROLE_ITEM || role == RK_ROLE_PRICE || text_of((int)role) < RK_SHELF_TEXTS;
        if (is_ours && rk_casting_has(&c->casting, role)) {
            rk_slice name = rk_interner_key(c->names, c->casting.column[role]);
            n += (size_t)snprintf(report->columns + n, sizeof report->columns - n, "%s%s = %.*s", n > 0 ? ", " : "",
                                  rk_role_name(role), (int)(name.n < 60 ? name.n : 60), name.at);
        }
    }
}

static void note_items(const rk_shelf *shelf, rk_catalogue_report *report)
{
    const rk_shelf_item *about = shelf->about.data;
    report->n_items = (uint32_t)shelf->about.n;
    report->n_attributes = rk_interner_count(shelf->attributes);
    for (size_t i = 0; i < shelf->about.n; i++) {
        report->n_title += about[i].n[RK_SHELF_TITLE] > 0;
        report->n_category += about[i].n[RK_SHELF_CATEGORY] > 0;
        report->n_brand += about[i].n[RK_SHELF_BRAND] > 0;
        report->n_text += about[i].n[RK_SHELF_TEXT] > 0;
        report->n_price += isnan(about[i].price) ? 0 : 1;
        report->n_values += about[i].n_pairs;
    }
}

static void fill_meta(json_t *meta, const rk_dataset *into, const rk_catalogue_report *report)
{
    const json_t *old = into ? rk_artefact_meta(into->artefact) : NULL;
    json_t *copy = old ? json_deep_copy(old) : json_object();
    json_object_update(meta, copy);
    json_decref(copy);
    json_object_set_new(meta, "users", json_integer(into ? into->n_users : 0));
    json_object_set_new(meta, "items", json_integer(report->n_items));
    json_object_set_new(meta, "events", json_integer(into ? (json_int_t)into->n_events : 0));
    json_object_set_new(meta, "products", json_integer((json_int_t)report->n_products));
    json_object_set_new(meta, "attributes", json_integer(report->n_attributes));
    json_object_set_new(meta, "catalogue", json_string(report->columns));
}

static rk_status write(reading *r, const rk_dataset *into, rk_stopwatch watch, rk_error *err)
{
    rk_artefact_writer *writer = NULL;
    rk_status status = rk_artefact_create(r->options->out_path, "dataset", &writer, err);
    status = status || !into ? status : rk_artefact_add_parent(writer, into->artefact, err);
    status = status ? status : rk_shelf_write(&r->shelf, into, writer, err);
    if (status) {
        rk_artefact_abort(writer);
        return status;
    }
    fill_meta(rk_artefact_writer_meta(writer), into, r->report);
    rk_usage making = rk_stopwatch_stop(watch);
    making.bytes_in = r->report->bytes_in;
    return rk_artefact_commit(writer, &making, err);
}

static rk_status check(const rk_catalogue_options *options, rk_error *err)
{
    if (strcmp(options->path, "-") == 0) {
        return rk_fail(err, RK_BAD_USAGE, "a catalogue is read twice, once for its columns: name a file, not '-'");
    }
    rk_status status = rk_path_keep_apart(options->out_path, options->path, err);
    return status || !options->into_path ? status : rk_path_keep_apart(options->out_path, options->into_path, err);
}

static rk_status ingest(reading *r, const rk_dataset *into, const rk_run *run, rk_error *err)
{
    rk_stopwatch watch = rk_stopwatch_start();
    rk_status status = open_cast(&r->cast, r->options, err);
    status = status ? status : rk_shelf_init(&r->shelf, err);
    status = status || !into ? status : rk_shelf_load(&r->shelf, into, err);
    status = status ? status : read_products(r, run, err);
    if (!status && r->report->n_products == r->report->n_without_id) {
        status = rk_fail(err, RK_BAD_INPUT, "%s: none of %llu products has an id", r->options->path,
                         (unsigned long long)r->report->n_products);
    }
    if (status) {
        return status;
    }
    note_columns(&r->cast, r->report);
    note_items(&r->shelf, r->report);
    r->report->n_new = r->report->n_items - (into ? into->n_items : 0);
    status = write(r, into, watch, err);
    r->report->wall_s = rk_stopwatch_stop(watch).wall_s;
    return status;
}

rk_status rk_catalogue_ingest(const rk_catalogue_options *options, const rk_run *run, rk_catalogue_report *report,
                              rk_error *err)
{
    rk_dataset into = {0};
    *report = (rk_catalogue_report){0};
    reading r = {.options = options, .report = report};
    rk_status status = check(options, err);
    status = status || !options->into_path ? status : rk_dataset_open(options->into_path, &into, err);
    status = status ? status : ingest(&r, options->into_path ? &into : NULL, run, err);
    close_cast(&r.cast);
    rk_shelf_release(&r.shelf);
    free(r.is_met);
    rk_dataset_close(&into);
    return status;
}

/* ---- in words ---- */

void rk_catalogue_report_json(const rk_catalogue_report *report, rk_json *json, const char *key)
{
    rk_json_object(json, key);
    rk_json_u64(json, "products", report->n_products);
    rk_json_u64(json, "without_id", report->n_without_id);
    rk_json_u64(json, "again", report->n_again);
    rk_json_u64(json, "bad_prices", report->n_bad_prices);
    rk_json_u64(json, "items", report->n_items);
    rk_json_u64(json, "new_items", report->n_new);
    rk_json_object(json, "items_with");
    rk_json_u64(json, "title", report->n_title);
    rk_json_u64(json, "text", report->n_text);
    rk_json_u64(json, "brand", report->n_brand);
    rk_json_u64(json, "category", report->n_category);
    rk_json_u64(json, "price", report->n_price);
    rk_json_end_object(json);
    rk_json_u64(json, "attributes", report->n_attributes);
    rk_json_u64(json, "values", report->n_values);
    rk_json_cstring(json, "columns", report->columns);
    rk_json_end_object(json);
}

void rk_catalogue_report_print(const rk_catalogue_report *report, rk_text *out)
{
    rk_text_addf(out, "read      %llu products, ", (unsigned long long)report->n_products);
    rk_text_add_bytes(out, (double)report->bytes_in);
    rk_text_add(out, ", in ");
    rk_text_add_seconds(out, report->wall_s);
    rk_text_addf(
        out, "\ncolumns   %s\nitems     %u, %u of them new; with title %u, text %u, brand %u, category %u, price %u\n",
        report->columns, report->n_items, report->n_new, report->n_title, report->n_text, report->n_brand,
        report->n_category, report->n_price);
    rk_text_addf(out, "further   %u attributes, %llu values\n", report->n_attributes,
                 (unsigned long long)report->n_values);
    if (report->n_without_id + report->n_again + report->n_bad_prices > 0) {
        rk_text_addf(
            out, "flaws     %llu without an id (left out), %llu told again (the last counts), %llu prices no number\n",
            (unsigned long long)report->n_without_id, (unsigned long long)report->n_again,
            (unsigned long long)report->n_bad_prices);
    }
}
