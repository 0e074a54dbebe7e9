/* test_ingest.c - whole roads from text to dataset: cleaning, ids, item tables, encodings, compression, --like. */
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "base/file.h"
#include "data/dataset.h"
#include "data/ingest.h"
#include "support/test.h"

static char folder[64];

static const char *in_folder(const char *name)
{
    static char paths[16][128]; /* as many as one test names */
    static int next;
    char *path = paths[next++ % 16];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/reckon-ingest-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    DIR *dir = opendir(folder);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        unlink(path);
    }
    closedir(dir);
    return rmdir(folder);
}

static void write_bytes(const char *path, const void *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

static void write_text(const char *path, const char *text) { write_bytes(path, text, strlen(text)); }

/* Reads "log" into "out.rk" with options as set up by the caller. */
static rk_status ingest(rk_ingest_options options, rk_ingest_report *report, rk_error *err)
{
    const char *path = in_folder("log"), *out = in_folder("out.rk");
    if (!options.n_paths) {
        options.paths = &path;
        options.n_paths = 1;
    }
    options.out_path = options.out_path ? options.out_path : out;
    return rk_ingest(&options, &(rk_run){0}, report, err);
}

static void must_ingest(const char *text, rk_ingest_options options, rk_ingest_report *report, rk_dataset *dataset)
{
    rk_error err;
    write_text(in_folder("log"), text);
    if (ingest(options, report, &err) ||
        rk_dataset_open(options.out_path ? options.out_path : in_folder("out.rk"), dataset, &err)) {
        fail_msg("%s", err.message);
    }
}

static void finish(rk_ingest_report *report, rk_dataset *dataset)
{
    rk_ingest_report_release(report);
    rk_dataset_close(dataset);
}

static void assert_name(const rk_names *names, uint32_t id, const char *wanted)
{
    rk_slice name = rk_names_get(names, id);
    assert_int_equal(name.n, strlen(wanted));
    assert_memory_equal(name.at, wanted, name.n);
}

/* ---- ids and tables ---- */

static const char shop[] = "customer_id,stock code,date,qty,Unit Price,Description,invoice,brand\n"
                           "b,x,2020-01-02,2,1.50,first name,1,acme\n"
                           "a,y,2020-01-01,1,2.00,why,2,\n"
                           "b,x,2020-01-01,3,1.75,real name,3,acme\n"
                           "c,x,2020-01-03,1,1.60,real name,4,other\n"
                           "a,x,2019-12-31,-1,1.60,damaged,C5,acme\n";

static void ids_are_those_of_first_sight_and_items_know_their_best_title_and_last_price(void **state)
{
    (void)state;
    rk_ingest_report report;
    rk_dataset d;
    must_ingest(shop, rk_ingest_defaults(), &report, &d);
    assert_int_equal(d.n_users, 3);
    assert_int_equal(d.n_items, 2);
    assert_int_equal(d.n_events, 4);
    assert_name(&d.users, 0, "b");
    assert_name(&d.users, 1, "a");
    assert_name(&d.items, 1, "y");
    assert_name(&d.title, 0, "real name");
    assert_true(d.item_price[0] == 1.60f);
    assert_true(d.event_time[0] < d.event_time[1]); /* of b, although the log has them the other way round */
    assert_true(d.event_value[0] == 3 && d.event_value[1] == 2);
    assert_string_equal(report.total, "10.25");
    assert_int_equal(report.rules[RK_RULE_CANCELLED].n_taken, 1);
    assert_int_equal(report.rules[RK_RULE_NEGATIVE].n_matches, 1);
    assert_int_equal(report.rules[RK_RULE_NEGATIVE].n_taken, 0);
    finish(&report, &d);
}

static void equal_titles_count_the_later_one_wins_a_tie(void **state)
{
    (void)state;
    rk_ingest_report report;
    rk_dataset d;
    must_ingest("user,item,title\nu,i,one\nu,i,two\nu,j,\n", rk_ingest_defaults(), &report, &d);
    assert_name(&d.title, 0, "two");
    assert_name(&d.title, 1, "");
    finish(&report, &d);
}

/* ---- cleaning ---- */

static void the_first_rule_takes_a_row_and_each_counts_its_matches(void **state)
{
    (void)state;
    static const struct {
        rk_clean_rule rule;
        uint64_t n_matches, n_taken, line;
    } wanted[] = {
        {RK_RULE_RAGGED, 2, 2, 3},        {RK_RULE_NO_USER, 2, 1, 5},     {RK_RULE_NO_ITEM, 2, 1, 7},
        {RK_RULE_BAD_TIME, 2, 2, 8},      {RK_RULE_BAD_NUMBER, 1, 1, 10}, {RK_RULE_DUPLICATE, 1, 1, 11},
        {RK_RULE_CANCELLED, 1, 1, 12},    {RK_RULE_NEGATIVE, 2, 1, 13},   {RK_RULE_NO_PRICE, 1, 1, 14},
        {RK_RULE_DROPPED_ITEM, 1, 1, 15},
    };
    rk_ingest_options options = rk_ingest_defaults();
    rk_ingest_report report;
    rk_dataset d;
    options.clean.drop_items = "POST,gift_*";
    must_ingest("user,item,time,quantity,price,invoice\n"
                "u,i,2020-01-01,1,2.5,1\n"
                "u,i\n"
                "u,i,2020-01-01,1,2.5,1,more\n"
                ",i,2020-01-01,1,2.5,1\n"
                "\n"
                "u,\" \",2020-01-01,1,2.5,1\n"
                "u,i,yesterday,1,2.5,1\n"
                "u,i,2999-01-01,1,2.5,1\n"
                "u,i,2020-01-01,one,2.5,1\n"
                "u,i,2020-01-01,1,2.5,1\n"
                "u,i,2020-01-01,-1,2.5,C1\n"
                "u,i,2020-01-01,-1,2.5,1\n"
                "u,i,2020-01-01,1,0,1\n"
                "u,gift_7,2020-01-01,1,2.5,1\n",
                options, &report, &d);
    assert_int_equal(report.n_rows, 13);
    assert_int_equal(report.n_kept, 1);
    for (size_t i = 0; i < RK_COUNT_OF(wanted); i++) {
        const rk_clean_count *count = &report.rules[wanted[i].rule];
        if (count->n_taken != wanted[i].n_taken || count->examples[0].line != wanted[i].line) {
            fail_msg("%s: took %u, first on line %u", rk_clean_rule_name(wanted[i].rule), (unsigned)count->n_taken,
                     (unsigned)count->examples[0].line);
        }
    }
    assert_int_equal(report.rules[RK_RULE_NEGATIVE].n_matches, 2);
    assert_string_equal(report.rules[RK_RULE_BAD_TIME].examples[0].text, "u,i,yesterday,1,2.5,1");
    finish(&report, &d);
}

static void a_rule_that_is_off_counts_but_takes_nothing(void **state)
{
    (void)state;
    rk_ingest_options options = rk_ingest_defaults();
    rk_ingest_report report;
    rk_dataset d;
    options.clean.mode[RK_RULE_CANCELLED] = options.clean.mode[RK_RULE_NEGATIVE] = RK_RULE_OFF;
    options.clean.mode[RK_RULE_NO_TITLE] = RK_RULE_ON;
    must_ingest(shop, options, &report, &d);
    assert_int_equal(report.n_kept, 5);
    assert_int_equal(report.rules[RK_RULE_CANCELLED].n_matches, 1);
    assert_false(report.rules[RK_RULE_CANCELLED].is_on);
    assert_true(report.rules[RK_RULE_NO_TITLE].is_on);
    finish(&report, &d);
}

static void rows_without_time_may_repeat(void **state)
{
    (void)state;
    rk_ingest_options options = rk_ingest_defaults();
    rk_ingest_report report;
    rk_dataset d;
    must_ingest("user,item\nu,i\nu,i\nu,j\n", options, &report, &d);
    assert_int_equal(d.n_events, 3);
    finish(&report, &d);
    options.clean.mode[RK_RULE_DUPLICATE] = RK_RULE_ON;
    must_ingest("user,item\nu,i\nu,i\nu,j\n", options, &report, &d);
    assert_int_equal(d.n_events, 2);
    finish(&report, &d);
}

static void a_robot_is_a_user_with_far_more_rows(void **state)
{
    (void)state;
    rk_text text = {0};
    rk_ingest_report report;
    rk_dataset d;
    rk_text_add(&text, "user,item,time\n");
    for (int user = 0; user < 50; user++) {
        for (int row = 0; row < (user == 7 ? 5000 : 10 + user % 3); row++) {
            rk_text_addf(&text, "u%d,i%d,%d\n", user, row, 1000 + row);
        }
    }
    must_ingest(text.at, rk_ingest_defaults(), &report, &d);
    assert_int_equal(report.rules[RK_RULE_ROBOT].n_taken, 5000);
    assert_int_equal(d.n_users, 49);
    assert_int_equal(rk_names_find(&d.users, RK_SLICE("u7")), UINT32_MAX);
    finish(&report, &d);
    rk_text_release(&text);
}

static void the_core_is_taken_until_nothing_changes(void **state)
{
    (void)
        state; /* c has one item left once z, which only c and one more... takes it: the chain unravels from its end */
    rk_ingest_options options = rk_ingest_defaults();
    rk_ingest_report report;
    rk_dataset d;
    options.clean.min_user = options.clean.min_item = 2;
    must_ingest("user,item\na,x\na,y\nb,x\nb,y\nb,z\nc,z\nc,w\nc,w\n", options, &report, &d);
    assert_int_equal(d.n_users, 2);
    assert_int_equal(d.n_items, 2);
    assert_int_equal(d.n_events, 4);
    assert_int_equal(report.rules[RK_RULE_CORE].n_taken, 4);
    finish(&report, &d);
}

/* ---- forms of input ---- */

static void one_log_gives_one_dataset_whatever_it_is_written_in(void **state)
{
    (void)state;
    static const char plain[] = "user,item,rating,time\n7,a,4.5,100\n7,b,3,90\n8,a,1,80\n";
    static const struct {
        const char *text, *columns, *map;
    } forms[] = {
        {"\xef\xbb\xbfuser,item,rating,time\r\n7,a,4.5,100\r\n7,b,3,90\r\n8,a,1,80\r\n", NULL, NULL},
        {"user\titem\trating\ttime\n7\ta\t4.5\t100\n7\tb\t3\t90\n8\ta\t1\t80", NULL, NULL},
        {"\"7\";\"a\";\"4.5\";\"100\"\n7;b;3;90\n8;a;1;80\n", "user,item,value,time", NULL},
        {"100|4.5|a|7\n90|3|b|7\n80|1|a|8\n", "time,value,item,user", NULL},
        {"when,who,what,how\n100,7,a,4.5\n90,7,b,3\n80,8,a,1\n", NULL, "user=who,item=what,value=how,time=when"},
        {"{\"user\":7,\"item\":\"a\",\"rating\":4.5,\"time\":100}\n{\"item\":\"b\",\"user\":\"7\",\"rating\":3,"
         "\"time\":\"90\"}\n\n"
         "{\"x\":[1,{}],\"rating\":1.0,\"time\":80,\"item\":\"\\u0061\",\"user\":8}\n",
         NULL, NULL},
    };
    rk_ingest_report report;
    rk_dataset first, other;
    rk_ingest_options options = rk_ingest_defaults();
    options.out_path = in_folder("first.rk");
    must_ingest(plain, options, &report, &first);
    rk_ingest_report_release(&report);
    options.out_path = NULL;
    for (size_t i = 0; i < RK_COUNT_OF(forms); i++) {
        options.columns = forms[i].columns;
        options.map = forms[i].map;
        must_ingest(forms[i].text, options, &report, &other);
        assert_int_equal(other.n_events, 3);
        assert_memory_equal(other.event_item, first.event_item, 3 * sizeof(uint32_t));
        assert_memory_equal(other.event_time, first.event_time, 3 * sizeof(int64_t));
        assert_memory_equal(other.event_value, first.event_value, 3 * sizeof(float));
        assert_name(&other.users, 1, "8");
        assert_name(&other.items, 0, "a");
        finish(&report, &other);
    }
    rk_dataset_close(&first);
}

static void compressed_files_are_told_by_their_bytes_and_may_have_several_members(void **state)
{
    (void)state;
    static const char head[] = "user,item\nu,a\nu,b\n", tail[] = "v,a\n";
    unsigned char bytes[512];
    rk_ingest_report report;
    rk_dataset d;
    rk_error err;
    gzFile file = gzopen(in_folder("log"), "wb");
    assert_int_equal(gzwrite(file, head, sizeof head - 1), sizeof head - 1);
    gzclose(file);
    file = gzopen(in_folder("log"), "ab");
    assert_int_equal(gzwrite(file, tail, sizeof tail - 1), sizeof tail - 1);
    gzclose(file);
    assert_int_equal(ingest(rk_ingest_defaults(), &report, &err), RK_OK);
    assert_int_equal(report.n_kept, 3);
    rk_ingest_report_release(&report);
    size_t n = ZSTD_compress(bytes, sizeof bytes, head, sizeof head - 1, 3);
    n += ZSTD_compress(bytes + n, sizeof bytes - n, tail, sizeof tail - 1, 3);
    write_bytes(in_folder("log"), bytes, n);
    assert_int_equal(ingest(rk_ingest_defaults(), &report, &err), RK_OK);
    assert_int_equal(report.n_kept, 3);
    rk_ingest_report_release(&report);
    write_bytes(in_folder("log"), bytes, n - 3);
    assert_int_equal(ingest(rk_ingest_defaults(), &report, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "truncated"));
    assert_int_not_equal(rk_dataset_open(in_folder("missing.rk"), &d, &err), RK_OK);
    rk_ingest_report_release(&report);
}

static void rows_that_are_not_utf8_are_mended_and_counted(void **state)
{
    (void)state;
    rk_ingest_report report;
    rk_dataset d;
    must_ingest("user,item,title\nJos\xe9,\x80uro,caf\xc3\xa9\nu,i,\x93q\x94\nu,k,\xc3\xa9\n", rk_ingest_defaults(),
                &report, &d);
    assert_int_equal(report.n_mended, 2);
    assert_name(&d.users, 0, "Jos\xc3\xa9");
    assert_name(&d.items, 0, "\xe2\x82\xacuro");
    assert_name(&d.title, 1, "\xe2\x80\x9cq\xe2\x80\x9d");
    assert_name(&d.title, 2, "\xc3\xa9");
    finish(&report, &d);
    must_ingest("u\xe9 i j\xfc\nv i\n", rk_ingest_defaults(), &report, &d);
    assert_name(&d.users, 0, "u\xc3\xa9");
    assert_name(&d.items, 1, "j\xc3\xbc");
    assert_int_equal(report.n_mended, 1);
    finish(&report, &d);
}

static void several_files_are_one_log(void **state)
{
    (void)state;
    const char *paths[] = {in_folder("one"), in_folder("two")};
    rk_ingest_options options = rk_ingest_defaults();
    rk_ingest_report report;
    rk_error err;
    options.paths = paths;
    options.n_paths = 2;
    write_text(paths[0], "user,item,time\na,x,1\n,y,2\n");
    write_text(paths[1], "time\titem\tuser\n3\ty\ta\n4\tz\t\n");
    assert_int_equal(ingest(options, &report, &err), RK_OK);
    assert_int_equal(report.n_kept, 2);
    assert_int_equal(report.rules[RK_RULE_NO_USER].n_examples, 2);
    assert_string_equal(report.rules[RK_RULE_NO_USER].examples[1].path, paths[1]);
    assert_int_equal(report.rules[RK_RULE_NO_USER].examples[1].line, 3);
    rk_ingest_report_release(&report);
    write_text(paths[1], "item,user\ny,a\n");
    assert_int_equal(ingest(options, &report, &err), RK_BAD_INPUT);
    assert_non_null(strstr(err.message, "no column for the time"));
    rk_ingest_report_release(&report);
}

static void lists_keep_their_order_and_like_keeps_the_ids_of_another_dataset(void **state)
{
    (void)state;
    char first[128];
    rk_ingest_options options = rk_ingest_defaults();
    rk_ingest_report report;
    rk_dataset d;
    snprintf(first, sizeof first, "%s", in_folder("first.rk"));
    options.out_path = first;
    must_ingest("10 3 1 2 1\n20 2\n30 5 3\n", options, &report, &d);
    assert_int_equal(d.n_events, 7);
    assert_int_equal(d.event_item[0], 0);
    assert_int_equal(d.event_item[3], 1);
    finish(&report, &d);
    options.out_path = NULL;
    options.like_path = first;
    must_ingest("30 1\n40 3\n10 7 5\n", options, &report, &d);
    assert_int_equal(d.n_users, 3);
    assert_int_equal(d.n_items, 4);
    assert_int_equal(d.n_events, 2);
    assert_int_equal(report.rules[RK_RULE_UNKNOWN].n_taken, 2);
    assert_int_equal(d.user_start[1], 1);
    assert_int_equal(d.event_item[0], 3); /* user 10 took item 5 */
    assert_name(&d.users, 2, "30");
    finish(&report, &d);
}

static void threads_do_not_change_a_byte_of_content(void **state)
{
    (void)state;
    rk_text text = {0};
    uint64_t random = 1, hash[2];
    rk_text_add(&text, "user,item,time,quantity,price,title\n");
    for (int row = 0; row < 60000; row++) {
        rk_text_addf(&text, "u%u,i%u,%u,%d,%u.5,\"title, %u\"\n", test_random(&random) % 900,
                     test_random(&random) % 3000, test_random(&random) % 100000, (int)(test_random(&random) % 10) - 1,
                     test_random(&random) % 20, test_random(&random) % 5000);
    }
    write_text(in_folder("log"), text.at);
    for (unsigned t = 0; t < 2; t++) {
        const char *path = in_folder("log"), *out = in_folder("out.rk");
        rk_pool *pool = rk_pool_new(1 + 3 * t);
        rk_ingest_options options = rk_ingest_defaults();
        rk_ingest_report report;
        rk_dataset d;
        rk_error err;
        options.paths = &path;
        options.n_paths = 1;
        options.out_path = out;
        assert_int_equal(rk_ingest(&options, &(rk_run){.pool = pool}, &report, &err), RK_OK);
        assert_int_equal(rk_dataset_open(out, &d, &err), RK_OK);
        hash[t] = rk_artefact_hash(d.artefact);
        finish(&report, &d);
        rk_pool_free(pool);
    }
    assert_true(hash[0] == hash[1]);
    rk_text_release(&text);
}

/* ---- the bundled log ---- */

static void the_published_defects_of_online_retail_are_found_exactly(void **state)
{
    (void)state;
    char path[512];
    const char *root = getenv("RECKON_ROOT"), *paths[] = {path};
    rk_ingest_options options = rk_ingest_defaults();
    rk_ingest_report report;
    rk_error err;
    snprintf(path, sizeof path, "%s/data/online_retail.csv.gz", root ? root : ".");
    options.paths = paths;
    options.n_paths = 1;
    options.profile = true;
    assert_int_equal(ingest(options, &report, &err), RK_OK);
    assert_int_equal(report.n_rows, 541909);
    assert_int_equal(report.rules[RK_RULE_NO_USER].n_matches, 135080);
    assert_int_equal(report.rules[RK_RULE_NO_TITLE].n_matches, 1454);
    assert_int_equal(report.rules[RK_RULE_NEGATIVE].n_matches, 10624);
    assert_int_equal(report.rules[RK_RULE_CANCELLED].n_matches, 9288);
    assert_int_equal(report.rules[RK_RULE_NO_PRICE].n_matches, 2517);
    assert_int_equal(report.rules[RK_RULE_DUPLICATE].n_matches, 5268);
    assert_string_equal(report.total, "9747747.934");
    assert_int_equal(report.n_users_seen, 4372);
    assert_int_equal(report.n_items_seen, 4070);
    assert_int_equal(report.n_documents_seen, 25900);
    const rk_ingest_column *columns = report.columns.data;
    assert_string_equal(columns[7].name, "Country");
    assert_int_equal(columns[7].n_distinct, 38);
    uint64_t n_taken = 0;
    for (rk_clean_rule rule = 0; rule < RK_N_CLEAN_RULES; rule++) {
        n_taken += report.rules[rule].n_taken;
    }
    assert_int_equal(report.n_kept + n_taken, report.n_rows);
    rk_ingest_report_release(&report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_those_of_first_sight_and_items_know_their_best_title_and_last_price),
        cmocka_unit_test(equal_titles_count_the_later_one_wins_a_tie),
        cmocka_unit_test(the_first_rule_takes_a_row_and_each_counts_its_matches),
        cmocka_unit_test(a_rule_that_is_off_counts_but_takes_nothing),
        cmocka_unit_test(rows_without_time_may_repeat),
        cmocka_unit_test(a_robot_is_a_user_with_far_more_rows),
        cmocka_unit_test(the_core_is_taken_until_nothing_changes),
        cmocka_unit_test(one_log_gives_one_dataset_whatever_it_is_written_in),
        cmocka_unit_test(compressed_files_are_told_by_their_bytes_and_may_have_several_members),
        cmocka_unit_test(rows_that_are_not_utf8_are_mended_and_counted),
        cmocka_unit_test(several_files_are_one_log),
        cmocka_unit_test(lists_keep_their_order_and_like_keeps_the_ids_of_another_dataset),
        cmocka_unit_test(threads_do_not_change_a_byte_of_content),
        cmocka_unit_test(the_published_defects_of_online_retail_are_found_exactly),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
