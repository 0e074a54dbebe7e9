/* fuzz_event.c - any bytes as a body of events: each that is read has a user and an item, and reads back as it was
 * kept; or the problem says what is wrong.
 */
#include <stdlib.h>
#include <string.h>

#include "serve/event.h"

static void check(const rk_event *event, rk_flat *flat, rk_arena *arena)
{
    rk_text line = {0}, again = {0};
    rk_event *second;
    rk_problem problem = {0};
    size_t n;
    rk_event_write(event, &line);
    if (event->user.n == 0 || event->item.n == 0 || line.failed ||
        !rk_events_parse((rk_slice){line.at, line.n}, 7, flat, arena, &second, &n, &problem) || n != 1) {
        abort();
    }
    rk_event_write(second, &again);
    if (again.n != line.n || memcmp(again.at, line.at, line.n) != 0) {
        abort();
    }
    rk_text_release(&line);
    rk_text_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static rk_flat *flat; /* large, and made for many bodies */
    rk_arena arena = {0};
    rk_problem problem = {0};
    rk_event *events;
    size_t n;
    flat = flat ? flat : calloc(1, sizeof *flat);
    if (flat && rk_events_parse((rk_slice){(const char *)data, size}, 0, flat, &arena, &events, &n, &problem)) {
        for (size_t i = 0; i < n; i++) {
            check(&events[i], flat, &arena);
        }
    } else if (flat && (problem.status == 0 || problem.detail[0] == '\0')) {
        abort();
    }
    rk_arena_release(&arena);
    return 0;
}
