/* answers.c - see answers.h. A shard is a ring: entries stand in it one behind the other in the order of their coming,
 * and a new one is written over the oldest. An oldest that was asked for since it was written goes to the front again
 * instead (CLOCK): so what is asked often stays, and there is nothing to sort, to free or to leave holes.
 *
 *     entry   hash | bytes of all | bytes of the question | bytes of the answer | next of its bucket | asked? | texts
 *
 * Invariants: tail <= head <= tail + bytes; both count on for ever, a place is counter % bytes. No entry lies across
 * the end of the ring: one that would is preceded by a filler, which is an entry of no bucket. Everything is rounded
 * up to the size of a header, so a filler always has room.
 */
#include "serve/answers.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"

enum { SHARDS = 16, CHANCES = 8, BUCKET_BYTES = 64 };
#define NOWHERE UINT32_MAX /* no place */

typedef struct {
    uint64_t hash;
    uint32_t bytes, n_question, n_answer;
    uint32_t next; /* place of the next one of the bucket */
    uint32_t is_filler, is_asked;
} entry;

typedef struct {
    _Alignas(64) pthread_mutex_t lock;
    unsigned char *ring;
    uint32_t *bucket; /* [n_buckets] place of its first entry */
    uint64_t head, tail;
    uint64_t n_hits, n_misses, n_evicted, n, bytes;
} shard;

struct rk_answers {
    shard shard[SHARDS];
    uint32_t ring_bytes, n_buckets; /* of each; n_buckets a power of two */
};

static entry *at(const rk_answers *a, const shard *s, uint64_t counter)
{
    return (entry *)(void *)(s->ring + counter % a->ring_bytes);
}

static entry *at_place(const shard *s, uint32_t place) { return (entry *)(void *)(s->ring + place); }

static size_t rounded(size_t bytes) { return (bytes + sizeof(entry) - 1) / sizeof(entry) * sizeof(entry); }

/* ---- life ---- */

static void empty(const rk_answers *a, shard *s)
{
    memset(s->bucket, 0xff, a->n_buckets * sizeof *s->bucket);
    s->head = s->tail = s->n = s->bytes = 0;
}

rk_status rk_answers_new(size_t bytes, rk_answers **out, rk_error *err)
{
    *out = NULL;
    if (bytes < RK_ANSWERS_BYTES_MIN) {
        return RK_OK;
    }
    size_t ring_bytes = bytes / SHARDS / sizeof(entry) * sizeof(entry), limit = (size_t)1 << 31;
    rk_answers *a = aligned_alloc(_Alignof(rk_answers), sizeof *a);
    if (!a) {
        return rk_fail_memory(err, "answers given before");
    }
    memset(a, 0, sizeof *a);
    a->ring_bytes = (uint32_t)(ring_bytes < limit ? ring_bytes : limit);
    a->n_buckets = 1;
    while (a->n_buckets < a->ring_bytes / BUCKET_BYTES / 2) {
        a->n_buckets *= 2;
    }
    bool is_done = true;
    for (size_t i = 0; i < SHARDS; i++) {
        shard *s = &a->shard[i];
        pthread_mutex_init(&s->lock, NULL);
        s->ring = malloc(a->ring_bytes);
        s->bucket = malloc(a->n_buckets * sizeof *s->bucket);
        is_done = is_done && s->ring && s->bucket;
        if (s->bucket) {
            empty(a, s);
        }
    }
    if (!is_done) {
        rk_answers_free(a);
        return rk_fail_memory(err, "answers given before");
    }
    *out = a;
    return RK_OK;
}

void rk_answers_free(rk_answers *a)
{
    for (size_t i = 0; a && i < SHARDS; i++) {
        free(a->shard[i].ring);
        free(a->shard[i].bucket);
        pthread_mutex_destroy(&a->shard[i].lock);
    }
    free(a);
}

/* ---- entries of a shard; its lock is held ---- */

static uint32_t *bucket_of(const rk_answers *a, shard *s, uint64_t hash)
{
    return &s->bucket[hash / SHARDS & (a->n_buckets - 1)];
}

static entry *find(const rk_answers *a, shard *s, uint64_t hash, rk_slice question)
{
    uint32_t place = *bucket_of(a, s, hash);
    while (place != NOWHERE) {
        entry *e = at_place(s, place);
        if (e->hash == hash && rk_slice_equal((rk_slice){(char *)(e + 1), e->n_question}, question)) {
            return e;
        }
        place = e->next;
    }
    return NULL;
}

static void link_in(const rk_answers *a, shard *s, entry *e)
{
    uint32_t *bucket = bucket_of(a, s, e->hash);
    e->next = *bucket;
    *bucket = (uint32_t)((unsigned char *)e - s->ring);
    s->n++;
    s->bytes += e->bytes;
}

static void link_out(const rk_answers *a, shard *s, entry *e)
{
    uint32_t place = (uint32_t)((unsigned char *)e - s->ring), *from = bucket_of(a, s, e->hash);
    while (*from != place) {
        from = &at_place(s, *from)->next;
    }
    *from = e->next;
    s->n--;
    s->bytes -= e->bytes;
}

/* The front for so many bytes in one piece, behind a filler where the ring's end is near; NULL: there is no room. */
static entry *front(const rk_answers *a, shard *s, size_t bytes)
{
    size_t to_end = a->ring_bytes - s->head % a->ring_bytes, filler = to_end < bytes ? to_end : 0;
    if (s->head + filler + bytes > s->tail + a->ring_bytes) {
        return NULL;
    }
    if (filler > 0) {
        *at(a, s, s->head) = (entry){.bytes = (uint32_t)filler, .is_filler = true};
        s->head += filler;
    }
    entry *e = at(a, s, s->head);
    s->head += bytes;
    return e;
}

/* Takes the oldest away, or writes it to the front again, if it may. */
static void pass_oldest(const rk_answers *a, shard *s, unsigned *n_chances)
{
    entry *e = at(a, s, s->tail);
    size_t bytes = e->bytes;
    s->tail += bytes;
    if (e->is_filler) {
        return;
    }
    link_out(a, s, e);
    entry *again = e->is_asked && *n_chances > 0 ? front(a, s, bytes) : NULL;
    if (!again) {
        s->n_evicted++;
        return;
    }
    --*n_chances;
    memmove(again, e, bytes);
    again->is_asked = false;
    link_in(a, s, again);
}

/* Room at the front for so many bytes in one piece. */
static entry *make_room(const rk_answers *a, shard *s, size_t bytes)
{
    unsigned n_chances = CHANCES;
    entry *e;
    while (!(e = front(a, s, bytes))) {
        pass_oldest(a, s, &n_chances);
    }
    return e;
}

/* ---- asking ---- */

bool rk_answers_find(rk_answers *a, rk_slice question, rk_text *out)
{
    uint64_t hash = rk_hash(question, 0);
    shard *s = &a->shard[hash % SHARDS];
    pthread_mutex_lock(&s->lock);
    entry *e = find(a, s, hash, question);
    if (e) {
        e->is_asked = true;
        rk_text_add_slice(out, (rk_slice){(char *)(e + 1) + e->n_question, e->n_answer});
    }
    s->n_hits += e != NULL;
    s->n_misses += e == NULL;
    pthread_mutex_unlock(&s->lock);
    return e && !out->failed;
}

void rk_answers_add(rk_answers *a, rk_slice question, rk_slice answer)
{
    uint64_t hash = rk_hash(question, 0);
    shard *s = &a->shard[hash % SHARDS];
    size_t bytes = rounded(sizeof(entry) + question.n + answer.n);
    if (bytes > a->ring_bytes / 4) {
        return;
    }
    pthread_mutex_lock(&s->lock);
    if (!find(a, s, hash, question)) {
        entry *e = make_room(a, s, bytes);
        *e = (entry){
            .hash = hash, .bytes = (uint32_t)bytes, .n_question = (uint32_t)question.n, .n_answer = (uint32_t)answer.n};
        memcpy(e + 1, question.at, question.n);
        memcpy((char *)(e + 1) + question.n, answer.at, answer.n);
        link_in(a, s, e);
    }
    pthread_mutex_unlock(&s->lock);
}

void rk_answers_clear(rk_answers *a)
{
    for (size_t i = 0; a && i < SHARDS; i++) {
        shard *s = &a->shard[i];
        pthread_mutex_lock(&s->lock);
        memset(s->ring, 0, s->head < a->ring_bytes ? s->head : a->ring_bytes);
        empty(a, s);
        pthread_mutex_unlock(&s->lock);
    }
}

void rk_answers_count(rk_answers *a, rk_answers_counts *out)
{
    *out = (rk_answers_counts){0};
    for (size_t i = 0; i < SHARDS; i++) {
        shard *s = &a->shard[i];
        pthread_mutex_lock(&s->lock);
        out->n_hits += s->n_hits;
        out->n_misses += s->n_misses;
        out->n_evicted += s->n_evicted;
        out->n += s->n;
        out->bytes += s->bytes;
        pthread_mutex_unlock(&s->lock);
    }
}
