/* test_csv.c - random texts with quotes, newlines, blanks and ragged rows: the parallel reader against the slow one. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "csv_reference.h"
#include "data/intake.h"
#include "data/marks.h"
#include "math/random.h"
#include "support/test.h"

typedef struct {
    char folder[64], path[96];
} files;

static int make_folder(void **state)
{
    files *f = calloc(1, sizeof *f);
    assert_non_null(f);
    strcpy(f->folder, "/tmp/reckon-csv-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->path, sizeof f->path, "%s/log", f->folder);
    *state = f;
    return 0;
}

static int remove_folder(void **state)
{
    files *f = *state;
    unlink(f->path);
    rmdir(f->folder);
    free(f);
    return 0;
}

/* ---- random texts ---- */

static void add_cell(rk_text *text, rk_random *random, char delimiter)
{
    static const char *const plain[] = {"a",        "b", "7",   "longer than eight", " blank ", "caf\xc3\xa9",
                                        "5\" pipe", "",  "x\ry"};
    static const char *const quoted[] = {"a",          "b",    "7",     "",     "say \"\"hi\"\"",
                                         "two\nlines", "\r\n", ";,\t|", "\"\"", "longer than eight"};
    uint32_t draw = rk_random_below(random, 10);
    (void)delimiter;
    if (draw < 6) {
        rk_text_add(text, plain[rk_random_below(random, RK_COUNT_OF(plain))]);
    } else {
        rk_text_addf(text, "\"%s\"%s", quoted[rk_random_below(random, RK_COUNT_OF(quoted))], draw == 9 ? "rest" : "");
    }
}

static rk_text random_text(uint64_t seed, char delimiter, size_t n_bytes)
{
    rk_random random = rk_random_of(seed, 0);
    rk_text text = {0};
    rk_text_addf(&text, "user%citem%ctitle%cmore\n", delimiter, delimiter, delimiter);
    while (text.n < n_bytes) {
        uint32_t shape = rk_random_below(&random, 40);
        uint32_t n_cells = shape == 0 ? 0 : shape == 1 ? 3 : shape == 2 ? 6 : 4;
        for (uint32_t c = 0; c < n_cells; c++) {
            char between[] = {delimiter, '\0'};
            rk_text_add(&text, c ? between : "");
            add_cell(&text, &random, delimiter);
        }
        rk_text_add(&text, rk_random_below(&random, 4) ? "\n" : "\r\n");
    }
    if (seed % 2) { /* the last row has no line end */
        rk_text_add(&text, "u");
    }
    assert_false(text.failed);
    return text;
}

/* ---- comparing ---- */

static void check_cell(const rk_intake *intake, rk_role role, size_t row, const char *wanted)
{
    uint32_t id = intake->columns.key[role][row];
    rk_slice got = id == RK_NO_ID ? RK_SLICE("") : rk_interner_key(intake->names[role], id);
    if (!rk_slice_is(got, wanted)) {
        fail_msg("row %zu, %s: '%.*s' instead of '%s'", row, rk_role_name(role), (int)got.n, got.at, wanted);
    }
}

static void check_rows(const rk_intake *intake, const reference_row *rows, size_t n_rows)
{
    assert_int_equal(intake->columns.n, n_rows);
    for (size_t i = 0; i < n_rows; i++) {
        check_cell(intake, RK_ROLE_USER, i, rows[i].cell[0]);
        check_cell(intake, RK_ROLE_ITEM, i, rows[i].cell[1]);
        check_cell(intake, RK_ROLE_TITLE, i, rows[i].cell[2]);
        bool is_ragged = intake->columns.flags[i] & 1u << RK_RULE_RAGGED;
        assert_int_equal(is_ragged, rows[i].n_cells != REFERENCE_COLUMNS);
        assert_int_equal(rk_intake_place(intake, i).line, rows[i].line + 1); /* the header */
    }
}

/* Ids in order of first sight. */
static void check_numbers(const rk_intake *intake, rk_role role)
{
    uint32_t n_seen = 0;
    for (size_t i = 0; i < intake->columns.n; i++) {
        uint32_t id = intake->columns.key[role][i];
        assert_true(id <= n_seen);
        n_seen += id == n_seen;
    }
    assert_int_equal(n_seen, rk_interner_count(intake->names[role]));
}

static void read_and_check(const files *f, const rk_text *text, char delimiter, unsigned n_threads)
{
    rk_error err;
    size_t n_rows;
    const char *path = f->path, *body = strchr(text->at, '\n') + 1;
    rk_ingest_options options = rk_ingest_defaults();
    rk_pool *pool = rk_pool_new(n_threads);
    rk_run run = {.pool = pool};
    rk_intake intake;
    assert_int_equal(rk_file_write_text(path, text, &err), RK_OK);
    options.paths = &path;
    options.n_paths = 1;
    options.format = RK_FORMAT_CSV;
    options.delimiter = delimiter;
    reference_row *rows = reference_read(body, text->n - (size_t)(body - text->at), delimiter, &n_rows);
    rk_intake_init(&intake);
    intake.names[RK_ROLE_USER] = rk_interner_new();
    intake.names[RK_ROLE_ITEM] = rk_interner_new();
    if (rk_intake_read(&intake, &options, &run, &err)) {
        fail_msg("%s", err.message);
    }
    check_rows(&intake, rows, n_rows);
    check_numbers(&intake, RK_ROLE_USER);
    check_numbers(&intake, RK_ROLE_ITEM);
    rk_intake_release(&intake);
    rk_pool_free(pool);
    reference_free(rows, n_rows);
}

static void small_random_texts_read_as_the_reference_reads_them(void **state)
{
    static const char delimiters[] = ",\t;|";
    for (uint64_t seed = 1; seed <= 400; seed++) {
        rk_text text = random_text(seed, delimiters[seed % 4], 20 + seed * 3);
        read_and_check(*state, &text, delimiters[seed % 4], 1);
        rk_text_release(&text);
    }
}

static void chunks_and_batches_change_nothing(void **state)
{
    rk_text text = random_text(7, ',', (size_t)RK_BATCH_BYTES + 3 * RK_CHUNK_BYTES);
    read_and_check(*state, &text, ',', 3);
    rk_text_release(&text);
}

static void a_quoted_cell_may_be_longer_than_a_chunk(void **state)
{
    rk_text text = {0};
    rk_text_add(&text, "user,item,title,more\n");
    for (int row = 0; row < 3; row++) {
        rk_text_add(&text, "u,i,t,\"");
        for (size_t i = 0; i < RK_CHUNK_BYTES / 8; i++) {
            rk_text_add(&text, i % 16 ? "lines,\"\"" : "lines,x\n");
        }
        rk_text_add(&text, "\"\n");
    }
    /* the reference has no room for such cells: only the row's own cells and places are checked */
    rk_error err;
    files *f = *state;
    const char *path = f->path;
    rk_ingest_options options = rk_ingest_defaults();
    options.paths = &path;
    options.n_paths = 1;
    rk_intake intake;
    assert_int_equal(rk_file_write_text(path, &text, &err), RK_OK);
    rk_intake_init(&intake);
    intake.names[RK_ROLE_USER] = rk_interner_new();
    intake.names[RK_ROLE_ITEM] = rk_interner_new();
    assert_int_equal(rk_intake_read(&intake, &options, &(rk_run){0}, &err), RK_OK);
    assert_int_equal(intake.columns.n, 3);
    for (size_t row = 0; row < 3; row++) {
        assert_int_equal(intake.columns.flags[row], 0);
        assert_int_equal(rk_intake_place(&intake, row).line, 2 + row * (RK_CHUNK_BYTES / 8 / 16 + 1));
    }
    rk_intake_release(&intake);
    rk_text_release(&text);
}

static void every_kernel_finds_the_same_marks(void **state)
{
    (void)state;
    static const char *const kernels[] = {"generic", "sse2", "avx2", "avx512"};
    rk_random random = rk_random_of(3, 0);
    char text[1000 + RK_MARKS_SLACK];
    uint32_t wanted[1000], marks[1000 + RK_MARKS_SLACK];
    for (int round = 0; round < 2000; round++) {
        size_t n = rk_random_below(&random, 1000), n_wanted = 0;
        uint32_t rare = 1 + rk_random_below(&random, 40);
        for (size_t i = 0; i < sizeof text; i++) {
            uint32_t draw = rk_random_below(&random, rare);
            text[i] = draw == 0 ? ',' : draw == 1 ? '\n' : (char)rk_random_below(&random, 256);
        }
        for (size_t i = 0; i < n; i++) {
            if (text[i] == ',' || text[i] == '\n') {
                wanted[n_wanted++] = (uint32_t)i;
            }
        }
        for (size_t k = 0; k < RK_COUNT_OF(kernels); k++) {
            rk_marks_kernel *kernel = rk_marks_kernel_named(kernels[k]);
            if (kernel) {
                assert_int_equal(kernel(text, n, ',', '\n', marks), n_wanted);
                assert_memory_equal(marks, wanted, n_wanted * sizeof *marks);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_finds_the_same_marks),
        cmocka_unit_test_setup_teardown(small_random_texts_read_as_the_reference_reads_them, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(chunks_and_batches_change_nothing, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(a_quoted_cell_may_be_longer_than_a_chunk, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
