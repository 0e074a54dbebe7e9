/* demo_ingest.c - from the raw log to a clean dataset.
 *
 * What is said of it is read back from what was written, so that a reused step says the same.
 */
#include "base/file.h"
#include "data/dataset.h"
#include "data/ingest.h"
#include "study/demo_parts.h"

/* Rows of the log that are no products: postage, fees, samples, vouchers. */
static const char no_products[] = "POST,DOT,D,C2,M,m,S,B,PADS,CRUK,AMAZONFEE,BANK CHARGES,DCGS*,gift_*,TEST*";

#define PATH(name) rk_demo_path(demo, name)

static void add_count(rk_text *out, uint64_t n, const char *unit)
{
    rk_text_add_fixed(out, (double)n, 0);
    rk_text_addf(out, " %s", unit);
}

static rk_status write_json(const char *path, rk_text *text, rk_error *err)
{
    rk_text_add(text, "\n");
    return text->failed ? rk_fail_memory(err, "a JSON text") : rk_file_write_text(path, text, err);
}

void rk_demo_ingest_files(rk_demo_state *demo, rk_step *step)
{
    step->options = no_products;
    step->inputs[0] = demo->log_path;
    step->outputs[0] = PATH("retail.rk");
    step->outputs[1] = PATH("cleaning.json");
}

rk_status rk_demo_ingest(rk_demo_state *demo, rk_error *err)
{
    rk_ingest_options options = rk_ingest_defaults();
    rk_ingest_report report;
    rk_text text = {0};
    rk_json json = {.text = &text};
    options.paths = &demo->log_path;
    options.n_paths = 1;
    options.out_path = PATH("retail.rk");
    options.clean.drop_items = no_products;
    options.clean.min_user = options.clean.min_item = 5;
    rk_status status = rk_ingest(&options, demo->run, &report, err);
    if (status)
        return status;
    rk_ingest_report_json(&report, &json, NULL);
    status = write_json(PATH("cleaning.json"), &text, err);
    rk_ingest_report_release(&report);
    rk_text_release(&text);
    return status;
}

rk_status rk_demo_describe_ingest(rk_demo_state *demo, rk_text *out, rk_error *err)
{
    rk_dataset dataset;
    rk_status status = rk_dataset_open(PATH("retail.rk"), &dataset, err);
    if (status)
        return status;
    add_count(out, dataset.n_events, "events of ");
    add_count(out, dataset.n_users, "users and ");
    add_count(out, dataset.n_items, "items kept");
    rk_dataset_close(&dataset);
    return RK_OK;
}
