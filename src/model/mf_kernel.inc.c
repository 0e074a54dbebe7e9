/* mf_kernel.inc.c - the steps of mf_kernel.h over the vectors of lanes.h; included once per instruction set.
 *
 * The includer has included lanes.h and <math.h> and defines TABLE and NAME.
 * While one user's ratings last, the user's vector stays in registers and only items come and go. A step waits for the
 * one before it, so the sum over lanes is what takes the time; the next items are asked for meanwhile.
 */
enum { AHEAD = 8, VECTORS_MAX = 48 / LANES };

/* One side in a step: the vector, and how it moves. */
typedef struct {
    const rk_mf_pace *pace;
    float *path; /* NULL: none is kept */
} mover;

TARGET __attribute__((always_inline)) static inline float rate_of(mover m)
{
    return m.path ? m.pace->step / sqrtf(*m.path) : m.pace->step;
}

TARGET __attribute__((always_inline)) static inline lanes way_down(const rk_mf_pace *pace, size_t at, lanes x, lanes y,
                                                                   lanes error)
{
    return fused(load(pace->free + at) * error, y, -(load(pace->pull + at) * x));
}

TARGET __attribute__((always_inline)) static inline void step(lanes *x, float *y, mover user, mover item, float miss,
                                                              size_t n_vectors)
{
    lanes product = {0}, user_way = {0}, item_way = {0};
    lanes user_rate = spread(rate_of(user)), item_rate = spread(rate_of(item));
    for (size_t v = 0; v < n_vectors; v++) {
        product = fused(x[v], load(y + v * LANES), product);
    }
    lanes error = spread(miss - sum1(product));
    for (size_t v = 0; v < n_vectors; v++) {
        size_t at = v * LANES;
        lanes other = load(y + at), mine = x[v];
        lanes down = way_down(user.pace, at, mine, other, error),
              down_item = way_down(item.pace, at, other, mine, error);
        x[v] = fused(user_rate, down, mine);
        store(y + at, fused(item_rate, down_item, other));
        if (user.path) {
            user_way = fused(down, down, user_way);
            item_way = fused(down_item, down_item, item_way);
        }
    }
    if (user.path) {
        *user.path += user.pace->share * sum1(user_way);
        *item.path += item.pace->share * sum1(item_way);
    }
}

TARGET static inline void fetch(const float *vector, size_t width)
{
    enum { LINE = 16 };
    for (size_t i = 0; i < width; i += LINE) {
        __builtin_prefetch(vector + i, 1);
    }
}

/* room: for a user's n_vectors, or NULL: they stay where they lie. */
TARGET __attribute__((always_inline)) static inline void walk_by(const rk_mf_pace *users, const rk_mf_pace *items,
                                                                 const rk_mf_rating *ratings, size_t n, lanes *room,
                                                                 size_t n_vectors, bool has_paths)
{
    size_t width = n_vectors * LANES;
    for (size_t i = 0; i < n;) {
        uint32_t user = ratings[i].user;
        float *at = users->vector + user * width, path = has_paths ? users->path[user >> users->path_shift] : 0;
        lanes *x = room ? room : (lanes *)(void *)at;
        for (size_t v = 0; room && v < n_vectors; v++) {
            x[v] = load(at + v * LANES);
        }
        for (; i < n && ratings[i].user == user; i++) {
            if (i + AHEAD < n) {
                fetch(items->vector + ratings[i + AHEAD].item * width, width);
                fetch(users->vector + ratings[i + AHEAD].user * width, width);
            }
            uint32_t item = ratings[i].item;
            step(x, items->vector + item * width, (mover){users, has_paths ? &path : NULL},
                 (mover){items, has_paths ? items->path + (item >> items->path_shift) : NULL}, ratings[i].miss,
                 n_vectors);
        }
        for (size_t v = 0; room && v < n_vectors; v++) {
            store(at + v * LANES, x[v]);
        }
        if (has_paths) {
            users->path[user >> users->path_shift] = path;
        }
    }
}

/* Widths that fit the registers have their loops unrolled. */
TARGET __attribute__((always_inline)) static inline void walk_wide(const rk_mf_pace *users, const rk_mf_pace *items,
                                                                   const rk_mf_rating *ratings, size_t n, size_t width,
                                                                   bool has_paths)
{
    lanes room[VECTORS_MAX];
    switch (width) {
    case 16:
        walk_by(users, items, ratings, n, room, 16 / LANES, has_paths);
        break;
    case 32:
        walk_by(users, items, ratings, n, room, 32 / LANES, has_paths);
        break;
    case 48:
        walk_by(users, items, ratings, n, room, 48 / LANES, has_paths);
        break;
    default:
        walk_by(users, items, ratings, n, NULL, width / LANES, has_paths);
    }
}

TARGET static void walk(const rk_mf_pace *users, const rk_mf_pace *items, const rk_mf_rating *ratings, size_t n,
                        size_t width)
{
    if (users->path) {
        walk_wide(users, items, ratings, n, width, true);
    } else {
        walk_wide(users, items, ratings, n, width, false);
    }
}

const rk_mf_kernels TABLE = {NAME, walk};
