/* price.c - see price.h. A book is a header and a map of entries; each kind of entry is a table of keys.
 *
 * Every entry of every book is read, also those that a later book replaces: a mistake does not hide behind an override.
 */
#include "price/price.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"
#include "math/rational.h"
#include "price/default_prices.h"

struct rk_prices {
    rk_arena arena;
    rk_interner *keys;
    rk_vec entries;       /* rk_price, by id of keys */
    rk_vec documents;     /* rk_yaml *: entries borrow their texts */
    rk_vec exchange;      /* rk_exchange, of all books */
    const char *currency; /* of the first book */
};

/* ---- the schema ---- */

typedef struct {
    const char *reckon, *name, *source, *currency, *region;
    rk_when valid_from;
    const rk_yaml_node *exchange, *prices;
} book_header;

static const rk_key book_keys[] = {
    {"reckon", RK_KEY_TEXT, offsetof(book_header, reckon), .help = "prices/1; needed in a file"},
    {"name", RK_KEY_TEXT, offsetof(book_header, name), .help = "what the book is called in explanations"},
    {"valid_from", RK_KEY_DATE, offsetof(book_header, valid_from), .help = "first day of the prices"},
    {"source", RK_KEY_TEXT, offsetof(book_header, source), .help = "whose prices, seen where and when"},
    {"currency", RK_KEY_TEXT, offsetof(book_header, currency), .required = true,
     .help = "of every price in it, three letters, unless an entry says otherwise"},
    {"region", RK_KEY_TEXT, offsetof(book_header, region), .help = "where the prices hold"},
    {"exchange", RK_KEY_MAP, offsetof(book_header, exchange), .help = "the book's currency per one unit of another"},
    {"prices", RK_KEY_MAP, offsetof(book_header, prices), .required = true, .help = "entries by key"},
};

/* The keys that every entry may have. kind is read before, by itself. */
typedef struct {
    const char *kind, *currency, *source, *region;
    rk_when valid_from;
    rk_number year;
} common_entry;

#define KIND_NAMES "machine, asset, rate, person, grid, processor, server or energy"
#define KIND_KEY                                                                                                       \
    {                                                                                                                  \
        "kind", RK_KEY_TEXT, offsetof(entry, common.kind), .required = true, .help = KIND_NAMES                        \
    }
#define SOURCE_KEYS                                                                                                    \
    {"source", RK_KEY_TEXT, offsetof(entry, common.source), .help = "when it is not the book's"},                      \
        {"region", RK_KEY_TEXT, offsetof(entry, common.region), .help = "when it is not the book's"},                  \
    {                                                                                                                  \
        "valid_from", RK_KEY_DATE, offsetof(entry, common.valid_from), .help = "when it is not the book's"             \
    }
#define COMMON_KEYS                                                                                                    \
    KIND_KEY, {"currency", RK_KEY_TEXT, offsetof(entry, common.currency), .help = "when it is not the book's"},        \
        SOURCE_KEYS
#define FACTOR_KEYS                                                                                                    \
    KIND_KEY, {"year",      RK_KEY_COUNT,    offsetof(entry, common.year),       .required = true, .min = 1900,        \
               .max = 2200, .certain = true, .help = "that the figures hold for"},                                     \
        SOURCE_KEYS

typedef struct {
    common_entry common;
    union {
        rk_machine_price machine;
        rk_asset_price asset;
        rk_rate_price rate;
        rk_person_price person;
        rk_grid_factor grid;
        rk_processor_factor processor;
        rk_server_factor server;
        rk_energy_factor energy;
    } as;
} entry;

static const rk_key machine_keys[] = {
    COMMON_KEYS,
    {"vcpu", RK_KEY_NUMBER, offsetof(entry, as.machine.vcpu), .above = true, .help = "virtual processors"},
    {"speed", RK_KEY_NUMBER, offsetof(entry, as.machine.speed), .above = true, .certain = true,
     .help = "of one of them, relative to that of other machines (default 1)"},
    {"memory_gib", RK_KEY_NUMBER, offsetof(entry, as.machine.memory_gib), .above = true, .help = "memory in GiB"},
    {"hour", RK_KEY_MAP, offsetof(entry, as.machine.hour), .required = true,
     .help = "price of a machine-hour by purchase option: on_demand, reserved_1y, spot, ..."},
    {"terms", RK_KEY_MAP, offsetof(entry, as.machine.terms),
     .help = "by purchase option: what it costs beside its hours"},
    {"processor", RK_KEY_TEXT, offsetof(entry, as.machine.processor),
     .help = "for the footprint: the kind of processor, an entry of a book"},
    {"server", RK_KEY_TEXT, offsetof(entry, as.machine.server),
     .help = "for the footprint: the kind of server that it is a part of, an entry of a book"},
    {"power_kw", RK_KEY_NUMBER, offsetof(entry, as.machine.power_kw),
     .help = "electric power at full load in kW, instead of a processor"},
    {"idle_kw", RK_KEY_NUMBER, offsetof(entry, as.machine.idle_kw),
     .help = "electric power when idle, with power_kw (default: power_kw)"},
};

static const rk_key terms_keys[] = {
    {"term_months", RK_KEY_COUNT, offsetof(rk_terms, term_months), .min = 1, .max = 600,
     .help = "of a reservation; the next follows"},
    {"upfront", RK_KEY_NUMBER, offsetof(rk_terms, upfront), .help = "paid for each machine at the start of a term"},
    {"interruption_rate", RK_KEY_NUMBER, offsetof(rk_terms, interruption_rate),
     .help = "interruptions in a machine-hour: 0.002 = one in 500 hours"},
    {"restart_hours", RK_KEY_NUMBER, offsetof(rk_terms, restart_hours), .help = "of work that an interruption costs"},
};
const rk_key_table rk_price_terms_table = {"terms", terms_keys, RK_COUNT_OF(terms_keys)};

static const rk_key asset_keys[] = {
    COMMON_KEYS,
    {"price", RK_KEY_NUMBER, offsetof(entry, as.asset.price), .required = true, .help = "purchase price of one"},
    {"life_months", RK_KEY_COUNT, offsetof(entry, as.asset.life_months), .required = true, .min = 1, .max = 1200,
     .help = "months over which it is written off"},
    {"salvage", RK_KEY_NUMBER, offsetof(entry, as.asset.salvage), .help = "what it is still worth then (default 0)"},
    {"method", RK_KEY_CHOICE, offsetof(entry, as.asset.method),
     .choices = "straight_line|declining_balance|sum_of_years", .help = "of depreciation (default straight_line)"},
    {"rate", RK_KEY_NUMBER, offsetof(entry, as.asset.rate), .above = true, .min = 0, .max = 12,
     .help = "yearly share of the book value, for declining_balance"},
    {"power_kw", RK_KEY_NUMBER, offsetof(entry, as.asset.power_kw), .help = "electric power at full load in kW"},
    {"maintenance_per_year", RK_KEY_NUMBER, offsetof(entry, as.asset.maintenance_per_year),
     .help = "yearly share of the purchase price"},
    {"embodied_kg", RK_KEY_NUMBER, offsetof(entry, as.asset.embodied_kg),
     .help = "kg CO2e of making one, for the footprint"},
};

static const rk_key rate_keys[] = {
    COMMON_KEYS,
    {"unit", RK_KEY_TEXT, offsetof(entry, as.rate.unit), .required = true,
     .help = "what is priced: GB, kWh, seat-month"},
    {"price", RK_KEY_NUMBER, offsetof(entry, as.rate.price), .required = true, .help = "of one unit"},
};

static const rk_key person_keys[] = {
    COMMON_KEYS,
    {"month", RK_KEY_NUMBER, offsetof(entry, as.person.month), .required = true, .help = "monthly pay of one person"},
    {"overhead", RK_KEY_NUMBER, offsetof(entry, as.person.overhead), .help = "share of the pay on top (default 0)"},
    {"training_per_month", RK_KEY_NUMBER, offsetof(entry, as.person.training_per_month),
     .help = "money per head and month (default 0)"},
};

static const rk_key grid_keys[] = {
    FACTOR_KEYS,
    {"gco2e_per_kwh", RK_KEY_NUMBER, offsetof(entry, as.grid.gco2e_per_kwh), .required = true,
     .help = "grams CO2e that a kWh of the grid emits, location-based"},
};

static const rk_key processor_keys[] = {
    FACTOR_KEYS,
    {"idle_watts", RK_KEY_NUMBER, offsetof(entry, as.processor.idle_watts), .required = true,
     .help = "of a server at rest, for each virtual processor"},
    {"full_watts", RK_KEY_NUMBER, offsetof(entry, as.processor.full_watts), .required = true,
     .help = "of a server at full load, for each virtual processor"},
    {"memory_gib_per_vcpu", RK_KEY_NUMBER, offsetof(entry, as.processor.memory_gib_per_vcpu),
     .help = "memory that these watts include (default 0)"},
    {"watts_per_gib", RK_KEY_NUMBER, offsetof(entry, as.processor.watts_per_gib),
     .help = "of each GiB beyond; without it that memory is left out, and the footprint says so"},
};

static const rk_key server_keys[] = {
    FACTOR_KEYS,
    {"embodied_kg", RK_KEY_NUMBER, offsetof(entry, as.server.embodied_kg), .required = true,
     .help = "kg CO2e of making the whole server"},
    {"vcpu", RK_KEY_NUMBER, offsetof(entry, as.server.vcpu), .required = true, .above = true,
     .help = "virtual processors of the whole server"},
    {"life_months", RK_KEY_COUNT, offsetof(entry, as.server.life_months), .required = true, .min = 1, .max = 1200,
     .help = "expected life"},
};

static const rk_key energy_keys[] = {
    FACTOR_KEYS,
    {"unit", RK_KEY_TEXT, offsetof(entry, as.energy.unit), .required = true, .help = "of what: GB, GB-month"},
    {"kwh", RK_KEY_NUMBER, offsetof(entry, as.energy.kwh), .required = true, .help = "electric energy of one unit"},
    {"pue", RK_KEY_CHOICE, offsetof(entry, as.energy.pue), .choices = "included|on_top",
     .help = "whether the overhead of the room is in it (default included)"},
};

typedef struct {
    const char *name;
    const rk_key *keys;
    size_t n_keys;
} kind_row;

static const kind_row kinds[RK_N_PRICE_KINDS] = {
    [RK_PRICE_MACHINE] = {"machine", machine_keys, RK_COUNT_OF(machine_keys)},
    [RK_PRICE_ASSET] = {"asset", asset_keys, RK_COUNT_OF(asset_keys)},
    [RK_PRICE_RATE] = {"rate", rate_keys, RK_COUNT_OF(rate_keys)},
    [RK_PRICE_PERSON] = {"person", person_keys, RK_COUNT_OF(person_keys)},
    [RK_FACTOR_GRID] = {"grid", grid_keys, RK_COUNT_OF(grid_keys)},
    [RK_FACTOR_PROCESSOR] = {"processor", processor_keys, RK_COUNT_OF(processor_keys)},
    [RK_FACTOR_SERVER] = {"server", server_keys, RK_COUNT_OF(server_keys)},
    [RK_FACTOR_ENERGY] = {"energy", energy_keys, RK_COUNT_OF(energy_keys)},
};

const char *rk_price_kind_name(rk_price_kind kind) { return kinds[kind].name; }

const rk_key *rk_price_keys(rk_price_kind kind, size_t *n)
{
    *n = kinds[kind].n_keys;
    return kinds[kind].keys;
}

const rk_key *rk_price_book_keys(size_t *n)
{
    *n = RK_COUNT_OF(book_keys);
    return book_keys;
}

/* ---- one entry ---- */

static rk_status find_kind(const rk_yaml_node *node, rk_price_kind *out, rk_error *err)
{
    static const char wanted[] = KIND_NAMES;
    char got[96];
    if (node->kind != RK_YAML_MAP) {
        return rk_fail_at(err, node->at, "price '%.60s' must be a map of keys, got %s", node->key->text,
                          rk_yaml_describe(node, got, sizeof got));
    }
    const rk_yaml_node *kind = rk_yaml_find(node, "kind");
    if (!kind) {
        return rk_fail_at(err, node->at, "price '%.60s' needs the key 'kind': %s", node->key->text, wanted);
    }
    for (unsigned i = 0; i < RK_N_PRICE_KINDS && kind->kind == RK_YAML_SCALAR; i++) {
        if (strcmp(kinds[i].name, kind->text) == 0) {
            *out = (rk_price_kind)i;
            return RK_OK;
        }
    }
    return rk_fail_at(err, kind->at, "'kind' must be %s, got %s", wanted, rk_yaml_describe(kind, got, sizeof got));
}

static rk_status read_term(const rk_yaml_node *map, rk_terms *out, rk_error *err)
{
    char what[96];
    snprintf(what, sizeof what, "the terms of '%.60s'", map->key->text);
    rk_status status = rk_yaml_fill(map, what, terms_keys, RK_COUNT_OF(terms_keys), out, err);
    if (!status && out->upfront.is_set != out->term_months.is_set) {
        return rk_fail_at(err, map->at, "%s need upfront and term_months together", what);
    }
    if (!status && out->interruption_rate.is_set != out->restart_hours.is_set) {
        return rk_fail_at(err, map->at, "%s need interruption_rate and restart_hours together", what);
    }
    out->is_of_book = true;
    return status;
}

static rk_status read_terms(const rk_yaml_node *map, rk_hour_price *rows, uint32_t n, rk_error *err)
{
    rk_status status = RK_OK;
    for (const rk_yaml_node *c = map ? map->first : NULL; c && !status; c = c->next) {
        uint32_t i = 0;
        while (i < n && strcmp(rows[i].option, c->key->text) != 0) {
            i++;
        }
        status = i < n ? read_term(c, &rows[i].terms, err)
                       : rk_fail_at(err, c->key->at, "'terms' are of an option of 'hour', and there is no '%.60s'",
                                    c->key->text);
    }
    return status;
}

static rk_status read_hours(rk_prices *prices, const char *key, rk_machine_price *machine, rk_error *err)
{
    const rk_yaml_node *map = machine->hour;
    if (map->n == 0) {
        return rk_fail_at(err, map->at, "machine '%.60s' needs at least one price in 'hour'", key);
    }
    rk_hour_price *rows = RK_TAKE(&prices->arena, rk_hour_price, map->n);
    if (!rows) {
        return rk_fail_memory(err, "machine prices");
    }
    for (const rk_yaml_node *c = map->first; c; c = c->next) {
        rk_hour_price *row = &rows[machine->n_prices++];
        rk_key number = {.name = c->key->text, .kind = RK_KEY_NUMBER};
        rk_status status = rk_yaml_number(c, &number, &row->hour, err);
        if (status) {
            return status;
        }
        row->option = c->key->text;
    }
    machine->prices = rows;
    return read_terms(machine->terms, rows, machine->n_prices, err);
}

static bool is_above(const rk_number *a, const rk_number *b)
{
    mpq_t x, y;
    mpq_inits(x, y, NULL);
    rk_rational_set(x, a->value);
    rk_rational_set(y, b->value);
    bool above = mpq_cmp(x, y) > 0;
    mpq_clears(x, y, NULL);
    return above;
}

static rk_status check_power(const rk_machine_price *machine, rk_error *err)
{
    if (machine->power_kw.is_set && machine->processor) {
        return rk_fail_at(err, machine->power_kw.at, "'power_kw' and 'processor' exclude each other");
    }
    if (machine->idle_kw.is_set && !machine->power_kw.is_set) {
        return rk_fail_at(err, machine->idle_kw.at, "'idle_kw' goes with 'power_kw' only");
    }
    return machine->idle_kw.is_set && is_above(&machine->idle_kw, &machine->power_kw)
               ? rk_fail_at(err, machine->idle_kw.at, "'idle_kw' must not be above 'power_kw'")
               : RK_OK;
}

static rk_status check_processor(const rk_processor_factor *processor, rk_error *err)
{
    return is_above(&processor->idle_watts, &processor->full_watts)
               ? rk_fail_at(err, processor->idle_watts.at, "'idle_watts' must not be above 'full_watts'")
               : RK_OK;
}

static rk_status check_asset(const rk_yaml_node *node, rk_asset_price *asset, rk_error *err)
{
    if (asset->method < 0) {
        asset->method = RK_STRAIGHT_LINE;
    }
    bool declining = asset->method == RK_DECLINING_BALANCE;
    if (declining && !asset->rate.is_set) {
        return rk_fail_at(err, node->at, "asset '%.60s' needs the key 'rate' for declining_balance", node->key->text);
    }
    if (!declining && asset->rate.is_set) {
        return rk_fail_at(err, asset->rate.at, "'rate' goes with method declining_balance only");
    }
    return is_above(&asset->salvage, &asset->price)
               ? rk_fail_at(err, asset->salvage.at, "'salvage' must not be above the price")
               : RK_OK;
}

/* What a table cannot say about the keys of a kind. */
static rk_status check_entry(rk_prices *prices, const rk_yaml_node *node, rk_price_kind kind, entry *e, rk_error *err)
{
    if (kind == RK_PRICE_MACHINE) {
        rk_status status = read_hours(prices, node->key->text, &e->as.machine, err);
        return status ? status : check_power(&e->as.machine, err);
    }
    if (kind == RK_FACTOR_ENERGY && e->as.energy.pue < 0) {
        e->as.energy.pue = 0;
    }
    return kind == RK_PRICE_ASSET        ? check_asset(node, &e->as.asset, err)
           : kind == RK_FACTOR_PROCESSOR ? check_processor(&e->as.processor, err)
                                         : RK_OK;
}

static rk_status read_entry(rk_prices *prices, const book_header *book, const rk_yaml_node *node, rk_price *out,
                            rk_error *err)
{
    char what[96];
    entry e = {0};
    rk_status status = find_kind(node, &out->kind, err);
    if (status) {
        return status;
    }
    snprintf(what, sizeof what, "%s '%.60s'", kinds[out->kind].name, node->key->text);
    status = rk_yaml_fill(node, what, kinds[out->kind].keys, kinds[out->kind].n_keys, &e, err);
    status = status ? status : check_entry(prices, node, out->kind, &e, err);
    if (!status && e.common.currency) {
        status = rk_currency_check(e.common.currency, rk_yaml_find(node, "currency")->at, err);
    }
    out->key = node->key->text;
    out->at = node->key->at;
    out->currency = e.common.currency ? e.common.currency : book->currency;
    out->source = e.common.source ? e.common.source : book->source;
    out->region = e.common.region ? e.common.region : book->region;
    out->book = book->name;
    out->valid_from = e.common.valid_from.is_set ? e.common.valid_from : book->valid_from;
    out->year = e.common.year;
    memcpy(&out->as, &e.as, sizeof out->as);
    return status;
}

/* ---- a book ---- */

static rk_status store(rk_prices *prices, const rk_price *price, rk_error *err)
{
    uint32_t id = rk_interner_add(prices->keys, rk_slice_of(price->key));
    if (id == RK_NO_ID) {
        return rk_fail_memory(err, "price entries");
    }
    if (id < prices->entries.n) {
        ((rk_price *)prices->entries.data)[id] = *price;
        return RK_OK;
    }
    return rk_vec_push(&prices->entries, price) ? RK_OK : rk_fail_memory(err, "price entries");
}

rk_status rk_prices_add_map(rk_prices *prices, const rk_yaml_node *root, rk_error *err)
{
    book_header book = {0};
    const rk_yaml_node *head = root->kind == RK_YAML_MAP ? rk_yaml_find(root, "reckon") : NULL;
    if (head && head->kind == RK_YAML_SCALAR && strcmp(head->text, "prices/1") != 0) {
        return rk_fail_at(err, head->at, "a price book starts with 'reckon: prices/1', got '%.40s'", head->text);
    }
    rk_status status = rk_yaml_fill(root, "the price book", book_keys, RK_COUNT_OF(book_keys), &book, err);
    if (!status) {
        status = rk_currency_check(book.currency, rk_yaml_find(root, "currency")->at, err);
    }
    if (!status && book.prices->n == 0) {
        status = rk_fail_at(err, book.prices->at, "the price book has no prices");
    }
    if (!status && book.exchange) {
        status = rk_exchange_read(book.exchange, book.currency, &prices->exchange, err);
    }
    prices->currency = prices->currency ? prices->currency : book.currency;
    for (const rk_yaml_node *c = status ? NULL : book.prices->first; c && !status; c = c->next) {
        rk_price price = {0};
        status = read_entry(prices, &book, c, &price, err);
        status = status ? status : store(prices, &price, err);
    }
    return status;
}

static rk_status keep(rk_prices *prices, rk_yaml *yaml, rk_error *err)
{
    if (!rk_vec_push(&prices->documents, &yaml)) {
        rk_yaml_free(yaml);
        return rk_fail_memory(err, "price entries");
    }
    const rk_yaml_node *root = rk_yaml_root(yaml);
    if (root->kind == RK_YAML_MAP && !rk_yaml_find(root, "reckon")) {
        return rk_fail_at(err, root->at, "the price book needs the key 'reckon' (prices/1)");
    }
    return rk_prices_add_map(prices, root, err);
}

rk_status rk_prices_add_text(rk_prices *prices, rk_slice yaml, const char *name, rk_error *err)
{
    rk_yaml *document = NULL;
    rk_status status = rk_yaml_parse(yaml, name, &document, err);
    return status ? status : keep(prices, document, err);
}

typedef struct {
    const char *path, *name, *text;
    const size_t *n_bytes;
} shipped_book;

static const shipped_book shipped[] = {
    {"default", "default prices", rk_default_prices, &rk_default_prices_bytes},
    {"footprint", "footprint factors", rk_footprint_prices, &rk_footprint_prices_bytes},
};

static const shipped_book *find_shipped(const char *path)
{
    for (size_t i = 0; i < RK_COUNT_OF(shipped); i++) {
        if (strcmp(shipped[i].path, path) == 0) {
            return &shipped[i];
        }
    }
    return NULL;
}

bool rk_prices_is_shipped(const char *path) { return find_shipped(path); }

rk_status rk_prices_add_file(rk_prices *prices, const char *path, rk_error *err)
{
    const shipped_book *book = find_shipped(path);
    if (book) {
        return rk_prices_add_text(prices, (rk_slice){book->text, *book->n_bytes}, book->name, err);
    }
    rk_yaml *document = NULL;
    rk_status status = rk_yaml_read(path, &document, err);
    return status ? status : keep(prices, document, err);
}

rk_prices *rk_prices_new(void)
{
    rk_prices *prices = calloc(1, sizeof *prices);
    if (!prices) {
        return NULL;
    }
    prices->entries.item_bytes = sizeof(rk_price);
    prices->documents.item_bytes = sizeof(rk_yaml *);
    prices->exchange.item_bytes = sizeof(rk_exchange);
    prices->keys = rk_interner_new();
    if (!prices->keys) {
        rk_prices_free(prices);
        return NULL;
    }
    return prices;
}

void rk_prices_free(rk_prices *prices)
{
    if (!prices) {
        return;
    }
    for (size_t i = 0; i < prices->documents.n; i++) {
        rk_yaml_free(((rk_yaml **)prices->documents.data)[i]);
    }
    rk_vec_release(&prices->documents);
    rk_vec_release(&prices->entries);
    rk_vec_release(&prices->exchange);
    rk_interner_free(prices->keys);
    rk_arena_release(&prices->arena);
    free(prices);
}

/* ---- asking ---- */

size_t rk_prices_n_documents(const rk_prices *prices) { return prices->documents.n; }

const rk_yaml *rk_prices_document(const rk_prices *prices, size_t i)
{
    return ((rk_yaml *const *)prices->documents.data)[i];
}

uint32_t rk_prices_count(const rk_prices *prices) { return (uint32_t)prices->entries.n; }

const rk_price *rk_prices_at(const rk_prices *prices, uint32_t i) { return (const rk_price *)prices->entries.data + i; }

const char *rk_prices_currency(const rk_prices *prices) { return prices->currency; }

const rk_vec *rk_prices_exchange(const rk_prices *prices) { return &prices->exchange; }

static rk_status missing(const rk_prices *prices, const char *key, rk_price_kind kind, rk_place at, rk_error *err)
{
    const char **names = malloc((prices->entries.n + 1) * sizeof *names);
    size_t n = 0;
    for (uint32_t i = 0; names && i < prices->entries.n; i++) {
        const rk_price *p = rk_prices_at(prices, i);
        if (p->kind == kind) {
            names[n++] = p->key;
        }
    }
    const char *near = names ? rk_nearest_name(key, names, n) : NULL;
    const char *hint = near                               ? "; did you mean '"
                       : n == 0 && kind >= RK_FACTOR_GRID ? "; the book 'footprint' that reckon ships has some"
                                                          : "";
    rk_status status = rk_fail_at(err, at, "no price book has the %s '%.60s'%s%s%s", kinds[kind].name, key, hint,
                                  near ? near : "", near ? "'?" : "");
    free(names);
    return status;
}

rk_status rk_prices_need(const rk_prices *prices, const char *key, rk_price_kind kind, rk_place at,
                         const rk_price **out, rk_error *err)
{
    uint32_t id = rk_interner_find(prices->keys, rk_slice_of(key));
    if (id == RK_NO_ID) {
        return missing(prices, key, kind, at, err);
    }
    const rk_price *found = rk_prices_at(prices, id);
    if (found->kind != kind) {
        return rk_fail_at(err, at, "'%.60s' must be a %s, but %s:%zu makes it a %s", key, kinds[kind].name,
                          found->at.path, found->at.line, kinds[found->kind].name);
    }
    *out = found;
    return RK_OK;
}

rk_status rk_price_option(const rk_price *machine, const char *option, rk_place at, const rk_hour_price **out,
                          rk_error *err)
{
    const rk_machine_price *m = &machine->as.machine;
    for (uint32_t i = 0; i < m->n_prices; i++) {
        if (strcmp(m->prices[i].option, option) == 0) {
            *out = &m->prices[i];
            return RK_OK;
        }
    }
    char list[160] = "";
    for (uint32_t i = 0, used = 0; i < m->n_prices && used < sizeof list; i++) {
        used += (uint32_t)snprintf(list + used, sizeof list - used, "%s%.40s", i ? ", " : "", m->prices[i].option);
    }
    return rk_fail_at(err, at, "machine '%.60s' has no price '%.40s' in 'hour' (%s:%zu); it has %s", machine->key,
                      option, machine->at.path, machine->at.line, list);
}
