/* fuzz_scenes.c - any bytes as a file of scenes: what is refused says why, what is read keeps its limits. */
#include <stdint.h>
#include <stdlib.h>

#include "base/map.h"
#include "scene/scene.h"

static void check_scene(const rk_scenes *scenes, const rk_scene *scene)
{
    if (scene->n_sources == 0 || scene->n_sources > RK_SCENE_SOURCES_MAX || scene->n_rules > RK_SCENE_RULES_MAX ||
        !(scene->mmr >= 0 && scene->mmr <= 1) || rk_scenes_find(scenes, rk_slice_of(scene->name)) != scene) {
        abort();
    }
    for (size_t s = 0; s < scene->n_sources; s++) {
        const rk_scene_source *source = &scene->source[s];
        if (!(source->weight > 0) || source->n < 1 || source->n > RK_SCENE_CANDIDATES_MAX ||
            (source->model != RK_NO_ID && source->model >= scenes->n_models)) {
            abort();
        }
    }
    for (size_t r = 0; r < scene->n_rules; r++) {
        const rk_scene_rule *rule = &scene->rule[r];
        if (!(rule->by > 0) || rule->place < 1 || rule->end_s <= rule->from_s || rk_which_is_anything(&rule->which)) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rk_scenes *scenes = NULL;
    rk_error err = {0};
    rk_status status = rk_scenes_parse((rk_slice){(const char *)data, size}, "s.yaml", &scenes, &err);
    if (status && err.message[0] == '\0') {
        abort();
    }
    for (size_t s = 0; !status && s < scenes->n_scenes; s++) {
        check_scene(scenes, &scenes->scene[s]);
    }
    rk_scenes_free(scenes);
    return 0;
}
