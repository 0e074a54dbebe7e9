/* exposure.h - a record of what a user was shown, and with which chance: the line that the server logs and `reckon
 * experiment` reads.
 *
 *   {"exposure":"5b9a81f0-1c","time":1764125715,"user":"17850","experiment":"front-page","variant":"diverse",
 *    "propensity":0.667,"scene":"home-diverse","model":"als-b861","items":["22835","22111"],"cpu_ns":182000,"bytes":2180}
 *
 * An interleaving says whose items they are: "variants":["old","new"],"teams":[0,1,1,0]; it has no variant. A scene
 * that explores says what might have stood at the place:
 * "explored":{"place":2,"propensity":0.025,"choices":["22111","85123A"]}, and what it was asked beside the user:
 * "asked":{"n":10,"item":"22423","basket":["22423"],"category":"Home"}.
 */
#ifndef RECKON_EXPERIMENT_EXPOSURE_H
#define RECKON_EXPERIMENT_EXPOSURE_H

#include "base/arena.h"
#include "base/text.h"

/* Texts are borrowed. n 0: not told. */
typedef struct {
    rk_slice id, user, experiment, variant, scene, model;
    int64_t time_s;
    double propensity;     /* of the variant, for this user */
    const rk_slice *items; /* [n_items] as shown */
    size_t n_items;
    rk_slice variants[2];       /* of an interleaving; n 0: none */
    const unsigned char *teams; /* [n_items] 0 or 1, of an interleaving; NULL: none */
    uint32_t place;             /* of exploring, from 1; 0: it did not apply */
    double place_propensity;    /* of what stands there */
    const rk_slice *choices;    /* [n_choices] that might have stood there, the best first */
    size_t n_choices;
    uint64_t asked_n;
    rk_slice asked_item, asked_category;
    const rk_slice *asked_basket; /* [n_asked_basket] */
    size_t n_asked_basket;
    uint64_t cpu_ns, bytes; /* of making the answer, of the answer */
} rk_exposure;

/* One line of JSON, without its end; appended. */
void rk_exposure_write(const rk_exposure *exposure, rk_text *out);
/* What the writer writes; unknown members are let pass. Texts in the arena. RK_BAD_INPUT, with the place in front. */
RK_MUST_CHECK rk_status rk_exposure_parse(rk_slice line, rk_place at, rk_arena *arena, rk_exposure *out, rk_error *err);

#endif
