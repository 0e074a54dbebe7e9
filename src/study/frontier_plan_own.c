/* frontier_plan_own.c - see frontier_plan_own.h: the plan's tree, changed and printed again.
 *
 * The written plan lies in another folder, so files that it names beside itself are named by their whole path there.
 */
#include "study/frontier_plan_own.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/yaml.h"
#include "store/artefact.h"

enum { PATH_BYTES_MAX = 4096 };

/* ---- changes ---- */

/* Makes changes to a tree, until one fails. */
typedef struct {
    rk_frontier *f;
    rk_yaml *yaml;
    rk_vec paths; /* const char *: places of files to be named whole */
    rk_status status;
    rk_error *err;
} changer;

static void change(changer *c, const char *words)
{
    if (!c->status) {
        c->status = rk_yaml_change(c->yaml, words, c->err);
    }
}

static const char *service_path(changer *c, const char *key)
{
    return rk_frontier_text(c->f, "services.%s.%s", c->f->service, key);
}

static const rk_yaml_node *service_node(rk_frontier *f, const rk_yaml *yaml)
{
    const rk_yaml_node *services = rk_yaml_find(rk_yaml_root(yaml), "services");
    return services ? rk_yaml_find(services, f->service) : NULL;
}

/* ---- files named beside the plan ---- */

static bool is_file_key(const char *key)
{
    static const char *const keys[] = {"prices", "profile", "profiles", "of", "measured"};
    for (size_t i = 0; i < RK_COUNT_OF(keys); i++) {
        if (strcmp(keys[i], key) == 0) {
            return true;
        }
    }
    return false;
}

/* Keeps "PATH=whole name" for every file that is there; key: of the node, or of the list that it is in. */
static void find_files(changer *c, const rk_yaml_node *node, const char *key)
{
    char beside[PATH_BYTES_MAX], whole[PATH_MAX];
    for (const rk_yaml_node *child = node->first; child; child = child->next) {
        find_files(c, child, child->key ? child->key->text : key);
    }
    bool is_named = node->kind == RK_YAML_SCALAR && is_file_key(key) && node->text[0] != '/' &&
                    rk_path_beside(c->f->options->plan_path, node->text, beside, sizeof beside) &&
                    access(beside, R_OK) == 0 && realpath(beside, whole);
    if (!is_named) {
        return;
    }
    rk_text words = {0};
    if (rk_yaml_path(c->yaml, node, &words)) {
        rk_text_add(&words, "=");
        rk_text_add_json(&words, rk_slice_of(whole));
        const char *kept = rk_frontier_text(c->f, "%s", words.at ? words.at : "");
        c->f->is_short |= words.failed || !rk_vec_push(&c->paths, &kept);
    }
    rk_text_release(&words);
}

static void name_files_whole(changer *c)
{
    find_files(c, rk_yaml_root(c->yaml), "");
    for (size_t i = 0; i < c->paths.n; i++) {
        change(c, ((const char **)c->paths.data)[i]);
    }
}

/* ---- what a variant changes ---- */

static bool is_model(const rk_frontier *f, const rk_yaml_node *of)
{
    char path[PATH_BYTES_MAX];
    rk_artefact *artefact;
    rk_error none;
    if (!of || of->kind != RK_YAML_SCALAR || !rk_path_beside(f->options->plan_path, of->text, path, sizeof path) ||
        rk_artefact_open(path, "model", &artefact, &none)) {
        return false;
    }
    rk_artefact_close(artefact);
    return true;
}

/* Without trailing zeros. */
static const char *decimal_words(rk_frontier *f, double value)
{
    char words[64];
    int n = snprintf(words, sizeof words, "%.9f", value);
    while (n > 0 && words[n - 1] == '0') {
        n--;
    }
    n -= n > 0 && words[n - 1] == '.';
    return rk_frontier_text(f, "%.*s", n, words);
}

static void change_service(changer *c, const rk_frontier_own *own)
{
    static const char *const replaced[] = {"variants", "variant", "profile", "slo", "capacity", "cpu_ms_per_request"};
    const rk_yaml_node *service = service_node(c->f, c->yaml);
    for (size_t i = 0; i < RK_COUNT_OF(replaced); i++) {
        if (rk_yaml_find(service, replaced[i])) {
            change(c, rk_frontier_text(c->f, "%s=", service_path(c, replaced[i])));
        }
    }
    change(c, rk_frontier_text(c->f, "%s={profile: %s, slo: {latency_ms_p99: %s, errors: 0.001}}",
                               service_path(c, "capacity"), own->profile, decimal_words(c->f, c->f->slo_ms)));
    change(c, rk_frontier_text(c->f, "%s=measured", service_path(c, "response_bytes")));
}

/* An element that keeps or moves a model's file takes this one's; one that trains takes its hours. */
static void change_element(changer *c, const rk_yaml_node *element, size_t i, const rk_frontier_own *own)
{
    bool keeps = (rk_yaml_find(element, "store") || rk_yaml_find(element, "network")) &&
                 is_model(c->f, rk_yaml_find(element, "of"));
    bool trains = rk_yaml_find(element, "train") && is_model(c->f, rk_yaml_find(element, "measured"));
    if (keeps) {
        change(c, rk_frontier_text(c->f, "elements.%zu.of=%s", i, own->model));
    }
    if (trains) {
        change(c, rk_frontier_text(c->f, "elements.%zu.measured=", i));
        if (rk_yaml_find(element, "bill")) {
            change(c, rk_frontier_text(c->f, "elements.%zu.bill=", i));
        }
        change(c, rk_frontier_text(c->f, "elements.%zu.hours=%s", i, decimal_words(c->f, own->making_hours)));
    }
}

static void change_elements(changer *c, const rk_frontier_own *own)
{
    const rk_yaml_node *elements = rk_yaml_find(rk_yaml_root(c->yaml), "elements");
    size_t i = 0;
    for (const rk_yaml_node *e = elements ? elements->first : NULL; e; e = e->next) {
        change_element(c, e, i++, own);
    }
}

rk_status rk_frontier_own_plan_text(rk_frontier *f, const rk_frontier_own *own, rk_text *out, rk_error *err)
{
    rk_yaml *yaml;
    rk_status status = rk_yaml_read(f->options->plan_path, &yaml, err);
    if (status) {
        return status;
    }
    changer c = {.f = f, .yaml = yaml, .paths = {.item_bytes = sizeof(const char *)}, .err = err};
    change_elements(&c, own);
    name_files_whole(&c);
    change_service(&c, own);
    if (!c.status) {
        rk_text_addf(out, "# %s with %s, by reckon frontier.\n", f->options->plan_path, own->name);
        rk_yaml_print(rk_yaml_root(yaml), out);
        c.status = out->failed || f->is_short ? rk_fail_memory(err, "a plan") : RK_OK;
    }
    rk_vec_release(&c.paths);
    rk_yaml_free(yaml);
    return c.status;
}

/* ---- the plan as it is ---- */

static rk_status find_service(rk_frontier *f, const rk_ledger *ledger, rk_error *err)
{
    const char *wanted = f->options->service;
    uint32_t n = rk_ledger_n_services(ledger), found = 0;
    while (wanted && found < n && strcmp(rk_ledger_service(ledger, found)->name, wanted) != 0) {
        found++;
    }
    if (!wanted && n > 1) {
        return rk_fail(err, RK_BAD_USAGE, "%s has %u services: say with --service which one the variants answer, '%s'?",
                       f->options->plan_path, n, rk_ledger_service(ledger, 0)->name);
    }
    if (found == n) {
        return rk_fail(err, RK_BAD_USAGE, "%s has no service '%.60s'; its first is '%s'", f->options->plan_path, wanted,
                       rk_ledger_service(ledger, 0)->name);
    }
    if (!rk_ledger_service(ledger, found)->machine) {
        return rk_fail(err, RK_BAD_INPUT, "%s: service '%s' has no fleet, so no variant of it has a price",
                       f->options->plan_path, rk_ledger_service(ledger, found)->name);
    }
    f->service = rk_frontier_text(f, "%s", rk_ledger_service(ledger, found)->name);
    return RK_OK;
}

/* The objective that the service has written, if any; --p99-max goes before it. */
static rk_status read_objective(rk_frontier *f, rk_error *err)
{
    rk_yaml *yaml;
    rk_status status = rk_yaml_read(f->options->plan_path, &yaml, err);
    if (status) {
        return status;
    }
    const rk_yaml_node *service = service_node(f, yaml), *slo = service ? rk_yaml_find(service, "slo") : NULL;
    const rk_yaml_node *capacity = service ? rk_yaml_find(service, "capacity") : NULL;
    if (!slo && capacity && capacity->kind == RK_YAML_MAP) {
        slo = rk_yaml_find(capacity, "slo");
    }
    const rk_yaml_node *p99 = slo && slo->kind == RK_YAML_MAP ? rk_yaml_find(slo, "latency_ms_p99") : NULL;
    const rk_key key = {.name = "latency_ms_p99", .kind = RK_KEY_NUMBER, .above = true, .max = 60000};
    rk_number number = {0};
    if (p99 && f->options->p99_max_ms <= 0) {
        status = rk_yaml_number(p99, &key, &number, err);
        f->slo_ms = status ? f->slo_ms : rk_decimal_real(number.value);
    }
    rk_yaml_free(yaml);
    return status;
}

rk_status rk_frontier_own_plan_check(rk_frontier *f, rk_error *err)
{
    rk_ledger *ledger;
    rk_status status = rk_cost_run(&(rk_plan_source){.path = f->options->plan_path}, f->run, &ledger, err);
    if (status) {
        return status;
    }
    status = find_service(f, ledger, err);
    rk_ledger_free(ledger);
    return status ? status : read_objective(f, err);
}
