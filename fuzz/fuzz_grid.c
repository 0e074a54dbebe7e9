/* fuzz_grid.c - grids of variants that mean harm, and that what was read is printed as YAML that reads back. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/yaml.h"
#include "study/frontier_grid.h"

static void check_grid(const rk_grid *grid)
{
    for (size_t i = 0; i < grid->n; i++) {
        const rk_grid_variant *v = &grid->variants[i];
        bool is_made = v->to && !v->model && v->of < i, is_trained = !v->to && v->model && v->of == i;
        if (is_made == is_trained || v->file[0] == '\0' || strchr(v->file, '/')) {
            abort();
        }
    }
}

/* The tree printed and read again prints the same. */
static void check_print(const rk_yaml *yaml)
{
    rk_text once = {0}, twice = {0};
    rk_yaml *again = NULL;
    rk_error err;
    rk_yaml_print(rk_yaml_root(yaml), &once);
    bool is_read = !once.failed && rk_yaml_parse((rk_slice){once.at, once.n}, "again", &again, &err) == RK_OK;
    if (is_read) {
        rk_yaml_print(rk_yaml_root(again), &twice);
    }
    bool is_same = is_read && once.n == twice.n && memcmp(once.at, twice.at, once.n) == 0;
    /* Quotes and indents take room: a tree near the limits may not fit them twice. */
    if (!is_same && !once.failed && once.n < RK_YAML_BYTES_MAX / 2) {
        abort();
    }
    rk_yaml_free(again);
    rk_text_release(&once);
    rk_text_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rk_slice text = {(const char *)data, size};
    rk_arena arena = {0};
    rk_yaml *yaml = NULL;
    rk_grid grid;
    rk_error err;
    if (rk_yaml_parse(text, "grid.yaml", &yaml, &err) == RK_OK) {
        check_print(yaml);
    }
    if (rk_grid_parse(text, "grid.yaml", &arena, &grid, &err) == RK_OK) {
        check_grid(&grid);
    }
    rk_yaml_free(yaml);
    rk_arena_release(&arena);
    return 0;
}
