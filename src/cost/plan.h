/* plan.h - a plan: what is deployed, for whom, from when, and what it uses.
 *
 * Reading checks everything that can be known without counting: every key, every number, every name of a service,
 * price or file, every currency. What was read keeps its place, so that a line of the ledger can say where each of
 * its figures stands.
 */
#ifndef RECKON_COST_PLAN_H
#define RECKON_COST_PLAN_H

#include "base/arena.h"
#include "base/vec.h"
#include "cost/budget.h"
#include "cost/ledger.h"
#include "cost/measures.h"
#include "price/price.h"

enum { RK_SERVICES_MAX = 500, RK_VARIANTS_MAX = 64, RK_LINES_MAX = 2000000, RK_MACHINES_MAX = 1000000, RK_KINDS_MAX = 8 };

typedef struct {
    const char *name;
    rk_when from, to; /* days, both included */
    rk_number factor;
} rk_event;

typedef struct {
    rk_number requests_per_day, growth_per_month;
    const rk_number *months; /* [n_months] requests of the month, those that are set; NULL = none are */
    rk_number hours[24], weekdays[7]; /* weights; all 1 when not given */
    const rk_event *events;
    uint32_t n_events;
} rk_traffic;

typedef struct {
    mpq_t rps; /* of one machine inside the SLO; 0 = not given */
    const rk_uncertain *uncertain; /* of rps as written; NULL = none */
    rk_origin origin;
    rk_place at;
    const char *words;   /* how it was found: "240 requests/s as written", "profile.json: p99 ..." */
    double memory_bytes; /* resident when measured; 0 = unknown */
    double cores;        /* of the machine measured; 0 = unknown */
} rk_capacity;

typedef struct rk_capacity_source rk_capacity_source; /* cost/capacity.h */

/* One kind of machine of a fleet. */
typedef struct {
    const char *machine; /* a key of a price book */
    rk_place at;
    const rk_price *price;
    const rk_hour_price *on_demand; /* NULL = the machine has no such price */
    const rk_hour_price *reserved;  /* NULL = none reserved */
    rk_number n_reserved;
} rk_fleet_kind;

typedef struct {
    const char *machine; /* NULL = no fleet; of a mixed one the first kind */
    rk_place at;
    const rk_price *price;
    rk_number utilisation, min, spare, max;
    const rk_hour_price *on_demand; /* NULL = the machine has no such price */
    const rk_hour_price *reserved;  /* NULL = none reserved */
    const char *option;             /* of the reserved ones */
    bool reserve_best;
    rk_number n_reserved;
    const char *name;            /* under the plan's 'fleets': services may share it; NULL = of one service alone */
    rk_fleet_kind *others;       /* [n_others] kinds of a mixed fleet behind the first */
    uint32_t n_others;
} rk_fleet;

/* Kind k of a fleet, 0 = the first. */
rk_fleet_kind rk_fleet_kind_at(const rk_fleet *fleet, uint32_t k);

/* A model that could answer. */
typedef struct {
    const char *name;
    rk_number quality; /* more is better; the same metric for all variants of a service */
} rk_variant;

typedef struct {
    const char *name, *product_line;
    const rk_price *grid; /* that feeds its machines; NULL = not said */
    rk_place at;
    rk_traffic traffic;
    const rk_variant *variants; /* [n_variants] */
    uint32_t n_variants;
    const rk_variant *variant; /* the one that answers; NULL without variants */
    rk_capacity capacity; /* of one machine, in a mixed fleet of the first kind */
    rk_capacity *others;  /* [fleet.n_others] of the other kinds */
    rk_capacity_source *source; /* what the capacity was made of; NULL = written as it is */
    rk_number response_bytes, cpu_ms_per_request; /* not set = unknown */
    rk_origin bytes_origin, cpu_origin;
    rk_number events_per_request, events_per_day; /* behaviour events; one of them or none is set */
    rk_fleet fleet;
    rk_measure measures[RK_N_MEASURES];
} rk_service;

typedef enum { RK_SHARE_NONE, RK_SHARE_DRIVER, RK_SHARE_EVEN, RK_SHARE_MAP } rk_share_by;

/* Who bears an element: one service, every one its own, or all together. */
typedef enum { RK_TARGET_ONE, RK_TARGET_EACH, RK_TARGET_SHARED } rk_target;

typedef struct rk_element_kind rk_element_kind;

typedef struct {
    const char *name;
    uint32_t ordinal; /* its place in the plan, 1 = first; 0 = not written there: a fleet's */
    rk_place at;
    const rk_yaml_node *node; /* the map as written */
    rk_category category;
    rk_layer layer;
    rk_target target;
    uint32_t service; /* RK_TARGET_ONE */
    rk_share_by share_by;
    const struct rk_driver *share_driver; /* RK_SHARE_DRIVER */
    const rk_number *weights;             /* [n_services], RK_SHARE_MAP */
    const rk_when *when;                  /* [n_when] months; NULL = all */
    uint32_t n_when;
    const rk_element_kind *kind;
    const void *settings; /* of the kind */
} rk_element;

typedef struct rk_plan {
    rk_arena arena; /* owns what is below */
    rk_yaml *yaml;
    rk_prices *prices;
    const char *path, *name, *currency;
    rk_when start;
    rk_number months;
    uint32_t n_months;
    rk_vec exchange;      /* rk_exchange: as written; the books' stand behind */
    rk_service *services; /* [n_services] */
    uint32_t n_services;
    rk_fleet *fleets; /* [n_fleets] by name; services have copies */
    uint32_t n_fleets;
    rk_element *elements; /* [n_elements] */
    uint32_t n_elements;
    rk_measure measures[RK_N_MEASURES];
    rk_number events_per_day;                  /* behaviour events of all services; not set = those of the services */
    struct rk_budget *budget;                  /* NULL = not said */
    const struct rk_matching *matching;        /* how bills meet this plan, cost/match.h; NULL = not said */
    const struct rk_footprint_keys *footprint; /* cost/footprint_plan.h; NULL = not said */
    rk_vec uncertain;                   /* rk_plan_input: numbers with a law, cost/uncertain.h */
    rk_vec notes;                              /* const char *: warnings from reading */
} rk_plan;

RK_MUST_CHECK rk_status rk_plan_read(const rk_plan_source *source, rk_plan **out, rk_error *err);
void rk_plan_free(rk_plan *plan); /* accepts NULL */

/* "2026-10" of month m of the plan into out (8 bytes); its first day, and its days. */
void rk_plan_month(const rk_plan *plan, uint32_t m, char *out);
int64_t rk_plan_first_day(const rk_plan *plan, uint32_t m);
unsigned rk_plan_days(const rk_plan *plan, uint32_t m);

/* Plan currency per one unit of the price's currency; checked when the plan was read. */
void rk_plan_exchange(const rk_plan *plan, const char *currency, mpq_t out);
/* The plan's own rate, or one of a book in the plan's currency; NULL when the currency is the plan's. */
const rk_exchange *rk_plan_exchange_row(const rk_plan *plan, const char *currency);
/* A warning that stays with the plan and its ledger. */
RK_MUST_CHECK rk_status rk_plan_note(rk_plan *plan, rk_error *err, const char *fmt, ...) RK_PRINTF(3, 4);

/* For elements: the price of key, of this kind, in a currency that the plan can convert. */
RK_MUST_CHECK rk_status rk_plan_price(rk_plan *plan, const char *key, rk_price_kind kind, rk_place at,
                                      const rk_price **out, rk_error *err);

/* Parts of reading, one file each. */
RK_MUST_CHECK rk_status rk_plan_read_fleets(rk_plan *plan, const rk_yaml_node *map, rk_error *err);
RK_MUST_CHECK rk_status rk_plan_read_services(rk_plan *plan, const rk_yaml_node *map, rk_error *err);
/* The fleet of a service: its own map, or the name of a shared one. */
RK_MUST_CHECK rk_status rk_plan_read_fleet(rk_plan *plan, const rk_yaml_node *node, rk_service *service,
                                           rk_error *err);
/* Once all services are there: shared fleets are used, and their machines hold all that runs on them. */
RK_MUST_CHECK rk_status rk_plan_check_fleets(rk_plan *plan, rk_error *err);
RK_MUST_CHECK rk_status rk_plan_read_elements(rk_plan *plan, const rk_yaml_node *list, rk_error *err);

/* The tables of keys, for the docs and their test: "plan", "service", "traffic", ...; false past the end. */
bool rk_plan_key_table(size_t i, rk_key_table *out);
extern const rk_key_table rk_service_tables[], rk_fleet_tables[];
extern const size_t rk_n_service_tables, rk_n_fleet_tables;

#endif
