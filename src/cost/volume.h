/* volume.h - how many bytes an element keeps or moves: written, those of an artefact, or so many for each event; and
 * what they cost. */
#ifndef RECKON_COST_VOLUME_H
#define RECKON_COST_VOLUME_H

#include "cost/estimating.h"
#include "cost/made.h"

/* Keys of an element as read, and what they come to. */
typedef struct {
    rk_number bytes;                     /* the key 'bytes'; or those of the artefact */
    const char *of;                      /* an artefact */
    const rk_yaml_node *bytes_per_event; /* a number, or 'measured': of the dataset that `of` names */
    rk_number each;                      /* bytes_per_event when it is written */
    rk_made made;                        /* of `of`; path not NULL: figures are measured */
    bool is_of_events;                   /* so many bytes for each event */
} rk_volume;

/* Exactly one of bytes, of and bytes_per_event (with or without `of`) must be there. */
RK_MUST_CHECK rk_status rk_volume_check(rk_plan *plan, const rk_element *element, rk_volume *volume, rk_error *err);
/* out = bytes, or bytes of one event. */
void rk_volume_unit(const rk_volume *volume, mpq_t out);
rk_figure rk_volume_figure(const rk_volume *volume, rk_estimating *e); /* the same in draws */
/* Appends "2180 bytes", "61208 bytes of model.rk" or "37.5 bytes an event". */
void rk_volume_tell(const rk_volume *volume, rk_account *account, rk_text *words, rk_vec *inputs);

/* GB that a rate prices. */
typedef struct {
    const rk_price *price;
    const char *driver; /* for people: what was used */
    void (*fill)(rk_account *account, const rk_filling *filling, uint32_t s, rk_entry *entry); /* quantity, words, origin */
    const void *settings; /* of the element */
    bool differs;         /* from service to service; otherwise filled once and booked as the element says */
} rk_gigabytes;
RK_MUST_CHECK rk_status rk_volume_book(rk_account *account, const rk_element *element, uint32_t m,
                                       const rk_gigabytes *gb, rk_error *err);

#endif
