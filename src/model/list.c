/* list.c - see list.h. */
#include "model/list.h"

#include <string.h>

#include "model/model.h"

static void print_range(const rk_option *o, rk_text *out)
{
    if (o->kind == RK_OPT_CHOICE) {
        rk_text_addf(out, " (%s)", o->choices);
    } else if (o->min < o->max) {
        rk_text_add(out, " (");
        rk_text_add_real(out, o->min);
        rk_text_add(out, " to ");
        rk_text_add_real(out, o->max);
        rk_text_add(out, ")");
    }
}

void rk_model_list_print(rk_text *out)
{
    const rk_model_kind *kind;
    for (size_t i = 0; (kind = rk_model_kind_at(i)); i++) {
        rk_text_addf(out, "%s%s: %s\n", i > 0 ? "\n" : "", kind->name, kind->summary);
        for (size_t j = 0; j < kind->n_options; j++) {
            const rk_option *o = &kind->options[j];
            const char *fallback = o->fallback ? o->fallback : "no";
            int pad = 20 - (int)strlen(o->name) - (int)strlen(fallback);
            rk_text_addf(out, "  %s=%s%*s %s", o->name, fallback, pad > 0 ? pad : 0, "", o->help);
            print_range(o, out);
            if (o->tune) {
                rk_text_addf(out, "; tuned over %s", o->tune);
            }
            rk_text_add(out, "\n");
        }
    }
}

static void option_json(const rk_option *o, rk_json *json)
{
    static const char *const kinds[] = {"flag", "text", "count", "real", "choice", "list"};
    rk_json_object(json, NULL);
    rk_json_cstring(json, "name", o->name);
    rk_json_cstring(json, "kind", kinds[o->kind]);
    rk_json_cstring(json, "default", o->fallback);
    rk_json_cstring(json, "help", o->help);
    if (o->min < o->max) {
        rk_json_real(json, "min", o->min);
        rk_json_real(json, "max", o->max);
    }
    if (o->choices) {
        rk_json_cstring(json, "choices", o->choices);
    }
    if (o->tune) {
        rk_json_cstring(json, "tune", o->tune);
    }
    rk_json_end_object(json);
}

void rk_model_list_json(rk_json *json)
{
    const rk_model_kind *kind;
    rk_json_object(json, NULL);
    rk_json_array(json, "models");
    for (size_t i = 0; (kind = rk_model_kind_at(i)); i++) {
        rk_json_object(json, NULL);
        rk_json_cstring(json, "name", kind->name);
        rk_json_cstring(json, "summary", kind->summary);
        rk_json_array(json, "options");
        for (size_t j = 0; j < kind->n_options; j++) {
            option_json(&kind->options[j], json);
        }
        rk_json_end_array(json);
        rk_json_end_object(json);
    }
    rk_json_end_array(json);
    rk_json_end_object(json);
}
