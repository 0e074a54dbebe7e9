/* inspect.h - an artefact told to people and to machines. */
#ifndef RECKON_STORE_INSPECT_H
#define RECKON_STORE_INSPECT_H

#include "base/text.h"
#include "store/artefact.h"

/* Sections, meta, parents, how it was made and what that cost, in aligned lines. */
void rk_artefact_print(const rk_artefact *artefact, rk_text *out);
/* {"path","kind","hash","bytes","sections":[...],"meta":{...},"parents":[...],"build","making":{...}}, as members of an
 * object that is open. */
void rk_artefact_json(const rk_artefact *artefact, rk_json *json);

#endif
