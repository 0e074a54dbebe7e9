/* Claims about the command frame, with commands made for the test. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/frame.h"
#include "support/test.h"

typedef struct {
    uint64_t n;
    rk_vec maps;
} settings;

static const rk_option options[] = {
    {"count", 'n', RK_OPT_COUNT, offsetof(settings, n), "N", "10", "results", .min = 1, .max = 100},
    {"map", 'm', RK_OPT_LIST, offsetof(settings, maps), "KEY=COLUMN", NULL, "name a column"},
};

static rk_status echo(const rk_call *call, rk_error *err)
{
    (void)err;
    const settings *s = call->settings;
    rk_text_addf(call->out, "n %u, maps %u, words %u, seed %u, threads %u, json %d", (unsigned)s->n,
                 (unsigned)s->maps.n, (unsigned)call->n_words, (unsigned)call->run.seed,
                 rk_pool_threads(call->run.pool), call->common.json);
    rk_log(&call->run, RK_LOG_DETAIL, "a detail");
    rk_log(&call->run, RK_LOG_INFO, "an info of %d", 1);
    rk_log(&call->run, RK_LOG_WARNING, "a warning");
    rk_progress(&call->run, "reading", "rows", 1, 2);
    return RK_OK;
}

static rk_status fail_so(const rk_call *call, rk_error *err)
{
    return rk_fail(err, RK_BAD_INPUT, "'%s' is no good", call->words[0]);
}

static const rk_command echo_row = {"echo", "says what it was told", "[FILE...]", "reckon echo -n 3", options,
                                    2,      sizeof(settings),        0,           SIZE_MAX,           echo};
static const rk_command fail_row = {"fail", "fails", "FILE", "reckon fail x", NULL, 0, 0, 1, 1, fail_so};
static const rk_command statement_row = {
    "cost statement", "the statement", "PLAN.yaml", "reckon cost statement p", NULL, 0, 0, 1, 2, fail_so};
static const rk_command unit_row = {"cost unit", "cost per answer", "PLAN.yaml", "reckon cost unit p", NULL, 0, 0, 0, 0,
                                    fail_so};
static const rk_command *const rows[] = {&echo_row, &statement_row, &fail_row, &unit_row};

static char out[8192], err[8192];

static int take_over(int fd, FILE *file)
{
    int kept = dup(fd);
    fflush(NULL);
    dup2(fileno(file), fd);
    return kept;
}

static void give_back(int fd, int kept, FILE *file, char *text, size_t n_bytes)
{
    fflush(NULL);
    dup2(kept, fd);
    close(kept);
    rewind(file);
    text[fread(text, 1, n_bytes - 1, file)] = '\0';
    fclose(file);
}

/* Runs "reckon LINE"; the exit code, with what it wrote in out and err. */
static int reckon(const char *line)
{
    char words[256] = "reckon ", *argv[32], *rest = words;
    int argc = 0;
    strncat(words, line, sizeof words - 10);
    for (char *word; (word = strsep(&rest, " "));) {
        if (*word) {
            argv[argc++] = word;
        }
    }
    argv[argc] = NULL;
    FILE *out_file = tmpfile(), *err_file = tmpfile();
    int kept_out = take_over(STDOUT_FILENO, out_file), kept_err = take_over(STDERR_FILENO, err_file);
    int code = rk_frame_main(rows, RK_COUNT_OF(rows), argc, argv);
    give_back(STDERR_FILENO, kept_err, err_file, err, sizeof err);
    give_back(STDOUT_FILENO, kept_out, out_file, out, sizeof out);
    return code;
}

static void a_command_gets_what_was_written(void **state)
{
    (void)state;
    assert_int_equal(reckon("echo a -n3 -ma=b --map c=d b --seed 7 --threads 2 --json"), 0);
    assert_string_equal(out, "n 3, maps 2, words 2, seed 7, threads 2, json 1\n");
    assert_int_equal(reckon("echo --threads=1"), 0);
    assert_string_equal(out, "n 10, maps 0, words 0, seed 1, threads 1, json 0\n");
}

static void log_lines_go_to_standard_error_and_progress_only_to_a_terminal(void **state)
{
    (void)state;
    assert_int_equal(reckon("echo"), 0);
    assert_string_equal(err, "reckon: an info of 1\nreckon: warning: a warning\n");
    assert_int_equal(reckon("echo --verbose"), 0);
    assert_string_equal(err, "reckon: a detail\nreckon: an info of 1\nreckon: warning: a warning\n");
}

static void a_failure_is_one_line_and_a_code(void **state)
{
    (void)state;
    assert_int_equal(reckon("fail x.csv"), 3);
    assert_string_equal(out, "");
    assert_string_equal(err, "reckon: 'x.csv' is no good\n");
}

static void misuse_names_the_nearest(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "no command given; see 'reckon --help'"},
        {"ehco", "no command 'ehco'; nearest is 'echo'"},
        {"cots statement", "no command 'cots'; nearest is 'cost'"},
        {"cost statment x", "no command 'cost statment'; nearest is 'cost statement'"},
        {"cost zzzzzzzz", "no command 'cost zzzzzzzz'; see 'reckon cost --help'"},
        {"cost", "'cost' wants a command behind it; see 'reckon cost --help'"},
        {"--json echo", "no option '--json' before a command; see 'reckon --help'"},
        {"help ecoh", "no command 'ecoh'; nearest is 'echo'"},
        {"fail", "fail wants 1 argument, got 0; see 'reckon fail --help'"},
        {"fail a b", "fail wants 1 argument, got 2; the first too many is 'b'"},
        {"cost unit a", "cost unit wants no arguments, got 1; the first too many is 'a'"},
        {"cost statement", "cost statement wants 1 to 2 arguments, got 0; see 'reckon cost statement --help'"},
        {"echo --cuont 3", "no option '--cuont'; nearest is '--count'"},
        {"echo -n 0", "--count wants a whole number from 1 to 100, got '0'"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        char want[256];
        snprintf(want, sizeof want, "reckon: %s\n", cases[i][1]);
        assert_int_equal(reckon(cases[i][0]), 2);
        assert_string_equal(err, want);
        assert_string_equal(out, "");
    }
}

static void help_groups_the_commands(void **state)
{
    (void)state;
    assert_int_equal(reckon("--help"), 0);
    assert_non_null(strstr(out, "\ncommands\n"
                                "  echo             says what it was told\n"
                                "  fail             fails\n"
                                "\n"
                                "cost\n"
                                "  cost statement   the statement\n"
                                "  cost unit        cost per answer\n"));
    static const char *const ways[] = {"cost --help", "cost -h", "help cost", "cost help"};
    for (size_t i = 0; i < RK_COUNT_OF(ways); i++) {
        assert_int_equal(reckon(ways[i]), 0);
        assert_non_null(strstr(out, "usage: reckon cost COMMAND"));
        assert_non_null(strstr(out, "  cost unit "));
        assert_null(strstr(out, "echo"));
    }
}

static void a_command_explains_itself(void **state)
{
    (void)state;
    static const char *const ways[] = {"echo --help", "echo -h", "help echo", "echo x --help y"};
    for (size_t i = 0; i < RK_COUNT_OF(ways); i++) {
        assert_int_equal(reckon(ways[i]), 0);
        assert_non_null(strstr(out, "usage: reckon echo [FILE...]\n\nsays what it was told\n\noptions\n"
                                    "  -n, --count N          results (default 10)\n"
                                    "  -m, --map KEY=COLUMN   name a column\n\ncommon options\n"));
        assert_non_null(strstr(out, "\nexample\n  reckon echo -n 3\n"));
    }
    assert_int_equal(reckon("fail --help"), 0); /* help before the count of arguments */
    assert_null(strstr(out, "\noptions\n"));
}

/* A terminal of our own: what is written to *side can be read from the result. */
static int open_terminal(int *side)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) || unlockpt(master)) {
        return -1;
    }
    *side = open(ptsname(master), O_RDWR | O_NOCTTY);
    return master;
}

/* What the terminal shows until it has shown the words, for a minute at most: it may come in pieces. */
static void read_until(int master, const char *words, char *seen, size_t seen_bytes)
{
    size_t n = 0;
    struct pollfd terminal = {master, POLLIN, 0};
    seen[0] = '\0';
    while (!strstr(seen, words) && poll(&terminal, 1, 60000) > 0) {
        ssize_t m = read(master, seen + n, seen_bytes - 1 - n);
        if (m <= 0) {
            return;
        }
        n += (size_t)m;
        seen[n] = '\0';
    }
}

static void progress_is_drawn_over_itself_and_taken_away(void **state)
{
    (void)state;
    int side = -1, master = open_terminal(&side), kept = dup(STDERR_FILENO);
    if (master < 0 || side < 0) {
        TEST_SKIP("no pseudo-terminals here");
    }
    char seen[1024];
    fflush(NULL);
    dup2(side, STDERR_FILENO);
    rk_teller teller;
    rk_teller_init(&teller, false);
    rk_run run = {.voice = &teller.voice};
    rk_progress(&run, "reading", "rows", 0, 1000);
    assert_true(teller.next_ns >= teller.begin_ns + 100000000); /* not at once: quick steps stay silent */
    teller.next_ns = INT64_MAX;                                 /* too soon to draw */
    rk_progress(&run, "reading", "rows", 499, 1000);
    teller.next_ns = 0; /* time has passed */
    rk_progress(&run, "reading", "rows", 500, 1000);
    assert_true(teller.next_ns >= teller.begin_ns + 100000000);
    teller.next_ns = INT64_MAX;
    rk_progress(&run, "reading", "rows", 501, 1000);
    rk_log(&run, RK_LOG_INFO, "half");
    rk_teller_end(&teller);
    dup2(kept, STDERR_FILENO);
    close(kept);
    read_until(master, "half", seen, sizeof seen);
    close(side);
    close(master);
    const char *drawn = strstr(seen, "\r\x1b[Kreading: 500 of 1,000 rows, 50 %, "),
               *erased = strstr(seen, "\r\x1b[Kreckon: half");
    assert_ptr_equal(drawn, seen); /* nothing earlier */
    assert_null(strstr(seen, "499 of"));
    assert_null(strstr(seen, "501 of"));
    assert_true(erased > drawn);
}

static rk_status tell_color(const rk_call *call, rk_error *error)
{
    (void)error;
    rk_text_add(call->out, call->color ? "colour" : "plain");
    return RK_OK;
}

static void colour_wants_a_terminal_and_no_objection(void **state)
{
    (void)state;
    static const rk_command color_row = {"color", "x", "", "x", NULL, 0, 0, 0, 0, tell_color};
    static const rk_command *const list[] = {&color_row};
    static const struct {
        const char *no_color, *term, *want;
    } cases[] = {{NULL, "xterm", "colour"}, {"", "xterm", "colour"}, {"1", "xterm", "plain"}, {NULL, "dumb", "plain"}};
    char program[] = "reckon", word[] = "color", *argv[] = {program, word, NULL};
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        int side = -1, master = open_terminal(&side), kept = dup(STDOUT_FILENO);
        if (master < 0 || side < 0) {
            TEST_SKIP("no pseudo-terminals here");
        }
        if (cases[i].no_color) {
            setenv("NO_COLOR", cases[i].no_color, 1);
        } else {
            unsetenv("NO_COLOR");
        }
        setenv("TERM", cases[i].term, 1);
        char seen[64];
        fflush(NULL);
        dup2(side, STDOUT_FILENO);
        int code = rk_frame_main(list, 1, 2, argv);
        dup2(kept, STDOUT_FILENO);
        close(kept);
        read_until(master, cases[i].want, seen, sizeof seen);
        close(side);
        close(master);
        assert_int_equal(code, 0);
        assert_int_equal(strncmp(seen, cases[i].want, strlen(cases[i].want)), 0);
    }
}

static void a_progress_line_tells_rate_and_time_left(void **state)
{
    (void)state;
    rk_text text = {0};
    rk_progress_line("reading", "rows", 1500000, 6000000, 3, 200, &text);
    assert_string_equal(text.at, "reading: 1,500,000 of 6,000,000 rows, 25 %, 500,000 rows/s, 9 s left");
    rk_text_clear(&text);
    rk_progress_line("reading", "rows", 15, 0, 10, 200, &text);
    assert_string_equal(text.at, "reading: 15 rows, 1.5 rows/s");
    rk_text_clear(&text);
    rk_progress_line("reading", "rows", 0, 10, 0, 20, &text);
    assert_string_equal(text.at, "reading: 0 of 10 row");
    rk_text_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_gets_what_was_written),
        cmocka_unit_test(log_lines_go_to_standard_error_and_progress_only_to_a_terminal),
        cmocka_unit_test(a_failure_is_one_line_and_a_code),
        cmocka_unit_test(misuse_names_the_nearest),
        cmocka_unit_test(help_groups_the_commands),
        cmocka_unit_test(a_command_explains_itself),
        cmocka_unit_test(progress_is_drawn_over_itself_and_taken_away),
        cmocka_unit_test(colour_wants_a_terminal_and_no_objection),
        cmocka_unit_test(a_progress_line_tells_rate_and_time_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
