/* erase.c - see erase.h. */
#include "serve/erase.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "data/flat.h"

/* ---- whose a record is ---- */

struct rk_record_reader {
    rk_flat flat;
    rk_arena arena;
    rk_text needle; /* the user as JSON writes him: what is not in a record need not be read */
    rk_text wanted; /* the user that the needle is of */
};

rk_record_reader *rk_record_reader_new(void) { return calloc(1, sizeof(rk_record_reader)); }

void rk_record_reader_free(rk_record_reader *reader)
{
    if (reader) {
        rk_arena_release(&reader->arena);
        rk_text_release(&reader->needle);
        rk_text_release(&reader->wanted);
        free(reader);
    }
}

bool rk_record_user(rk_record_reader *reader, rk_slice record, rk_slice *user)
{
    rk_flat_member member;
    rk_arena_clear(&reader->arena);
    reader->flat.scratch = &reader->arena;
    rk_flat_begin(&reader->flat, record);
    while (rk_flat_next(&reader->flat, &member)) {
        if (rk_slice_is(member.key, "user")) {
            *user = member.value;
            return true;
        }
    }
    return false;
}

bool rk_record_is_of(rk_record_reader *reader, rk_slice record, rk_slice user)
{
    rk_slice found;
    if (!rk_slice_equal((rk_slice){reader->wanted.at, reader->wanted.n}, user) || !reader->needle.at) {
        rk_text_clear(&reader->wanted);
        rk_text_clear(&reader->needle);
        rk_text_add_slice(&reader->wanted, user);
        rk_text_add_json(&reader->needle, user);
    }
    bool may_be = reader->needle.failed || memmem(record.at, record.n, reader->needle.at, reader->needle.n);
    return may_be && rk_record_user(reader, record, &found) && rk_slice_equal(found, user);
}

/* ---- erasing ---- */

typedef struct {
    rk_record_reader *reader;
    rk_erased *erased;
    rk_slice user; /* n 0: any */
} eraser;

static bool is_doomed(void *context, uint64_t number, rk_slice record)
{
    eraser *e = context;
    rk_erasure noted;
    rk_slice user = e->user;
    if (user.n > 0 ? !rk_record_is_of(e->reader, record, user) : !rk_record_user(e->reader, record, &user)) {
        return false;
    }
    return rk_erased_find(e->erased, user, &noted) && !noted.is_done && number < noted.before;
}

rk_status rk_erase_noted(rk_wal *wal, rk_erased *erased, rk_slice user, rk_erase_proof *proof, rk_error *err)
{
    eraser e = {rk_record_reader_new(), erased, user};
    rk_wal_erasure done, left = {0};
    if (!e.reader) {
        return rk_fail_memory(err, "a reader of events");
    }
    rk_status status = rk_wal_erase(wal, rk_wal_end(wal), is_doomed, &e, &done, err);
    status = status ? status : rk_wal_erase(wal, rk_wal_end(wal), is_doomed, &e, &left, err);
    if (!status && left.n_records == 0) {
        status = rk_erased_finish(erased, user, err);
    }
    *proof = (rk_erase_proof){done.n_records, done.n_files, done.n_seen, left.n_records};
    rk_record_reader_free(e.reader);
    return status;
}

rk_status rk_erase_open(const char *folder, rk_wal *wal, const rk_run *run, rk_erased **out, rk_error *err)
{
    rk_erase_proof proof = {0};
    rk_status status = rk_erased_open(folder, out, err);
    size_t n = status ? 0 : rk_erased_n_asked(*out);
    if (n > 0) {
        status = rk_erase_noted(wal, *out, (rk_slice){"", 0}, &proof, err);
        rk_log(run, RK_LOG_WARNING, "%s: %zu erasures had been cut short: %" PRIu64 " records more", folder, n,
               proof.n_events);
    }
    return status;
}
