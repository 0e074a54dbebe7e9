/* requests.h - what the load generator asks: whole HTTP requests, made before the clock starts. */
#ifndef RECKON_MEASURE_REQUESTS_H
#define RECKON_MEASURE_REQUESTS_H

#include "base/text.h"
#include "measure/measure.h"

typedef struct {
    rk_text bytes; /* one after another */
    rk_vec start;  /* of size_t: request i is bytes start[i] .. start[i + 1] - 1 */
} rk_requests;

void rk_requests_release(rk_requests *requests);
size_t rk_requests_count(const rk_requests *requests);
rk_slice rk_requests_get(const rk_requests *requests, size_t i);

/* GET /v1/recommend for users drawn from the model's. */
typedef struct {
    const char *model_path, *headers; /* headers: as rk_endpoint has them */
    rk_draw draw;
    unsigned n_items;
    uint64_t seed;
} rk_user_draw;
RK_MUST_CHECK rk_status rk_requests_of_users(const rk_user_draw *draw, rk_requests *out, rk_error *err);
/* GET of every target in a file, one a line, in order; empty lines are passed over. */
RK_MUST_CHECK rk_status rk_requests_of_file(const char *path, const char *headers, rk_requests *out, rk_error *err);

#endif
