/* estimate.c - see estimate.h. */
#include "math/estimate.h"

#include <stdio.h>

void rk_estimate_json(rk_json *json, const char *key, rk_estimate estimate)
{
    char key_ci[64];
    rk_json_real(json, key, estimate.value);
    snprintf(key_ci, sizeof key_ci, "%s_ci", key);
    rk_json_array(json, key_ci);
    rk_json_real(json, NULL, estimate.low);
    rk_json_real(json, NULL, estimate.high);
    rk_json_end_array(json);
}
