/* fuzz_experiments.c - any bytes as a file of experiments: what is read deals every user out, with a fair chance. */
#include <stdint.h>
#include <stdlib.h>

#include "experiment/experiment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rk_experiments *all = NULL;
    rk_error err = {0};
    rk_status status = rk_experiments_parse((rk_slice){(const char *)data, size}, "e.yaml", &all, &err);
    if (status && err.message[0] == '\0') {
        abort();
    }
    for (size_t i = 0; !status && i < all->n; i++) {
        const rk_experiment *e = &all->experiment[i];
        double propensity = 0;
        const rk_variant *v = rk_experiment_assign(all, e, (rk_slice){(const char *)data, size}, &propensity);
        if (v < e->variant || v >= e->variant + e->n_variants || !(propensity > 0 && propensity <= 1)) {
            abort();
        }
    }
    rk_experiments_free(all);
    return 0;
}
