/* nears.h - the vector index of the model that answers, for many workers: each answer borrows the room to ask in.
 *
 * Threads: any, all at once.
 */
#ifndef RECKON_SERVE_NEARS_H
#define RECKON_SERVE_NEARS_H

#include "model/near.h"

typedef struct rk_nears rk_nears;
/* Read into memory, every byte against its checksum. model: borrowed until close; the index must be of it. */
RK_MUST_CHECK rk_status rk_nears_open(const char *path, const rk_model *model, const rk_run *run, rk_nears **out,
                                      rk_error *err);
void rk_nears_close(rk_nears *nears); /* accepts NULL */

/* Given back with rk_nears_return. */
RK_MUST_CHECK rk_status rk_nears_lend(rk_nears *nears, rk_near **out, rk_error *err);
void rk_nears_return(rk_nears *nears, rk_near *near); /* accepts NULL */

#endif
