/* shop_index.c - see shop_index.h. */
#include "support/shop_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "data/catalogue.h"
#include "support/test.h"

static struct {
    char folder[40], csv[64], shop[64], index[64], bad[64];
    rk_index *open;
} at;

static void name_files(void)
{
    strcpy(at.folder, "/tmp/reckon-words-XXXXXX");
    assert_non_null(mkdtemp(at.folder));
    snprintf(at.csv, sizeof at.csv, "%s/p.csv", at.folder);
    snprintf(at.shop, sizeof at.shop, "%s/p.rk", at.folder);
    snprintf(at.index, sizeof at.index, "%s/i.rk", at.folder);
    snprintf(at.bad, sizeof at.bad, "%s/bad.rk", at.folder);
}

rk_index *test_index_of(const char *products_csv, const rk_index_options *options)
{
    rk_index_options defaults = rk_index_defaults();
    rk_catalogue_report report;
    rk_index_report built;
    rk_run run = {0};
    rk_text text = {0};
    rk_error err = {0};
    defaults.dictionary = "none"; /* the same with and without one installed */
    test_index_release();
    name_files();
    rk_text_add(&text, products_csv);
    rk_catalogue_options from = {.path = at.csv, .out_path = at.shop};
    rk_status status = rk_file_write_text(at.csv, &text, &err);
    status = status ? status : rk_catalogue_ingest(&from, &run, &report, &err);
    status = status ? status : rk_index_build(at.shop, options ? options : &defaults, at.index, &run, &built, &err);
    status = status ? status : rk_index_open(at.index, &at.open, &err);
    rk_text_release(&text);
    if (status) {
        print_error("%s\n", err.message);
    }
    assert_int_equal(status, RK_OK);
    return at.open;
}

rk_index *test_index(void) { return at.open; }
const char *test_index_path(void) { return at.index; }

void test_index_release(void)
{
    rk_index_close(at.open);
    at.open = NULL;
    if (at.folder[0]) {
        unlink(at.csv);
        unlink(at.shop);
        unlink(at.index);
        unlink(at.bad);
        rmdir(at.folder);
        at.folder[0] = '\0';
    }
}

static rk_status add_changed(rk_artefact_writer *out, const rk_section *s, size_t place, int change, rk_error *err)
{
    unsigned char *copy = malloc(s->bytes + 1);
    assert_non_null(copy);
    memcpy(copy, s->data, s->bytes);
    size_t byte = place * rk_type_bytes(s->type);
    assert_true(byte < s->bytes);
    copy[byte] = (unsigned char)(copy[byte] + change);
    rk_status status = rk_artefact_add(out, s->name, s->type, s->rows, s->cols, copy, err);
    free(copy);
    return status;
}

void test_assert_index_refused(const char *section, size_t place, int change)
{
    rk_artefact *in;
    rk_artefact_writer *out;
    rk_error err = {0};
    rk_index *index = NULL;
    bool is_there = false;
    assert_int_equal(rk_artefact_open(at.index, "search", &in, &err), RK_OK);
    assert_int_equal(rk_artefact_create(at.bad, "search", &out, &err), RK_OK);
    json_t *meta = json_deep_copy(rk_artefact_meta(in));
    json_object_update(rk_artefact_writer_meta(out), meta);
    json_decref(meta);
    for (size_t i = 0; i < rk_artefact_n_sections(in); i++) {
        const rk_section *s = rk_artefact_section_at(in, i);
        bool is_it = strcmp(s->name, section) == 0;
        is_there |= is_it;
        assert_int_equal(is_it ? add_changed(out, s, place, change, &err) : rk_artefact_add_copy(out, s, &err), RK_OK);
    }
    assert_true(is_there);
    assert_int_equal(rk_artefact_commit(out, NULL, &err), RK_OK);
    rk_artefact_close(in);
    assert_int_equal(rk_index_open(at.bad, &index, &err), RK_BAD_INPUT);
    assert_true(err.message[0] != '\0');
}
