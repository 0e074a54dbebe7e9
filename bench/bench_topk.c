/* bench_topk.c - the selector alone: how many scores a second pass through it.
 *
 * Beside it what the same scores cost to be read and compared with one fixed threshold, the least a selector can do.
 * Random scores are the common case; rising ones are the worst: every offer enters. Prints a Markdown table.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "math/random.h"
#include "math/topk.h"

enum { N = 100000, N_SKIP = 200, ROUNDS = 15, K_MAX = 1000 };

typedef struct {
    float random[N], rising[N], ties[N];
    uint32_t skip[N_SKIP], items[K_MAX];
} room;

static double select_best(room *r, const float *scores, rk_topk *topk)
{
    int64_t best = INT64_MAX;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t start = rk_clock_thread_ns();
        rk_topk_offer(topk, 0, scores, N, r->skip, N_SKIP);
        rk_topk_take(topk, r->items, NULL);
        int64_t took = rk_clock_thread_ns() - start;
        best = took < best ? took : best;
    }
    return N / ((double)best * 1e-9);
}

static double compare_only(const room *r)
{
    int64_t best = INT64_MAX;
    volatile int sink;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t start = rk_clock_thread_ns();
        int n = 0;
        for (size_t i = 0; i < N; i++) {
            n += r->random[i] >= 4.0f;
        }
        sink = n;
        int64_t took = rk_clock_thread_ns() - start;
        best = took < best ? took : best;
    }
    (void)sink;
    return N / ((double)best * 1e-9);
}

int main(void)
{
    static room r;
    rk_random random = rk_random_of(1, 0);
    for (uint32_t i = 0; i < N; i++) {
        r.random[i] = (float)rk_random_normal(&random);
        r.rising[i] = (float)i;
        r.ties[i] = (float)rk_random_below(&random, 10);
    }
    for (uint32_t i = 0; i < N_SKIP; i++) {
        r.skip[i] = i * (N / N_SKIP) + rk_random_below(&random, N / N_SKIP);
    }
    rk_machine machine = rk_machine_read();
    printf("%s, %u cores; one thread, 100,000 scores, 200 of them skipped. Comparing alone: %.0f million scores/s.\n\n",
           machine.cpu, machine.cores, compare_only(&r) / 1e6);
    printf("| k | random: million scores/s | ten values: million scores/s | rising: million scores/s |\n"
           "|---:|---:|---:|---:|\n");
    static const size_t ks[] = {10, 20, 100, 1000};
    for (size_t i = 0; i < sizeof ks / sizeof *ks; i++) {
        rk_topk *topk = rk_topk_new(ks[i]);
        if (!topk) {
            return 1;
        }
        printf("| %zu | %.0f | %.0f | %.1f |\n", ks[i], select_best(&r, r.random, topk) / 1e6,
               select_best(&r, r.ties, topk) / 1e6, select_best(&r, r.rising, topk) / 1e6);
        rk_topk_free(topk);
    }
    return 0;
}
