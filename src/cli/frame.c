/* frame.c - what every command shares: find it, fill its settings, run it, write its answer, tell its failure.
 *
 * The answer goes out in one checked write at the very end, so a failing command prints no half answer and a full disk
 * is an error. A failure is one line on standard error; its status becomes the exit code.
 */
#include "cli/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

#define THREADS_MAX 1024

const rk_option rk_common_options[] = {
    {"help", 'h', RK_OPT_FLAG, offsetof(rk_common, help), .help = "show this and do nothing"},
    {"json", 0, RK_OPT_FLAG, offsetof(rk_common, json), .help = "answer with one line of JSON"},
    {"threads", 0, RK_OPT_COUNT, offsetof(rk_common, threads), "N", NULL, .help = "threads to work with (default all)",
     .min = 1, .max = THREADS_MAX},
    {"seed", 0, RK_OPT_COUNT, offsetof(rk_common, seed), "N", "1", "start of every random sequence"},
    {"verbose", 0, RK_OPT_FLAG, offsetof(rk_common, verbose), .help = "say more on standard error"},
};

const rk_option rk_plan_option = {
    "set", 0, RK_OPT_LIST, 0, "PATH=VALUE", NULL,
    .help = "change the plan before it is read, such as services.search.fleet.min=3; repeatable"};

size_t rk_common_option_count(void) { return RK_COUNT_OF(rk_common_options); }

const rk_command *rk_command_find(rk_command_list list, int argc, char **argv, int *n_name_words)
{
    char pair[96];
    int n_pair = argc > 2 ? snprintf(pair, sizeof pair, "%s %s", argv[1], argv[2]) : 0;
    if (n_pair >= (int)sizeof pair) {
        n_pair = 0;
    }
    for (int n = n_pair > 0 ? 2 : 1; n > 0; n--) {
        rk_slice name = n == 2 ? (rk_slice){pair, (size_t)n_pair} : rk_slice_of(argv[1]);
        for (size_t i = 0; i < list.n; i++) {
            if (rk_slice_is(name, list.rows[i]->name)) {
                *n_name_words = n;
                return list.rows[i];
            }
        }
    }
    return NULL;
}

bool rk_command_is_group(rk_command_list list, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i < list.n; i++) {
        if (!strncmp(list.rows[i]->name, word, n) && list.rows[i]->name[n] == ' ') {
            return true;
        }
    }
    return false;
}

static rk_status refuse_verb(rk_command_list list, const char *group, const char *verb, rk_error *err)
{
    const char *names[128];
    size_t n = 0, n_group = strlen(group);
    for (size_t i = 0; i < list.n && n < RK_COUNT_OF(names); i++) {
        if (!strncmp(list.rows[i]->name, group, n_group) && list.rows[i]->name[n_group] == ' ') {
            names[n++] = list.rows[i]->name + n_group + 1;
        }
    }
    if (!verb || verb[0] == '-') {
        return rk_fail(err, RK_BAD_USAGE, "'%s' wants a command behind it; see 'reckon %s --help'", group, group);
    }
    const char *nearest = rk_nearest_name(verb, names, n);
    if (nearest) {
        return rk_fail(err, RK_BAD_USAGE, "no command '%s %.60s'; nearest is '%s %s'", group, verb, group, nearest);
    }
    return rk_fail(err, RK_BAD_USAGE, "no command '%s %.60s'; see 'reckon %s --help'", group, verb, group);
}

rk_status rk_command_refuse(rk_command_list list, int argc, char **argv, rk_error *err)
{
    if (argc < 2) {
        return rk_fail(err, RK_BAD_USAGE, "no command given; see 'reckon --help'");
    }
    if (argv[1][0] == '-') {
        return rk_fail(err, RK_BAD_USAGE, "no option '%.60s' before a command; see 'reckon --help'", argv[1]);
    }
    if (rk_command_is_group(list, argv[1])) {
        return refuse_verb(list, argv[1], argc > 2 ? argv[2] : NULL, err);
    }
    char first[128][32];
    const char *names[128];
    size_t n = 0;
    for (; n < list.n && n < RK_COUNT_OF(names); n++) {
        const char *name = list.rows[n]->name;
        snprintf(first[n], sizeof first[n], "%.*s", (int)strcspn(name, " "), name);
        names[n] = first[n];
    }
    const char *nearest = rk_nearest_name(argv[1], names, n);
    if (nearest) {
        return rk_fail(err, RK_BAD_USAGE, "no command '%.60s'; nearest is '%s'", argv[1], nearest);
    }
    return rk_fail(err, RK_BAD_USAGE, "no command '%.60s'; see 'reckon --help'", argv[1]);
}

static rk_status check_words(const rk_command *command, const rk_vec *words, rk_error *err)
{
    if (words->n >= command->min_words && words->n <= command->max_words) {
        return RK_OK;
    }
    char wanted[64];
    if (command->max_words == 0) {
        snprintf(wanted, sizeof wanted, "no arguments");
    } else if (command->min_words == command->max_words) {
        snprintf(wanted, sizeof wanted, "%zu argument%s", command->min_words, command->min_words == 1 ? "" : "s");
    } else if (command->max_words == SIZE_MAX) {
        snprintf(wanted, sizeof wanted, "at least %zu argument%s", command->min_words,
                 command->min_words == 1 ? "" : "s");
    } else {
        snprintf(wanted, sizeof wanted, "%zu to %zu arguments", command->min_words, command->max_words);
    }
    if (words->n > command->max_words) {
        const char *const *extra = words->data;
        return rk_fail(err, RK_BAD_USAGE, "%s wants %s, got %zu; the first too many is '%.60s'", command->name, wanted,
                       words->n, extra[command->max_words]);
    }
    return rk_fail(err, RK_BAD_USAGE, "%s wants %s, got %zu; see 'reckon %s --help'", command->name, wanted, words->n,
                   command->name);
}

/* What row i writes; NULL = nothing. */
static const char *output_of(rk_option_table table, size_t i)
{
    const rk_option *row = &table.rows[i];
    const char *const *path = (const void *)((const char *)table.settings + row->field);
    return row->is_output ? *path : NULL;
}

/* The row that writes to standard output, where else the answer would go; NULL = none. */
static const rk_option *row_on_stdout(rk_option_table table)
{
    for (size_t i = 0; i < table.n; i++) {
        const char *path = output_of(table, i);
        if (path && !strcmp(path, "-")) {
            return &table.rows[i];
        }
    }
    return NULL;
}

/* What is written must not replace what is read. */
static rk_status check_output(const char *path, const rk_vec *words, rk_error *err)
{
    const char *const *word = words->data;
    rk_status status = RK_OK;
    for (size_t w = 0; status == RK_OK && w < words->n; w++) {
        status = rk_path_keep_apart(path, word[w], err);
    }
    return status == RK_OK ? rk_file_check_target(path, err) : status;
}

/* Before any work: every output can be written, none twice, and standard output takes one thing. */
static rk_status check_outputs(rk_option_table table, const rk_vec *words, bool wants_json, rk_error *err)
{
    const rk_option *row = row_on_stdout(table);
    if (row && wants_json) {
        return rk_fail(err, RK_BAD_USAGE, "--json and --%s both write to standard output", row->name);
    }
    for (size_t i = 0; i < table.n; i++) {
        const char *path = output_of(table, i);
        rk_status status = path ? check_output(path, words, err) : RK_OK;
        if (status) {
            return status;
        }
        for (size_t j = 0; path && j < i; j++) {
            const char *other = output_of(table, j);
            if (other && rk_path_is_same(path, other)) {
                return rk_fail(err, RK_BAD_USAGE, "--%s and --%s both name '%.200s'", table.rows[j].name,
                               table.rows[i].name, path);
            }
        }
    }
    return RK_OK;
}

static bool wants_color(int fd)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(fd) && (!no_color || !*no_color) && term && strcmp(term, "dumb") != 0;
}

/* Builds the pool and the voice and runs the command. */
static rk_status run_command(const rk_command *command, rk_call *call, rk_error *err)
{
    rk_teller teller;
    rk_pool *pool = rk_pool_new((unsigned)call->common.threads);
    if (!pool) {
        return rk_fail_memory(err, "the threads");
    }
    rk_teller_init(&teller, call->common.verbose);
    call->run = (rk_run){.pool = pool, .seed = call->common.seed, .voice = &teller.voice};
    call->color = wants_color(STDOUT_FILENO);
    rk_status status = command->run(call, err);
    rk_teller_end(&teller);
    rk_pool_free(pool);
    return status;
}

static rk_status start_command(const rk_command *command, int argc, char **argv, rk_text *out, rk_error *err)
{
    rk_call call = {.out = out};
    rk_vec words = {.item_bytes = sizeof(const char *)};
    void *settings = calloc(1, command->settings_bytes ? command->settings_bytes : 1);
    if (!settings) {
        return rk_fail_memory(err, "the settings");
    }
    rk_vec changes = {0};
    rk_option_table tables[] = {{command->options, command->n_options, settings},
                                {rk_common_options, RK_COUNT_OF(rk_common_options), &call.common},
                                {&rk_plan_option, command->reads_plan, &changes}};
    for (size_t i = 0; i < RK_COUNT_OF(tables); i++) {
        rk_options_defaults(tables[i]);
    }
    rk_status status = rk_options_parse(tables, RK_COUNT_OF(tables), argc, argv, &words, err);
    if (!status && call.common.help) {
        rk_help_command(command, out);
    } else if (!status && !(status = check_words(command, &words, err)) &&
               !(status = check_outputs(tables[0], &words, call.common.json, err))) {
        call.settings = settings;
        call.words = words.data;
        call.n_words = words.n;
        call.plan = (rk_plan_source){.path = command->reads_plan ? call.words[0] : NULL,
                                     .changes = changes.data,
                                     .n_changes = changes.n};
        status = run_command(command, &call, err);
        if (row_on_stdout(tables[0])) {
            rk_text_clear(out);
        }
    }
    rk_options_release(tables[0]);
    rk_options_release(tables[2]);
    rk_vec_release(&words);
    free(settings);
    return status;
}

static bool is_help(const char *word)
{
    return !strcmp(word, "--help") || !strcmp(word, "-h") || !strcmp(word, "help");
}

/* --help, help, help COMMAND, GROUP --help, --version: answers that need no command to run. */
static bool answer_about(rk_command_list list, int argc, char **argv, rk_text *out)
{
    if (argc == 2 && is_help(argv[1])) {
        rk_help_program(list, out);
        return true;
    }
    if (argc == 2 && !strcmp(argv[1], "--version")) {
        rk_text_add(out, "reckon " RECKON_VERSION "\n");
        return true;
    }
    if (argc > 2 && !strcmp(argv[1], "help")) {
        int n_words;
        const rk_command *command = rk_command_find(list, argc - 1, argv + 1, &n_words);
        if (command) {
            rk_help_command(command, out);
        } else if (argc == 3 && rk_command_is_group(list, argv[2])) {
            rk_help_group(list, argv[2], out);
        }
        return out->n > 0;
    }
    if (argc == 3 && is_help(argv[2]) && rk_command_is_group(list, argv[1])) {
        rk_help_group(list, argv[1], out);
        return true;
    }
    return false;
}

static rk_status dispatch(rk_command_list list, int argc, char **argv, rk_text *out, rk_error *err)
{
    int n_words;
    if (answer_about(list, argc, argv, out)) {
        return RK_OK;
    }
    bool asks_help = argc > 2 && !strcmp(argv[1], "help");
    const rk_command *command = argc > 1 && !asks_help ? rk_command_find(list, argc, argv, &n_words) : NULL;
    if (!command) {
        return rk_command_refuse(list, argc - asks_help, argv + asks_help, err);
    }
    return start_command(command, argc - n_words, argv + n_words, out, err);
}

static rk_status write_all(const char *at, size_t n, rk_error *err)
{
    while (n > 0) {
        ssize_t n_written = write(STDOUT_FILENO, at, n);
        if (n_written < 0 && errno != EINTR) {
            return rk_fail_errno(err, RK_IO, errno, "cannot write to standard output");
        }
        at += n_written > 0 ? n_written : 0;
        n -= n_written > 0 ? (size_t)n_written : 0;
    }
    return RK_OK;
}

/* The answer, whole, ending in a newline. */
static rk_status write_answer(rk_text *out, rk_error *err)
{
    if (out->n > 0 && out->at[out->n - 1] != '\n') {
        rk_text_add(out, "\n");
    }
    return out->failed ? rk_fail_memory(err, "the answer") : write_all(out->at, out->n, err);
}

/* A closed standard stream would give its number to the next file opened, and our words to that file. /dev/null the
 * wrong way round takes the place: writing to it fails, as it should. */
static void hold_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0) {
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY); /* the lowest free number: fd */
        }
    }
}

int rk_frame_main(const rk_command *const *commands, size_t n_commands, int argc, char **argv)
{
    rk_text out = {0};
    rk_error error = {0}, write_error = {0};
    hold_standard_streams();
    rk_status status = dispatch((rk_command_list){commands, n_commands}, argc, argv, &out, &error);
    rk_status write_status = write_answer(&out, &write_error);
    rk_text_release(&out);
    if (status) {
        fprintf(stderr, "reckon: %s\n", error.message);
    }
    if (write_status) {
        fprintf(stderr, "reckon: %s\n", write_error.message);
    }
    return rk_exit_code(status ? status : write_status);
}
