/* frontier_plan.c - see frontier_plan.h. */
#include "study/frontier_plan.h"

#include <string.h>

#include "ann/ann.h"
#include "base/clock.h"
#include "base/file.h"
#include "model/model.h"
#include "study/frontier_plan_own.h"
#include "study/shop_figures.h"

static rk_status write_prices(rk_frontier *f, rk_error *err)
{
    rk_text text = {0};
    rk_prices_text(rk_machine_read().cores, &text);
    rk_status status = text.failed ? rk_fail_memory(err, "a price book")
                                   : rk_file_write_text(rk_frontier_path(f, "plans/prices.yaml"), &text, err);
    rk_text_release(&text);
    return status;
}

rk_status rk_frontier_planner_init(rk_frontier_planner *planner, rk_frontier *f, rk_error *err)
{
    *planner = (rk_frontier_planner){.f = f};
    if (f->options->plan_path) {
        return RK_OK;
    }
    planner->shop = (rk_plan_figures){
        .made_by = "reckon frontier", .name = "recommendations", .slo_ms = f->slo_ms, .cores = rk_machine_read().cores};
    rk_shop_figures_next_year(&planner->shop);
    rk_status status =
        rk_shop_figures_read(f->options->dataset_path, f->options->requests_per_day, &f->arena, &planner->shop, err);
    f->report.requests_as_written = planner->shop.requests_per_day;
    return status ? status : write_prices(f, err);
}

/* ---- what is known of a model ---- */

static bool open_model(rk_frontier *f, size_t v, rk_model **out)
{
    rk_error none;
    return rk_model_open(rk_frontier_model(f, v), out, &none) == RK_OK;
}

rk_index_facts rk_frontier_index_facts(rk_frontier *f, size_t v)
{
    const char *path = rk_frontier_index(f, v);
    rk_index_facts facts = {.kind = ""};
    rk_error none;
    rk_ann *ann;
    if (path && rk_ann_open(path, &ann, &none) == RK_OK) {
        const rk_artefact *artefact = rk_ann_artefact(ann);
        facts = (rk_index_facts){rk_frontier_text(f, "%s", rk_ann_kind_of(ann)->name), rk_artefact_bytes(artefact),
                                 rk_artefact_making(artefact).wall_s};
        rk_ann_free(ann);
    }
    return facts;
}

double rk_frontier_making_s(rk_frontier *f, size_t v)
{
    const rk_grid_variant *row = &f->grid.variants[v];
    double seconds = row->of == v ? 0 : rk_frontier_making_s(f, row->of);
    rk_model *model;
    if (row->index) {
        return seconds + rk_frontier_index_facts(f, v).making_s;
    }
    if (open_model(f, v, &model)) {
        seconds += rk_artefact_making(rk_model_artefact(model)).wall_s;
        rk_model_close(model);
    }
    return seconds;
}

static rk_status made_plan_text(rk_frontier_planner *planner, size_t v, const char *profile, rk_text *out,
                                rk_error *err)
{
    rk_frontier *f = planner->f;
    rk_plan_figures own = planner->shop;
    rk_model *model;
    rk_status status = rk_model_open(rk_frontier_model(f, v), &model, err);
    if (status) {
        return status;
    }
    own.model_bytes = rk_artefact_bytes(rk_model_artefact(model)) + rk_frontier_index_facts(f, v).file_bytes;
    own.training_hours += rk_frontier_making_s(f, v) / 3600;
    own.profile = profile;
    rk_model_close(model);
    rk_plan_text(&own, out);
    return out->failed ? rk_fail_memory(err, "a plan") : RK_OK;
}

rk_status rk_frontier_plan_text(rk_frontier_planner *planner, size_t v, const char *profile, rk_text *out,
                                rk_error *err)
{
    rk_frontier *f = planner->f;
    const rk_grid_variant *row = f->variants[v].row;
    const char *model = row->index ? f->grid.variants[row->of].file : row->file;
    const rk_frontier_own own = {.name = row->name,
                                 .profile = rk_frontier_text(f, "../profiles/%s", profile),
                                 .model = rk_frontier_text(f, "../models/%s.rk", model),
                                 .making_hours = rk_frontier_making_s(f, v) / 3600};
    return f->options->plan_path ? rk_frontier_own_plan_text(f, &own, out, err)
                                 : made_plan_text(planner, v, own.profile, out, err);
}
