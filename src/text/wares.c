/* wares.c - opening a live index, and what changes it.
 *
 * Who puts or deletes stands in a queue. The first of it takes all that wait (as in store/wal.h, which does the same
 * for its flush): it makes the next snapshot, then writes the records, and only when the disk has them shows the
 * snapshot to everybody. So nothing can go wrong between a record and its being found, and what is found is on disk.
 */
#include "text/wares.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "text/wares_parts.h"

enum { READ_OPS = 1 << 16, PUT_ITEMS = 4096, READER_TRIES = 10, BACKLOG_TIMES = 4 };

rk_wares_options rk_wares_defaults(void)
{
    return (rk_wares_options){
        .index = rk_index_defaults(), .flush_items = RK_WARES_FLUSH_ITEMS, .flush_bytes = RK_WARES_FLUSH_BYTES};
}

/* ---- snapshots ---- */

rk_wares_snapshot *rk_wares_take(rk_wares *live)
{
    pthread_mutex_lock(&live->door);
    rk_wares_snapshot *now = live->now;
    atomic_fetch_add(&now->refs, 1);
    pthread_mutex_unlock(&live->door);
    return now;
}

void rk_wares_publish(rk_wares *live, rk_wares_snapshot *snapshot)
{
    pthread_mutex_lock(&live->door);
    rk_wares_snapshot *old = live->now;
    live->now = snapshot;
    live->n_published++;
    pthread_mutex_unlock(&live->door);
    rk_wares_snapshot_release(old);
}

/* ---- making one ---- */

static rk_status check_free(const char *folder, rk_error *err)
{
    char path[RK_WARES_PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/live.rk", folder);
    if (n < 0 || (size_t)n >= sizeof path - 40) {
        return rk_fail(err, RK_BAD_USAGE, "the folder's path is too long: '%.200s'", folder);
    }
    bool is_taken = access(path, F_OK) == 0;
    snprintf(path, sizeof path, "%s/log", folder);
    return is_taken || access(path, F_OK) == 0
               ? rk_fail(err, RK_BAD_USAGE, "'%.200s' holds a live index already", folder)
               : RK_OK;
}

/* The first segment, of items; its means are those of all. */
static rk_status first_segment(const char *folder, const rk_dataset *items, const rk_index_options *options,
                               const rk_run *run, rk_wares_draft *draft, rk_error *err)
{
    char path[RK_WARES_PATH_BYTES];
    rk_wares_segment *segment = NULL;
    snprintf(path, sizeof path, "%s/segment-0.rk", folder);
    rk_status status = rk_wares_segment_of(items, options, path, run, &segment, err);
    if (status) {
        return status;
    }
    draft->has_means = true;
    memcpy(draft->mean, segment->index->mean_bytes, sizeof draft->mean);
    return rk_wares_draft_add(draft, segment, NULL, err);
}

/* items: of path, or none. */
static rk_status create_of(const char *folder, const rk_dataset *items, const rk_wares_options *options,
                           const rk_run *run, rk_error *err)
{
    rk_wares_head head = {.index = options->index, .next_file = 1};
    rk_wares_draft draft = {.parts = {.item_bytes = sizeof(rk_wares_part)}};
    rk_wares_snapshot *snapshot = NULL;
    rk_segmenter *dictionary = NULL;
    rk_status status = rk_wares_tongue_keep(folder, &options->index, items, &dictionary, err);
    head.index.dictionary = "none";
    head.index.queries = head.index.synonyms = NULL;
    head.index.has_means = false;
    head.index.analysis.segmenter = dictionary;
    status = status || !items ? status : first_segment(folder, items, &head.index, run, &draft, err);
    status = status ? status : rk_wares_draft_seal(&draft, &(rk_wares_tongue){0}, &snapshot, err);
    status = status ? status : rk_wares_manifest_write(folder, &head, snapshot, err);
    rk_wares_draft_release(&draft);
    rk_wares_snapshot_release(snapshot);
    rk_segmenter_free(dictionary);
    return status;
}

rk_status rk_wares_create(const char *folder, const char *dataset_path, const rk_wares_options *options,
                          const rk_run *run, rk_error *err)
{
    rk_artefact *artefact = NULL;
    rk_dataset items = {0}; /* without the log, which a live index does not go on with */
    rk_status status = check_free(folder, err);
    status = status ? status : rk_folder_make(folder, err);
    if (!status && dataset_path) {
        status = rk_artefact_open(dataset_path, "dataset", &artefact, err);
        status = status ? status : rk_dataset_open_items(artefact, &items, err);
        status = status ? status : rk_index_check_items(&items, dataset_path, err);
    }
    status = status ? status : create_of(folder, dataset_path ? &items : NULL, options, run, err);
    rk_artefact_close(artefact);
    return status;
}

/* ---- opening ---- */

/* Ops read so far, and what they borrow. */
typedef struct {
    rk_vec ops; /* rk_wares_op */
    rk_arena arena;
} backlog;

static rk_status apply_backlog(rk_wares *live, rk_wares_draft *draft, backlog *b, rk_error *err)
{
    rk_status status = rk_wares_apply(draft, b->ops.data, b->ops.n, &live->options.index, 0, &live->reaper, err);
    live->n_changed += b->ops.n;
    rk_vec_clear(&b->ops);
    rk_arena_clear(&b->arena);
    return status;
}

/* Records from log_from on; *n: how many there were. */
static rk_status read_log(rk_wares *live, const char *folder, rk_wares_draft *draft, uint64_t *n, rk_error *err)
{
    backlog b = {.ops = {.item_bytes = sizeof(rk_wares_op)}};
    rk_wal_reader *reader = NULL;
    rk_slice record = {"", 0};
    uint64_t number = 0;
    rk_status status = rk_wal_reader_open(folder, live->log_from, &reader, err);
    for (*n = 0; !status;) {
        status = rk_wal_next(reader, &number, &record, err);
        if (status || !record.at) {
            break;
        }
        if (number != live->log_from + *n) {
            status = rk_fail(err, live->wal ? RK_BAD_INPUT : RK_NOT_FOUND, "%s: record %llu is missing", folder,
                             (unsigned long long)(live->log_from + *n));
            break;
        }
        const char *copy = rk_arena_copy(&b.arena, record.at, record.n);
        status = copy ? rk_wares_record_parse((rk_slice){copy, record.n}, folder, number, &b.arena, &b.ops, err)
                      : rk_fail_memory(err, "records of a log");
        ++*n;
        if (!status && b.ops.n >= READ_OPS) {
            status = apply_backlog(live, draft, &b, err);
        }
    }
    status = status ? status : apply_backlog(live, draft, &b, err);
    rk_wal_reader_close(reader);
    rk_vec_release(&b.ops);
    rk_arena_release(&b.arena);
    return status;
}

/* Files of segments that no manifest names any more, or not yet when the power went. */
static void remove_strays(const char *folder, const rk_wares_draft *draft)
{
    DIR *dir = opendir(folder);
    const rk_wares_part *parts = draft->parts.data;
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        bool is_ours = strncmp(entry->d_name, "segment-", 8) == 0, is_named = false;
        for (size_t p = 0; is_ours && p < draft->parts.n; p++) {
            const char *path = parts[p].segment->path, *slash = path ? strrchr(path, '/') : NULL;
            is_named |= slash && strcmp(slash + 1, entry->d_name) == 0;
        }
        if (is_ours && !is_named) {
            unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }
    if (dir) {
        closedir(dir);
    }
}

static rk_status take_head(rk_wares *live, const rk_wares_head *head, rk_error *err)
{
    live->options.index = head->index;
    free(live->stemmer);
    live->stemmer = strdup(head->stemmer);
    live->options.index.analysis.stemmer = live->stemmer;
    rk_status status = live->stemmer ? rk_wares_tongue_open(live, err) : rk_fail_memory(err, "a live index");
    live->log_from = head->log_from;
    live->next_file = head->next_file;
    live->n_changed = 0;
    rk_analyser_free(live->reaper.analyser);
    live->reaper.analyser = NULL;
    return status ? status : rk_analyser_new(&live->options.index.analysis, &live->reaper.analyser, err);
}

static rk_status check_log(const rk_wares *live, const char *folder, const rk_wal_found *found, rk_error *err)
{
    bool is_whole = found->first <= live->log_from && live->log_from <= found->end;
    return is_whole ? RK_OK
                    : rk_fail(err, RK_BAD_INPUT, "%s: the log has records %llu to %llu, the manifest goes on at %llu",
                              folder, (unsigned long long)found->first, (unsigned long long)found->end,
                              (unsigned long long)live->log_from);
}

static rk_status open_now(rk_wares *live, rk_error *err)
{
    char folder[RK_WARES_PATH_BYTES];
    rk_wares_head head;
    rk_wares_draft draft;
    rk_wal_found found = {0};
    uint64_t n_records = 0;
    snprintf(folder, sizeof folder, "%s/log", live->folder);
    rk_status status = rk_wares_manifest_read(live->folder, &head, &draft, err);
    if (!status && !live->options.is_reader) {
        status = rk_wal_open(folder, (rk_wal_options){0}, &live->wal, &found, err);
    }
    if (!status && !live->options.is_reader) { /* what was read before the log was ours may be old */
        rk_wares_draft_release(&draft);
        status = rk_wares_manifest_read(live->folder, &head, &draft, err);
    }
    status = status ? status : take_head(live, &head, err);
    if (!status && !live->options.is_reader) {
        status = check_log(live, folder, &found, err);
        remove_strays(live->folder, &draft);
    }
    if (!status && (live->wal || access(folder, F_OK) == 0)) {
        status = read_log(live, folder, &draft, &n_records, err);
    }
    if (!status && live->wal && n_records != found.end - live->log_from) {
        status = rk_fail(err, RK_BAD_INPUT, "%s: %llu of %llu records could be read", folder,
                         (unsigned long long)n_records, (unsigned long long)(found.end - live->log_from));
    }
    live->n_read = n_records;
    status = status ? status : rk_wares_draft_seal(&draft, &live->tongue, &live->now, err);
    rk_wares_draft_release(&draft);
    return status;
}

/* A reader may see a manifest whose files the writer has just done away with: then there is a new one. */
static rk_status open_as_reader(rk_wares *live, rk_error *err)
{
    rk_status status = RK_NOT_FOUND;
    for (int i = 0; i < READER_TRIES && status == RK_NOT_FOUND; i++) {
        status = open_now(live, err);
    }
    return status;
}

static void make_locks(rk_wares *live)
{
    pthread_mutex_t *const locks[] = {&live->door, &live->change, &live->queue, &live->merging, &live->bell};
    for (size_t i = 0; i < RK_COUNT_OF(locks); i++) {
        pthread_mutex_init(locks[i], NULL);
    }
    pthread_cond_init(&live->turn, NULL);
    pthread_cond_init(&live->wake, NULL);
}

bool rk_wares_is_there(const char *folder)
{
    char path[RK_WARES_PATH_BYTES];
    int n = folder ? snprintf(path, sizeof path, "%s/live.rk", folder) : -1;
    return n > 0 && (size_t)n < sizeof path && access(path, F_OK) == 0;
}

rk_status rk_wares_open(const char *folder, const rk_wares_options *options, rk_wares **out, rk_error *err)
{
    rk_wares *live = calloc(1, sizeof *live);
    char path[RK_WARES_PATH_BYTES];
    int n = snprintf(path, sizeof path, "%s/live.rk", folder);
    if (!live || !(live->folder = strdup(folder))) {
        free(live);
        return rk_fail_memory(err, "a live index");
    }
    live->options = *options;
    live->options.flush_items = options->flush_items ? options->flush_items : RK_WARES_FLUSH_ITEMS;
    live->options.flush_bytes = options->flush_bytes ? options->flush_bytes : RK_WARES_FLUSH_BYTES;
    live->reaper.terms = (rk_vec){.item_bytes = sizeof(rk_index_hit)};
    live->reaper.words = (rk_vec){.item_bytes = sizeof(uint32_t)};
    make_locks(live);
    rk_status status = n < 0 || (size_t)n >= sizeof path - 40
                           ? rk_fail(err, RK_BAD_USAGE, "the folder's path is too long: '%.200s'", folder)
                       : access(path, F_OK) != 0 ? rk_fail(err, RK_NOT_FOUND, "no live index in '%.200s'", folder)
                       : options->is_reader      ? open_as_reader(live, err)
                                                 : open_now(live, err);
    if (!status && !options->is_reader && !options->has_no_merger) {
        status = rk_wares_merger_start(live, err);
    }
    if (status) {
        rk_wares_close(live);
        return status;
    }
    *out = live;
    return RK_OK;
}

void rk_wares_close(rk_wares *live)
{
    if (!live) {
        return;
    }
    pthread_mutex_t *const locks[] = {&live->door, &live->change, &live->queue, &live->merging, &live->bell};
    rk_wares_merger_stop(live);
    rk_wal_close(live->wal);
    rk_wares_snapshot_release(live->now);
    rk_analyser_free(live->reaper.analyser);
    rk_wares_tongue_close(live);
    rk_vec_release(&live->reaper.terms);
    rk_vec_release(&live->reaper.words);
    for (size_t i = 0; i < RK_COUNT_OF(locks); i++) {
        pthread_mutex_destroy(locks[i]);
    }
    pthread_cond_destroy(&live->turn);
    pthread_cond_destroy(&live->wake);
    free(live->stemmer);
    free(live->folder);
    free(live);
}

/* ---- changing ---- */

/* A call that waits for its turn. */
typedef struct rk_wares_call {
    rk_wares_op *ops;
    size_t n;
    const rk_slice *records;
    size_t n_records;
    rk_status status;
    rk_error err;
    bool is_done;
    struct rk_wares_call *next;
} call;

/* The ops and records of all calls of a group, in their order. */
static bool gather(const call *first, rk_vec *ops, rk_vec *records)
{
    bool is_done = true;
    for (const call *c = first; c && is_done; c = c->next) {
        is_done = rk_vec_extend(ops, c->ops, c->n) && rk_vec_extend(records, c->records, c->n_records);
    }
    return is_done;
}

/* Holds change. */
static rk_status change_by(rk_wares *live, rk_vec *ops, const rk_vec *records, rk_error *err)
{
    rk_wares_draft draft;
    rk_wares_snapshot *next = NULL;
    rk_status status = rk_wares_draft_of(live->now, &draft, err);
    if (status) {
        return status;
    }
    status = rk_wares_apply(&draft, ops->data, ops->n, &live->options.index, live->n_fixed, &live->reaper, err);
    status = status ? status : rk_wares_draft_seal(&draft, &live->tongue, &next, err);
    status = status ? status : rk_wal_append(live->wal, records->data, records->n, NULL, err);
    if (status) {
        rk_wares_snapshot_release(next);
        rk_wares_draft_release(&draft);
        return status;
    }
    rk_wares_publish(live, next);
    live->n_changed += ops->n;
    return RK_OK;
}

/* Who puts faster than the merger merges has to help it. */
static rk_status work_off(rk_wares *live, rk_error *err)
{
    rk_wares_snapshot *s = rk_wares_take(live);
    rk_wares_load load = rk_wares_load_of(s);
    bool is_much = load.items >= (uint64_t)BACKLOG_TIMES * live->options.flush_items ||
                   load.bytes >= BACKLOG_TIMES * live->options.flush_bytes;
    rk_wares_snapshot_release(s);
    return is_much ? rk_wares_flush(live, err) : RK_OK;
}

static void lead(rk_wares *live, call *first)
{
    rk_vec ops = {.item_bytes = sizeof(rk_wares_op)}, records = {.item_bytes = sizeof(rk_slice)};
    rk_error err = {0};
    rk_status status = work_off(live, &err);
    status = status                          ? status
             : gather(first, &ops, &records) ? RK_OK
                                             : rk_fail_memory(&err, "the products of a live index");
    if (!status) {
        pthread_mutex_lock(&live->change);
        status = change_by(live, &ops, &records, &err);
        bool is_due = !status && rk_wares_is_due(live, live->now);
        pthread_mutex_unlock(&live->change);
        if (is_due) {
            rk_wares_merger_wake(live);
        }
    }
    const rk_wares_op *told = ops.data;
    for (call *c = first; c; c = c->next) {
        for (size_t i = 0; !status && i < c->n; i++) {
            c->ops[i].was_there = (told++)->was_there;
        }
        c->status = status;
        c->err = err;
    }
    rk_vec_release(&ops);
    rk_vec_release(&records);
}

/* Waits until the call is done, by another or, when nobody leads, by itself. */
static rk_status stand_in_line(rk_wares *live, call *c, rk_error *err)
{
    pthread_mutex_lock(&live->queue);
    *(live->last ? &live->last->next : &live->first) = c;
    live->last = c;
    while (!c->is_done && live->is_led) {
        pthread_cond_wait(&live->turn, &live->queue);
    }
    if (!c->is_done) {
        call *first = live->first;
        live->first = live->last = NULL;
        live->is_led = true;
        pthread_mutex_unlock(&live->queue);
        lead(live, first);
        pthread_mutex_lock(&live->queue);
        live->is_led = false;
        for (call *one = first, *next; one; one = next) {
            next = one->next;
            one->is_done = true; /* it may be gone from here on */
        }
        pthread_cond_broadcast(&live->turn);
    }
    pthread_mutex_unlock(&live->queue);
    if (c->status && err) {
        *err = c->err;
    }
    return c->status;
}

rk_status rk_wares_change(rk_wares *live, rk_wares_op *ops, size_t n, rk_error *err)
{
    rk_arena arena = {0};
    rk_vec records = {.item_bytes = sizeof(rk_slice)};
    rk_status status = RK_OK;
    if (!live->wal) {
        status = rk_fail(err, RK_BAD_USAGE, "'%.200s' is open for reading only", live->folder);
    }
    status = status ? status : rk_wares_record_format(ops, n, &arena, &records, err);
    if (!status && n > 0) {
        call c = {.ops = ops, .n = n, .records = records.data, .n_records = records.n};
        status = stand_in_line(live, &c, err);
    }
    rk_vec_release(&records);
    rk_arena_release(&arena);
    return status;
}

rk_status rk_wares_put(rk_wares *live, const rk_wares_product *products, size_t n, rk_error *err)
{
    rk_wares_op *ops = calloc(n + 1, sizeof *ops);
    if (!ops) {
        return rk_fail_memory(err, "products");
    }
    for (size_t i = 0; i < n; i++) {
        ops[i].product = products[i];
    }
    rk_status status = rk_wares_change(live, ops, n, err);
    free(ops);
    return status;
}

rk_status rk_wares_delete(rk_wares *live, const rk_slice *ids, size_t n, uint64_t *n_gone, rk_error *err)
{
    uint64_t gone = 0;
    rk_wares_op *ops = calloc(n + 1, sizeof *ops);
    if (!ops) {
        return rk_fail_memory(err, "products");
    }
    for (size_t i = 0; i < n; i++) {
        ops[i] = (rk_wares_op){.product.id = ids[i], .is_delete = true};
    }
    rk_status status = rk_wares_change(live, ops, n, err);
    for (size_t i = 0; !status && i < n; i++) {
        gone += ops[i].was_there;
    }
    if (n_gone) {
        *n_gone = gone;
    }
    free(ops);
    return status;
}

/* ---- the items of a dataset ---- */

static bool product_of(const rk_dataset *d, uint32_t i, rk_arena *arena, rk_wares_product *out)
{
    uint64_t first = d->attribute_start ? d->attribute_start[i] : 0;
    size_t n = d->attribute_start ? (size_t)(d->attribute_start[i + 1] - first) : 0;
    rk_wares_attribute *attributes = RK_TAKE(arena, rk_wares_attribute, n);
    for (size_t a = 0; attributes && a < n; a++) {
        attributes[a] = (rk_wares_attribute){rk_names_get(&d->attributes, d->attribute_name[first + a]),
                                             rk_names_get(&d->values, d->attribute_value[first + a])};
    }
    *out = (rk_wares_product){.id = rk_names_get(&d->items, i),
                              .price = d->item_price ? d->item_price[i] : __builtin_nanf(""),
                              .attributes = attributes,
                              .n_attributes = n};
    out->title = i < d->title.n ? rk_names_get(&d->title, i) : out->title;
    out->category = i < d->category.n ? rk_names_get(&d->category, i) : out->category;
    out->brand = i < d->brand.n ? rk_names_get(&d->brand, i) : out->brand;
    out->text = i < d->text.n ? rk_names_get(&d->text, i) : out->text;
    return attributes != NULL;
}

rk_status rk_wares_put_items(rk_wares *live, const rk_dataset *items, rk_error *err)
{
    rk_arena arena = {0};
    rk_status status = RK_OK;
    for (uint32_t begin = 0; !status && begin < items->n_items; begin += PUT_ITEMS) {
        uint32_t n = items->n_items - begin < PUT_ITEMS ? items->n_items - begin : PUT_ITEMS;
        rk_wares_product *products = RK_TAKE(&arena, rk_wares_product, n);
        bool is_done = products != NULL;
        for (uint32_t i = 0; i < n && is_done; i++) {
            is_done = product_of(items, begin + i, &arena, &products[i]);
        }
        status = is_done ? rk_wares_put(live, products, n, err) : rk_fail_memory(err, "products");
        rk_arena_clear(&arena);
    }
    rk_arena_release(&arena);
    return status;
}

/* ---- how it stands ---- */

void rk_wares_status(rk_wares *live, rk_wares_state *out)
{
    pthread_mutex_lock(&live->change);
    rk_wares_snapshot *s = live->now;
    *out = (rk_wares_state){.n_items = (uint32_t)s->corpus.n_items,
                            .n_dead = (uint32_t)(s->n_items - s->corpus.n_items),
                            .n_log_records = live->wal ? rk_wal_end(live->wal) - live->log_from : live->n_read};
    for (size_t p = 0; p < s->n_parts; p++) {
        const rk_wares_segment *segment = s->parts[p].segment;
        *(segment->path ? &out->n_on_disk : &out->n_in_memory) += 1;
        *(segment->path ? &out->disk_bytes : &out->memory_bytes) += rk_artefact_bytes(segment->index->artefact);
    }
    memcpy(out->mean, s->mean, sizeof out->mean);
    snprintf(out->trouble, sizeof out->trouble, "%s", live->trouble);
    pthread_mutex_unlock(&live->change);
}
