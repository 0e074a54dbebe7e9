/* made.c - see made.h. Figures in an artefact are doubles and are taken as exactly what they print as. */
#include "cost/made.h"

#include <string.h>

#include "base/file.h"
#include "store/artefact.h"

enum { PATH_BYTES_MAX = 4096 };

static void set_real(rk_number *out, double value, rk_place at)
{
    if (value > 0) { /* 0 = unknown */
        *out = (rk_number){.value = rk_decimal_of_real(value), .is_set = true, .at = at};
    }
}

static rk_status fill(rk_plan *plan, const rk_artefact *artefact, rk_place at, rk_made *out, rk_error *err)
{
    rk_usage making = rk_artefact_making(artefact);
    const char *kind = rk_artefact_kind(artefact);
    json_int_t events = json_integer_value(json_object_get(rk_artefact_meta(artefact), "events"));
    out->kind = rk_arena_copy(&plan->arena, kind, strlen(kind));
    set_real(&out->bytes, (double)rk_artefact_bytes(artefact), at);
    set_real(&out->events, strcmp(kind, "dataset") == 0 ? (double)events : 0, at);
    set_real(&out->wall_s, making.wall_s, at);
    set_real(&out->cpu_s, making.cpu_s, at);
    set_real(&out->peak_bytes, (double)making.peak_bytes, at);
    out->cores = json_number_value(json_object_get(rk_artefact_making_json(artefact), "cores"));
    return out->kind ? RK_OK : rk_fail_memory(err, "an artefact's figures");
}

rk_status rk_made_read(rk_plan *plan, const char *path, rk_place at, rk_made *out, rk_error *err)
{
    char full[PATH_BYTES_MAX];
    rk_artefact *artefact = NULL;
    rk_made made = {.path = path};
    if (!rk_path_beside(plan->path, path, full, sizeof full)) {
        return rk_fail_at(err, at, "the path '%.60s...' is too long", path);
    }
    rk_status status = rk_artefact_open(full, NULL, &artefact, err);
    if (status == RK_NOT_FOUND || status == RK_IO) {
        return rk_fail_at(err, at, "artefact '%.200s' cannot be read: no such file or not allowed", full);
    }
    status = status ? status : fill(plan, artefact, at, &made, err);
    rk_artefact_close(artefact);
    if (!status) {
        *out = made;
    }
    return status;
}

void rk_made_input(rk_account *account, rk_vec *inputs, const rk_made *made, const char *name, const rk_number *number,
                   const char *unit)
{
    rk_text text = {0};
    rk_decimal_print(number->value, true, &text);
    rk_account_input_text(
        account, inputs, name, rk_account_keep(account, &text), unit,
        rk_account_words(account, "%s:%zu, measured: %s", number->at.path, number->at.line, made->path));
}
