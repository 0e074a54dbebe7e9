/* test_wares_faults.c - a live index under readers, kill -9, a full disk and damage: what was acknowledged is there,
 * once, and a snapshot shows a call's products all or none.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "support/test.h"
#include "support/tree.h"
#include "text/wares.h"

static char folder[64];

static void create(const char *path)
{
    rk_error err = {0};
    rk_run run = {0};
    rk_wares_options options = rk_wares_defaults();
    options.index.is_bare = true;
    if (rk_wares_create(path, NULL, &options, &run, &err)) {
        fail_msg("%s", err.message);
    }
}

static rk_status open_at(const char *path, uint32_t flush_items, bool has_no_merger, rk_wares **out, rk_error *err)
{
    rk_wares_options options = rk_wares_defaults();
    options.flush_items = flush_items;
    options.has_no_merger = has_no_merger;
    return rk_wares_open(path, &options, out, err);
}

/* What a view finds, up to n. */
static rk_status ask(const rk_wares_view *view, const char *text, size_t n, rk_arena *arena, rk_findings *out,
                     rk_error *err)
{
    rk_asker *asker = NULL;
    rk_question question;
    rk_status status = rk_asker_new(rk_wares_view_corpus(view), &asker, err);
    status = status ? status : rk_question_read(asker, rk_slice_of(text), &question, err);
    status = status ? status : rk_question_answer(asker, &question, n, arena, out, err);
    rk_asker_free(asker);
    return status;
}

/* All products, by a condition that each holds. */
static size_t list_all(rk_wares *live, rk_arena *arena, rk_wares_view **view, rk_findings *out)
{
    rk_error err = {0};
    assert_int_equal(rk_wares_view_new(live, view, &err), RK_OK);
    assert_int_equal(ask(*view, "price>=0", 10000, arena, out, &err), RK_OK);
    assert_int_equal(out->n, out->total);
    return out->n;
}

/* ---- readers beside a writer ---- */

enum { TOGETHER = 10, VERSIONS = 120, READERS = 2, WRITERS = 2 };

typedef struct {
    rk_wares *live;
    atomic_int n_writing;
    atomic_int wrong;
} scene;

typedef struct {
    scene *scene;
    int number;
} author;

static const char *const brands[WRITERS] = {"alpha", "gamma"};

static rk_status put_together(rk_wares *live, int writer, int version, rk_error *err)
{
    rk_wares_product products[TOGETHER];
    char ids[TOGETHER][32], title[64];
    snprintf(title, sizeof title, "%s lamp edition %d", brands[writer], version);
    for (int i = 0; i < TOGETHER; i++) {
        snprintf(ids[i], sizeof ids[i], "w%d-%d", writer, i);
        products[i] = (rk_wares_product){.id = rk_slice_of(ids[i]), .title = rk_slice_of(title), .price = 1};
    }
    return rk_wares_put(live, products, TOGETHER, err);
}

static void *write_versions(void *context)
{
    const author *who = context;
    scene *s = who->scene;
    rk_error err = {0};
    for (int v = 0; v < VERSIONS; v++) {
        atomic_fetch_add(&s->wrong, put_together(s->live, who->number, v, &err) != RK_OK);
    }
    atomic_fetch_sub(&s->n_writing, 1);
    return NULL;
}

/* One version of all of a writer's products, or none yet, and never an older one than before. */
static bool is_consistent(const rk_corpus *corpus, const rk_findings *f, int *newest)
{
    rk_slice first = f->n ? rk_corpus_text(corpus, f->item[0], RK_FIELD_TITLE) : RK_SLICE("");
    bool is_good = f->n == f->total && (f->n == 0 || f->n == TOGETHER);
    uint64_t version = 0;
    for (size_t i = 1; i < f->n; i++) {
        is_good &= rk_slice_equal(first, rk_corpus_text(corpus, f->item[i], RK_FIELD_TITLE));
    }
    size_t from = sizeof "alpha lamp edition " - 1;
    is_good &= f->n == 0 || rk_parse_u64((rk_slice){first.at + from, first.n - from}, &version);
    is_good &= (int)version >= *newest;
    *newest = (int)version;
    return is_good;
}

static void *read_versions(void *context)
{
    scene *s = context;
    rk_error err = {0};
    int newest[WRITERS] = {0};
    rk_status status = RK_OK;
    while (!status && atomic_load(&s->n_writing) > 0) {
        rk_wares_view *view = NULL;
        status = rk_wares_view_new(s->live, &view, &err);
        for (int w = 0; !status && w < WRITERS; w++) {
            rk_arena arena = {0};
            rk_findings found;
            char text[32];
            snprintf(text, sizeof text, "+%s lamp", brands[w]);
            status = ask(view, text, 50, &arena, &found, &err);
            bool is_good = !status && is_consistent(rk_wares_view_corpus(view), &found, &newest[w]);
            atomic_fetch_add(&s->wrong, !status && !is_good);
            rk_arena_release(&arena);
        }
        rk_wares_view_free(view);
    }
    atomic_fetch_add(&s->wrong, status != RK_OK);
    return NULL;
}

static void readers_see_calls_whole_while_writers_write_and_segments_merge(void **state)
{
    (void)state;
    rk_wares *live = NULL;
    rk_error err = {0};
    pthread_t threads[READERS + WRITERS];
    scene shared = {.live = NULL};
    author authors[WRITERS];
    create("threads");
    assert_int_equal(open_at("threads", 60, false, &live, &err), RK_OK);
    shared.live = live;
    atomic_store(&shared.n_writing, WRITERS);
    for (int w = 0; w < WRITERS; w++) { /* the first of each before anybody reads */
        assert_int_equal(put_together(live, w, 0, &err), RK_OK);
    }
    for (int t = 0; t < WRITERS; t++) {
        authors[t] = (author){&shared, t};
        assert_int_equal(pthread_create(&threads[t], NULL, write_versions, &authors[t]), 0);
    }
    for (int t = 0; t < READERS; t++) {
        assert_int_equal(pthread_create(&threads[WRITERS + t], NULL, read_versions, &shared), 0);
    }
    for (int t = 0; t < WRITERS; t++) {
        pthread_join(threads[t], NULL);
    }
    for (int t = 0; t < READERS; t++) {
        pthread_join(threads[WRITERS + t], NULL);
    }
    assert_int_equal(atomic_load(&shared.wrong), 0);
    assert_int_equal(rk_wares_flush(live, &err), RK_OK);
    rk_wares_state now;
    rk_wares_status(live, &now);
    assert_int_equal(now.n_items, WRITERS * TOGETHER);
    assert_true(now.n_on_disk <= 6);
    rk_wares_close(live);
    test_remove_tree("threads");
}

/* ---- kill -9 ---- */

enum { IDS = 50, OPS_MAX = 100000 };

/* What call i does: three puts, or two deletions. */
static size_t ids_of(int i, int ids[3])
{
    ids[0] = i % IDS;
    ids[1] = (i + 17) % IDS;
    ids[2] = (i * 7 + 3) % IDS;
    return i % 4 == 3 ? 2 : 3;
}

static rk_status do_call(rk_wares *live, int i, rk_error *err)
{
    int ids[3];
    size_t n = ids_of(i, ids);
    char names[3][16], title[32];
    rk_slice slices[3];
    rk_wares_product products[3];
    snprintf(title, sizeof title, "call %d", i);
    for (size_t k = 0; k < n; k++) {
        snprintf(names[k], sizeof names[k], "k%d", ids[k]);
        slices[k] = rk_slice_of(names[k]);
        products[k] = (rk_wares_product){.id = slices[k], .title = rk_slice_of(title), .price = (float)i};
    }
    return n == 2 ? rk_wares_delete(live, slices, n, NULL, err) : rk_wares_put(live, products, n, err);
}

static void write_until_killed(int from, int out)
{
    rk_wares *live = NULL;
    rk_error err = {0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (open_at("killed", 16, false, &live, &err)) {
        _exit(1);
    }
    for (int i = from; i < OPS_MAX; i++) {
        if (do_call(live, i, &err) || write(out, &i, sizeof i) != sizeof i) {
            _exit(2);
        }
    }
    _exit(3);
}

/* The state after the calls 0 .. n - 1: the price of each, -1 = not there. */
static void replay(int n, int price[IDS])
{
    for (int k = 0; k < IDS; k++) {
        price[k] = -1;
    }
    for (int i = 0; i < n; i++) {
        int ids[3];
        size_t n_ids = ids_of(i, ids);
        for (size_t k = 0; k < n_ids; k++) {
            price[ids[k]] = n_ids == 2 ? -1 : i;
        }
    }
}

static bool holds(rk_wares *live, const int price[IDS])
{
    rk_arena arena = {0};
    rk_wares_view *view = NULL;
    rk_findings all;
    bool seen[IDS] = {false}, is_same = true;
    size_t n = list_all(live, &arena, &view, &all), n_wanted = 0;
    for (int k = 0; k < IDS; k++) {
        n_wanted += price[k] >= 0;
    }
    for (size_t i = 0; i < n && is_same; i++) {
        const rk_corpus *corpus = rk_wares_view_corpus(view);
        rk_slice id = rk_corpus_id(corpus, all.item[i]);
        uint64_t k = IDS;
        is_same = rk_parse_u64((rk_slice){id.at + 1, id.n - 1}, &k) && k < IDS && !seen[k] &&
                  (int)rk_corpus_price(corpus, all.item[i]) == price[k];
        if (is_same) {
            seen[k] = true;
        }
    }
    rk_wares_view_free(view);
    rk_arena_release(&arena);
    return is_same && n == n_wanted;
}

static void after_kill_9_all_that_was_acknowledged_is_there_once(void **state)
{
    (void)state;
    const char *kills = getenv("RECKON_KILLS");
    uint64_t n_kills = 40, seed = 9;
    int done = 0, price[IDS];
    rk_error err = {0};
    (void)rk_parse_u64(rk_slice_of(kills), &n_kills);
    create("killed");
    for (uint64_t round = 0; round < n_kills; round++) {
        int ends[2], acknowledged = done - 1, one;
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            write_until_killed(done, ends[1]);
        }
        close(ends[1]);
        if (round % 8 && read(ends[0], &one, sizeof one) == sizeof one) { /* else while it opens */
            acknowledged = one;
        }
        usleep((useconds_t)(test_random(&seed) % 12000));
        assert_int_equal(kill(child, SIGKILL), 0);
        while (read(ends[0], &one, sizeof one) == sizeof one) {
            acknowledged = one;
        }
        close(ends[0]);
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        rk_wares *live = NULL;
        if (open_at("killed", 16, true, &live, &err)) {
            fail_msg("%s", err.message);
        }
        done = acknowledged + 1;
        replay(done, price);
        if (!holds(live, price)) { /* the call that was under way may have got there */
            replay(++done, price);
            assert_true(holds(live, price));
        }
        rk_wares_close(live);
    }
    assert_true(done > (int)n_kills);
    test_remove_tree("killed");
}

/* ---- a full disk ---- */

/* In a child. 0: as it should be; 77: could not be tried. */
static int fill_disk(void)
{
    rk_wares *live = NULL;
    rk_error err = {0};
    rk_wares_state now;
    static char text[8192];
    rk_status status = RK_OK;
    int n = 0;
    if (mkdir("small", 0777) || unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount("tmpfs", "small", "tmpfs", 0, "size=1m")) {
        return 77;
    }
    memset(text, 'x', sizeof text);
    create("small/live");
    if (open_at("small/live", 40, false, &live, &err)) {
        return 1;
    }
    for (; !status && n < 1000; n++) {
        char id[16];
        snprintf(id, sizeof id, "f%d", n);
        status =
            rk_wares_put(live,
                         &(rk_wares_product){
                             .id = rk_slice_of(id), .title = RK_SLICE("lamp"), .text = {text, sizeof text}, .price = 1},
                         1, &err);
    }
    n--; /* the last was refused */
    if (status != RK_IO || !strstr(err.message, "No space left") || n < 10) {
        return 2;
    }
    rk_wares_status(live, &now);
    rk_arena arena = {0};
    rk_wares_view *view = NULL;
    rk_findings all;
    if ((int)now.n_items != n || (int)list_all(live, &arena, &view, &all) != n) {
        return 3;
    }
    rk_wares_view_free(view);
    if (mount("tmpfs", "small", "tmpfs", MS_REMOUNT, "size=16m") ||
        rk_wares_put(live, &(rk_wares_product){.id = RK_SLICE("more"), .title = RK_SLICE("lamp"), .price = 1}, 1,
                     &err) ||
        rk_wares_flush(live, &err)) {
        return 4;
    }
    rk_wares_close(live);
    if (open_at("small/live", 40, true, &live, &err) || (int)list_all(live, &arena, &view, &all) != n + 1) {
        return 5;
    }
    rk_wares_view_free(view);
    rk_wares_close(live);
    rk_arena_release(&arena);
    return 0;
}

static void a_full_disk_refuses_puts_answers_questions_and_is_got_over(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(fill_disk());
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) {
        TEST_SKIP("mounting needs root and a kernel that lets it");
    }
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- damage ---- */

static void change_file(const char *path, long at, int by)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, at, at < 0 ? SEEK_END : SEEK_SET);
    int c = fgetc(file);
    fseek(file, at, at < 0 ? SEEK_END : SEEK_SET);
    fputc(c ^ by, file);
    fclose(file);
}

static void refused(const char *words)
{
    rk_wares *live = NULL;
    rk_error err = {0};
    rk_status status = open_at("damaged", 16, true, &live, &err);
    assert_true(status == RK_BAD_INPUT || status == RK_NOT_FOUND);
    if (!strstr(err.message, words)) {
        fail_msg("'%s' does not say '%s'", err.message, words);
    }
}

static const char log_file[] = "damaged/log/00000000000000000000.wal";

static void damage_is_an_error_that_says_where(void **state)
{
    (void)state;
    rk_wares *live = NULL, *other = NULL;
    rk_error err = {0};
    create("damaged");
    assert_int_equal(open_at("damaged", 1000, true, &live, &err), RK_OK);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(do_call(live, i, &err), RK_OK);
    }
    assert_int_equal(open_at("damaged", 1000, true, &other, &err), RK_IO); /* one writer */
    rk_wares_close(live);
    change_file(log_file, 400, 1); /* a record in the middle */
    refused("log/");
    change_file(log_file, 400, 1);
    change_file(log_file, -20, 1); /* of the last: as if it had been torn */
    if (open_at("damaged", 1000, true, &live, &err)) {
        fail_msg("%s", err.message);
    }
    int price[IDS];
    replay(29, price);
    assert_true(holds(live, price));
    assert_int_equal(rk_wares_flush(live, &err), RK_OK);
    for (int i = 29; i < 40; i++) {
        assert_int_equal(do_call(live, i, &err), RK_OK);
    }
    assert_int_equal(rk_wares_flush(live, &err), RK_OK);
    rk_wares_close(live);
    struct stat info;
    assert_int_equal(stat("damaged/live.rk", &info), 0);
    for (long at = 0; at < info.st_size; at += 67) { /* the manifest: every byte is under a checksum */
        change_file("damaged/live.rk", at, 4);
        refused("live.rk");
        change_file("damaged/live.rk", at, 4);
    }
    assert_int_equal(open_at("damaged", 1000, true, &live, &err), RK_OK);
    replay(40, price);
    assert_true(holds(live, price));
    rk_wares_close(live);
    test_remove_tree("damaged");
}

static int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/reckon-live-XXXXXX");
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return chdir("/") == 0 && test_remove_tree(folder) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readers_see_calls_whole_while_writers_write_and_segments_merge),
        cmocka_unit_test(after_kill_9_all_that_was_acknowledged_is_there_once),
        cmocka_unit_test(a_full_disk_refuses_puts_answers_questions_and_is_got_over),
        cmocka_unit_test(damage_is_an_error_that_says_where),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
