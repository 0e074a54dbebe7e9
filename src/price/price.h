/* price.h - price books: what a key costs, in what, from when and on whose word; and what it weighs on the climate.
 *
 * Books are layered: a later book's entry replaces the whole earlier entry of the same key. Prices stay as written;
 * currencies are converted where a unit price is made.
 */
#ifndef RECKON_PRICE_PRICE_H
#define RECKON_PRICE_PRICE_H

#include <gmp.h>

#include "price/exchange.h"

typedef enum {
    RK_PRICE_MACHINE,
    RK_PRICE_ASSET,
    RK_PRICE_RATE,
    RK_PRICE_PERSON,
    RK_FACTOR_GRID, /* from here on no money: factors of the footprint, each of a year */
    RK_FACTOR_PROCESSOR,
    RK_FACTOR_SERVER,
    RK_FACTOR_ENERGY,
    RK_N_PRICE_KINDS
} rk_price_kind;
const char *rk_price_kind_name(rk_price_kind kind); /* "machine" */

typedef enum { RK_STRAIGHT_LINE, RK_DECLINING_BALANCE, RK_SUM_OF_YEARS } rk_depreciation;

/* What a purchase option costs beside its hours; not set = nothing. */
typedef struct {
    rk_number term_months, upfront;             /* paid for each machine at the start of a term */
    rk_number interruption_rate, restart_hours; /* interruptions in a machine-hour, and what each costs */
    bool is_of_book;                            /* the interruptions are of a price book */
} rk_terms;

/* One purchase option of a rented machine. */
typedef struct {
    const char *option; /* "on_demand", "reserved_1y", "spot" */
    rk_number hour;     /* money per machine-hour */
    rk_terms terms;
} rk_hour_price;

typedef struct {
    rk_number vcpu, memory_gib, speed; /* speed: of a vcpu, relative to others; 1 when not set */
    const rk_yaml_node *hour;    /* the map as written */
    const rk_yaml_node *terms;   /* the same; NULL = not said */
    const rk_hour_price *prices; /* [n_prices] */
    uint32_t n_prices;
    const char *processor, *server; /* keys of the factors of its kind of processor and server; NULL = not said */
    rk_number power_kw, idle_kw;
} rk_machine_price;

typedef struct {
    rk_number price, life_months, salvage, rate, power_kw, maintenance_per_year, embodied_kg;
    int method; /* rk_depreciation */
} rk_asset_price;

typedef struct {
    const char *unit;
    rk_number price;
} rk_rate_price;

typedef struct {
    rk_number month, overhead, training_per_month;
} rk_person_price;

typedef struct {
    rk_number gco2e_per_kwh;
} rk_grid_factor;

typedef struct {
    rk_number idle_watts, full_watts;             /* of a virtual processor, idle and at work */
    rk_number memory_gib_per_vcpu, watts_per_gib; /* memory that is in these watts; a GiB beyond it */
} rk_processor_factor;

typedef struct {
    rk_number embodied_kg, vcpu, life_months; /* of a whole server */
} rk_server_factor;

typedef struct {
    const char *unit;
    rk_number kwh; /* per unit */
    int pue;       /* 0 = of the room's overhead, too; 1 = it comes on top */
} rk_energy_factor;

typedef struct {
    const char *key;
    rk_place at;
    rk_price_kind kind;
    const char *currency, *source, *region, *book; /* source, region NULL = not said */
    rk_when valid_from;                            /* a day; not set = not said */
    rk_number year;                                /* that a factor holds for */
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
} rk_price;

typedef struct rk_prices rk_prices;

rk_prices *rk_prices_new(void); /* NULL when memory is short */
void rk_prices_free(rk_prices *prices);
/* true for "default" and "footprint", the books that reckon ships. */
bool rk_prices_is_shipped(const char *path);
/* Adds a book over what is there: a shipped one or a file. */
RK_MUST_CHECK rk_status rk_prices_add_file(rk_prices *prices, const char *path, rk_error *err);
/* root: of a book, borrowed as long as prices live. */
RK_MUST_CHECK rk_status rk_prices_add_map(rk_prices *prices, const rk_yaml_node *root, rk_error *err);
RK_MUST_CHECK rk_status rk_prices_add_text(rk_prices *prices, rk_slice yaml, const char *name, rk_error *err);
/* The books as written, in order of adding; borrowed. */
size_t rk_prices_n_documents(const rk_prices *prices);
const rk_yaml *rk_prices_document(const rk_prices *prices, size_t i);
uint32_t rk_prices_count(const rk_prices *prices);
const rk_price *rk_prices_at(const rk_prices *prices, uint32_t i);
const char *rk_prices_currency(const rk_prices *prices);   /* of the first book; NULL without one */
const rk_vec *rk_prices_exchange(const rk_prices *prices); /* rk_exchange, of all books */
/* The entry of key, which must be of this kind. A missing key is an error at `at` naming the nearest one. */
RK_MUST_CHECK rk_status rk_prices_need(const rk_prices *prices, const char *key, rk_price_kind kind, rk_place at,
                                       const rk_price **out, rk_error *err);
/* The price of a machine-hour by option; an error at `at` when the machine has no such option. */
RK_MUST_CHECK rk_status rk_price_option(const rk_price *machine, const char *option, rk_place at,
                                        const rk_hour_price **out, rk_error *err);

/* The rows that read an entry of a kind, for the docs and their test; *n rows. */
const rk_key *rk_price_keys(rk_price_kind kind, size_t *n);
const rk_key *rk_price_book_keys(size_t *n);
extern const rk_key_table rk_price_terms_table; /* of a purchase option */

/* What depreciates in month k (1 = the month after purchase), per piece, in the entry's currency; 0 after the life. */
void rk_asset_depreciation(const rk_asset_price *asset, int64_t k, mpq_t out);
/* What one is still worth on the books at the end of month k: the price less k months of depreciation. k >= 0. */
void rk_asset_book_value(const rk_asset_price *asset, int64_t k, mpq_t out);

#endif
