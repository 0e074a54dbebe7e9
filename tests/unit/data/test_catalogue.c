/* test_catalogue.c - products to datasets: what is cast to what, lists, products told twice, and going into a log. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "data/catalogue.h"
#include "data/dataset.h"
#include "data/product.h"
#include "data/split.h"
#include "support/test.h"

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/reckon-catalogue-XXXXXX");
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const files[] = {"products", "log", "log.rk", "out.rk", "train.rk", "test.rk"};
    for (size_t i = 0; i < RK_COUNT_OF(files); i++) {
        unlink(files[i]);
    }
    return chdir("/") == 0 ? rmdir(folder) : -1;
}

static void write_file(const char *path, const char *text)
{
    rk_error err;
    rk_text content = {0};
    rk_text_add(&content, text);
    assert_int_equal(rk_file_write_text(path, &content, &err), RK_OK);
    rk_text_release(&content);
}

static rk_status read_products(const char *text, const char *map, const char *into, rk_catalogue_report *report,
                               rk_error *err)
{
    rk_run run = {0};
    write_file("products", text);
    return rk_catalogue_ingest(
        &(rk_catalogue_options){.path = "products", .into_path = into, .out_path = "out.rk", .map = map}, &run, report,
        err);
}

static rk_dataset open_dataset(const char *path)
{
    rk_dataset dataset;
    rk_error err = {0};
    if (rk_dataset_open(path, &dataset, &err)) {
        print_error("%s\n", err.message);
        fail();
    }
    return dataset;
}

static void assert_text(const rk_names *names, uint32_t i, const char *text)
{
    rk_slice name = rk_names_get(names, i);
    if (!rk_slice_is(name, text)) {
        print_error("'%.*s', wanted '%s'\n", (int)name.n, name.at, text);
    }
    assert_true(rk_slice_is(name, text));
}

/* "colour=red;size=2;" of one item. */
static void assert_attributes(const rk_dataset *d, uint32_t item, const char *wanted)
{
    char text[512] = "";
    for (uint64_t p = d->attribute_start[item]; p < d->attribute_start[item + 1]; p++) {
        rk_slice name = rk_names_get(&d->attributes, d->attribute_name[p]),
                 value = rk_names_get(&d->values, d->attribute_value[p]);
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%.*s=%.*s;", (int)name.n, name.at, (int)value.n, value.at);
    }
    assert_string_equal(text, wanted);
}

static void columns_are_known_by_their_names_and_the_rest_are_attributes(void **state)
{
    (void)state;
    rk_catalogue_report report;
    rk_error err;
    assert_int_equal(read_products("id,title,price,colour,brand\na,A cup,1.50,red,Acme\nb,\"A, plate\",,, \n", NULL,
                                   NULL, &report, &err),
                     RK_OK);
    rk_dataset d = open_dataset("out.rk");
    assert_int_equal(d.n_items, 2);
    assert_int_equal(d.n_users, 0);
    assert_int_equal(d.n_events, 0);
    assert_text(&d.title, 1, "A, plate");
    assert_text(&d.brand, 0, "Acme");
    assert_text(&d.brand, 1, "");
    assert_true(d.item_price[0] == 1.5F && isnan(d.item_price[1]));
    assert_attributes(&d, 0, "colour=red;");
    assert_attributes(&d, 1, "");
    assert_int_equal(d.category.n, 0);
    assert_int_equal(report.n_price, 1);
    rk_dataset_close(&d);
}

static void a_map_picks_columns_and_patterns(void **state)
{
    (void)state;
    rk_catalogue_report report;
    rk_error err;
    const char *text = "{\"sku\":7,\"t\":\"Lamp\",\"attr_w\":3.5,\"attr_on\":true,\"other\":1,\"attr_none\":null}\n"
                       "\n"
                       "{\"sku\":\"8\",\"t\":[\"Desk\",\"lamp\"],\"attr_ean\":[\"1\",2,{\"no\":1}],\"x\":{\"y\":2}}";
    assert_int_equal(read_products(text, "item=sku, title=t, attributes=attr_*", NULL, &report, &err), RK_OK);
    rk_dataset d = open_dataset("out.rk");
    assert_text(&d.items, 0, "7");
    assert_text(&d.title, 1, "Desk lamp");
    assert_attributes(&d, 0, "attr_w=3.5;attr_on=true;");
    assert_attributes(&d, 1, "attr_ean=1;attr_ean=2;");
    assert_int_equal(report.n_values, 4);
    rk_dataset_close(&d);
}

static void the_last_word_on_a_product_counts(void **state)
{
    (void)state;
    rk_catalogue_report report;
    rk_error err;
    const char *text = "sku\ttitle\tprice\tsize\na\tfirst\t1\tS\nb\tother\tmuch\tM\na\tsecond\t\tL\n\tnobody\t3\tX\n";
    assert_int_equal(read_products(text, NULL, NULL, &report, &err), RK_OK);
    rk_dataset d = open_dataset("out.rk");
    assert_int_equal(d.n_items, 2);
    assert_text(&d.title, 0, "second");
    assert_attributes(&d, 0, "size=L;");
    assert_true(d.item_price[0] == 1);
    assert_int_equal(report.n_again, 1);
    assert_int_equal(report.n_without_id, 1);
    assert_int_equal(report.n_bad_prices, 1);
    rk_dataset_close(&d);
}

static void make_log(void)
{
    rk_ingest_options options = rk_ingest_defaults();
    rk_ingest_report report;
    rk_error err;
    rk_run run = {0};
    write_file("log", "user,item,title,time\nu,a,old a,1\nu,b,old b,2\nv,a,old a,3\nv,b,old b,4\n");
    const char *const paths[] = {"log"};
    options.paths = paths;
    options.n_paths = 1;
    options.out_path = "log.rk";
    assert_int_equal(rk_ingest(&options, &run, &report, &err), RK_OK);
    rk_ingest_report_release(&report);
}

static void a_catalogue_goes_into_a_log_and_new_items_come_last(void **state)
{
    (void)state;
    rk_catalogue_report report;
    rk_error err;
    make_log();
    assert_int_equal(read_products("item,title,category,w\nc,new c,X,1\nb,new b,Y,2\n", NULL, "log.rk", &report, &err),
                     RK_OK);
    rk_dataset d = open_dataset("out.rk"), log = open_dataset("log.rk");
    assert_int_equal(report.n_new, 1);
    assert_int_equal(d.n_items, 3);
    assert_text(&d.items, 2, "c");
    assert_text(&d.title, 0, "old a");
    assert_text(&d.title, 1, "new b");
    assert_text(&d.category, 0, "");
    assert_text(&d.category, 2, "X");
    assert_attributes(&d, 1, "w=2;");
    assert_int_equal(d.n_events, 4);
    assert_memory_equal(d.event_item, log.event_item, 4 * sizeof *d.event_item);
    assert_memory_equal(d.event_time, log.event_time, 4 * sizeof *d.event_time);
    assert_int_equal(d.item_start[3], 4);
    assert_int_equal(d.item_start[2], 4);
    rk_dataset_close(&log);
    rk_dataset_close(&d);
}

static void a_split_keeps_what_a_catalogue_said(void **state)
{
    (void)state;
    rk_catalogue_report report;
    rk_split_report sides;
    rk_error err;
    rk_run run = {.seed = 1};
    make_log();
    assert_int_equal(read_products("item,title,w\nb,new b,2\n", NULL, "log.rk", &report, &err), RK_OK);
    rk_split_options by = {.rule = RK_SPLIT_LEAVE_ONE_OUT, .test_share = 0.5};
    assert_int_equal(rk_split("out.rk", &by, "train.rk", "test.rk", &run, &sides, &err), RK_OK);
    rk_dataset d = open_dataset("train.rk");
    assert_attributes(&d, 1, "w=2;");
    assert_text(&d.title, 1, "new b");
    rk_dataset_close(&d);
}

static void a_foolish_catalogue_is_refused_with_the_reason(void **state)
{
    (void)state;
    static const struct {
        const char *text, *map;
        rk_status status;
        const char *words;
    } cases[] = {
        {"name,price\na,1\n", "title=name", RK_BAD_INPUT, "which column is the item?"},
        {"id,price\na,1\n", "item=ident", RK_BAD_INPUT, "no column 'ident'"},
        {"id,price\na,1\n", "item=id,user=price", RK_BAD_USAGE, "a catalogue has no user"},
        {"id,price\na,1\n", "itm=id", RK_BAD_USAGE, "did you mean 'item'?"},
        {"id,price\na\n", NULL, RK_BAD_INPUT, "products:2"},
        {"{\"id\":1}\n{\"id\":2 \"x\":1}\n", NULL, RK_BAD_INPUT, "products:2:"},
        {"{\"id\":1}\n{\"id\":2,\"id\":3}\n", NULL, RK_BAD_INPUT, "products:2:"},
        {"{\"id\":1,\"t\":\"caf\xe9\"}\n", NULL, RK_BAD_INPUT, "UTF-8"},
        {"id,title\n,x\n", NULL, RK_BAD_INPUT, "none of 1 products has an id"},
        {"", NULL, RK_BAD_INPUT, "names of its columns"},
    };
    for (size_t c = 0; c < RK_COUNT_OF(cases); c++) {
        rk_catalogue_report report;
        rk_error err = {0};
        unlink("out.rk");
        rk_status status = read_products(cases[c].text, cases[c].map, NULL, &report, &err);
        if (status != cases[c].status || !strstr(err.message, cases[c].words)) {
            print_error("case %zu: status %d '%s'\n", c, (int)status, err.message);
        }
        assert_int_equal(status, cases[c].status);
        assert_non_null(strstr(err.message, cases[c].words));
        assert_int_not_equal(access("out.rk", F_OK), 0);
    }
}

/* Long lines cross the borders of what is read at once. */
static void products_longer_than_a_read_are_whole(void **state)
{
    (void)state;
    enum { LONG = 700000, PRODUCTS = 3 };
    rk_text text = {0};
    rk_catalogue_report report;
    rk_error err;
    for (int p = 0; p < PRODUCTS; p++) {
        rk_text_addf(&text, "{\"id\":%d,\"title\":\"", p);
        for (int i = 0; i < LONG; i++) {
            rk_text_add(&text, i % 9 ? "x" : " ");
        }
        rk_text_add(&text, "end\"}\n");
    }
    assert_int_equal(read_products(text.at, NULL, NULL, &report, &err), RK_OK);
    rk_dataset d = open_dataset("out.rk");
    assert_int_equal(d.n_items, PRODUCTS);
    for (uint32_t p = 0; p < PRODUCTS; p++) {
        rk_slice title = rk_names_get(&d.title, p);
        assert_int_equal(title.n, LONG + 3 - 1); /* a blank in front is taken off */
        assert_memory_equal(title.at + title.n - 3, "end", 3);
    }
    rk_dataset_close(&d);
    rk_text_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_known_by_their_names_and_the_rest_are_attributes),
        cmocka_unit_test(a_map_picks_columns_and_patterns),
        cmocka_unit_test(the_last_word_on_a_product_counts),
        cmocka_unit_test(a_catalogue_goes_into_a_log_and_new_items_come_last),
        cmocka_unit_test(a_split_keeps_what_a_catalogue_said),
        cmocka_unit_test(a_foolish_catalogue_is_refused_with_the_reason),
        cmocka_unit_test(products_longer_than_a_read_are_whole),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
