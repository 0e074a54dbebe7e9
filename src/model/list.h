/* list.h - the registry in words: every model with its options, for people and for machines. */
#ifndef RECKON_MODEL_LIST_H
#define RECKON_MODEL_LIST_H

#include "base/text.h"

void rk_model_list_print(rk_text *out);
/* {"models":[{"name","summary","options":[{"name","kind","default","help","min","max","choices"}]}]} */
void rk_model_list_json(rk_json *json);

#endif
