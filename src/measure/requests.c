/* requests.c - drawn with replacement, so that asking them in turn is asking by the distribution. */
#include "measure/requests.h"

#include <string.h>

#include "base/file.h"
#include "math/random.h"
#include "model/model.h"

enum { USER_REQUESTS = 16384, STREAM_USERS = 1 };

void rk_requests_release(rk_requests *requests)
{
    rk_text_release(&requests->bytes);
    rk_vec_release(&requests->start);
}

size_t rk_requests_count(const rk_requests *requests) { return requests->start.n ? requests->start.n - 1 : 0; }

rk_slice rk_requests_get(const rk_requests *requests, size_t i)
{
    const size_t *start = requests->start.data;
    return (rk_slice){requests->bytes.at + start[i], start[i + 1] - start[i]};
}

static bool mark(rk_requests *requests)
{
    requests->start.item_bytes = sizeof(size_t);
    return rk_vec_push(&requests->start, &requests->bytes.n);
}

static void add_encoded(rk_text *out, rk_slice text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.at[i];
        bool is_plain =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c && strchr("-._~", c));
        if (is_plain) {
            rk_text_add_slice(out, (rk_slice){text.at + i, 1});
        } else {
            rk_text_addf(out, "%%%02X", c);
        }
    }
}

static rk_status check(rk_requests *requests, bool is_marked, rk_error *err)
{
    if (is_marked && !requests->bytes.failed) {
        return RK_OK;
    }
    rk_requests_release(requests);
    return rk_fail_memory(err, "the requests");
}

/* ---- users ---- */

/* start[u]: events of the users before u; a draw below the total lands on a user by activity. */
static uint32_t user_of_event(const uint64_t *start, uint32_t n_users, uint64_t event)
{
    uint32_t low = 0, high = n_users;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (start[middle] <= event) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool add_user_requests(const rk_model *model, const rk_user_draw *draw, const uint64_t *start, rk_requests *out)
{
    uint32_t n_users = rk_model_n_users(model);
    rk_random random = rk_random_of(draw->seed, STREAM_USERS);
    bool is_marked = mark(out);
    for (int i = 0; i < USER_REQUESTS && is_marked; i++) {
        uint32_t user = draw->draw == RK_DRAW_UNIFORM || start[n_users] == 0
                            ? rk_random_below(&random, n_users)
                            : user_of_event(start, n_users, rk_random_u64(&random) % start[n_users]);
        rk_text_add(&out->bytes, "GET /v1/recommend?user=");
        add_encoded(&out->bytes, rk_names_get(rk_model_users(model), user));
        rk_text_addf(&out->bytes, "&n=%u HTTP/1.1\r\n%s\r\n", draw->n_items, draw->headers);
        is_marked = mark(out);
    }
    return is_marked;
}

rk_status rk_requests_of_users(const rk_user_draw *draw, rk_requests *out, rk_error *err)
{
    *out = (rk_requests){0};
    rk_model *model = NULL;
    rk_arena arena = {0};
    rk_status status = rk_model_open(draw->model_path, &model, err);
    if (status != RK_OK) {
        return status;
    }
    uint32_t n_users = rk_model_n_users(model);
    uint64_t *start = RK_TAKE(&arena, uint64_t, (size_t)n_users + 1);
    for (uint32_t u = 0; start && u < n_users; u++) {
        start[u + 1] = start[u] + rk_model_seen(model, u).n;
    }
    if (n_users == 0) {
        status = rk_fail(err, RK_BAD_INPUT, "%s knows no users to ask for", draw->model_path);
    } else {
        status = check(out, start && add_user_requests(model, draw, start, out), err);
    }
    rk_arena_release(&arena);
    rk_model_close(model);
    return status;
}

/* ---- a file ---- */

static bool is_target(rk_slice line)
{
    for (size_t i = 0; i < line.n; i++) {
        if ((unsigned char)line.at[i] <= ' ' || line.at[i] == 0x7f) {
            return false;
        }
    }
    return line.at[0] == '/';
}

static rk_status add_targets(rk_slice rest, const char *path, const char *headers, rk_requests *out, rk_error *err)
{
    bool is_marked = mark(out);
    for (size_t number = 1; rest.n > 0 && is_marked; number++) {
        const char *end = memchr(rest.at, '\n', rest.n);
        rk_slice line = {rest.at, end ? (size_t)(end - rest.at) : rest.n};
        size_t used = end ? line.n + 1 : line.n;
        rest = (rk_slice){rest.at + used, rest.n - used};
        line = rk_slice_trim(line);
        if (line.n > 0 && !is_target(line)) {
            return rk_fail_at(err, (rk_place){path, number, 0},
                              "a target must begin with '/' and hold no blanks, got '%.*s'",
                              (int)(line.n < 60 ? line.n : 60), line.at);
        }
        if (line.n > 0) {
            rk_text_addf(&out->bytes, "GET %.*s HTTP/1.1\r\n%s\r\n", (int)line.n, line.at, headers);
            is_marked = mark(out);
        }
    }
    return is_marked ? RK_OK : rk_fail_memory(err, "the requests");
}

rk_status rk_requests_of_file(const char *path, const char *headers, rk_requests *out, rk_error *err)
{
    *out = (rk_requests){0};
    rk_mapped file;
    rk_status status = rk_mapped_open(path, &file, err);
    if (status != RK_OK) {
        return status;
    }
    status = add_targets((rk_slice){(const char *)file.at, file.n_bytes}, path, headers, out, err);
    rk_mapped_close(&file);
    if (status == RK_OK && rk_requests_count(out) == 0) {
        status = rk_fail(err, RK_BAD_INPUT, "%s holds no targets", path);
    }
    if (status != RK_OK) {
        rk_requests_release(out);
        return status;
    }
    return check(out, true, err);
}
