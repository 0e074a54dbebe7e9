/* test_question.c - what questions find is what going through all items by hand finds: filters, orders, pages, facets.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/shop_index.h"
#include "support/test.h"
#include "text/question.h"

enum { ITEMS = 1500, WORDS = 12, BRANDS = 7, PATHS = 6, COLOURS = 5, BAND_MAX = 40 };

static const char *const words[WORDS] = {"lamp", "chair", "table", "mug",   "plate", "clock",
                                         "sofa", "shelf", "vase",  "stool", "bowl",  "rug"};
static const char *const brands[BRANDS] = {"",    "Acme",    "Bolt & Co", "Caf\xC3\xA9 Noir", "D\xC3\xBCrer",
                                           "Eco", "Acme Pro"};
/* Of one brand, another way to write it, that must count as the same. */
static const char *const brands_again[BRANDS] = {"", "ACME", "bolt & co", "Cafe noir", "durer", "eco", "ACME pro"};
static const char *const paths[PATHS] = {
    "", "home", "home > kitchen", "home > kitchen > mugs", "homeware", "garden > kitchen"};
static const char *const colours[COLOURS] = {"", "red", "blue", "dark red", "green"};

typedef struct {
    bool has[WORDS];
    unsigned brand, path, colour, size; /* size 0: none */
    int cents;                          /* -1: none */
    int stock;                          /* -1: not said */
} product;

static product shop[ITEMS];

static void draw(product *p, uint64_t *seed)
{
    for (size_t w = 0; w < WORDS; w++) {
        p->has[w] = test_random(seed) % (2 + w) == 0;
    }
    p->brand = test_random(seed) % BRANDS;
    p->path = test_random(seed) % PATHS;
    p->colour = test_random(seed) % COLOURS;
    p->size = test_random(seed) % 9;
    p->cents = test_random(seed) % 8 == 0
                   ? -1
                   : (int)(test_random(seed) % 200 * test_random(seed) % 200) * 25 + (int)(test_random(seed) % 2) * 9;
    p->stock = (int)(test_random(seed) % 4) - 1;
}

static void write_product(const product *p, size_t i, rk_text *out)
{
    rk_text_addf(out, "i%zu,thing", i);
    for (size_t w = 0; w < WORDS; w++) {
        rk_text_addf(out, "%s%s", p->has[w] ? " " : "", p->has[w] ? words[w] : "");
    }
    rk_text_addf(out, ",%s,%s,", i % 3 ? brands[p->brand] : brands_again[p->brand], paths[p->path]);
    if (p->cents >= 0) {
        rk_text_addf(out, "%d.%02d", p->cents / 100, p->cents % 100);
    }
    rk_text_addf(out, ",%s,", colours[p->colour]);
    if (p->size > 0) {
        rk_text_addf(out, i % 2 ? "%u" : "%u.0", p->size);
    }
    if (p->stock >= 0) {
        rk_text_addf(out, ",%d\n", p->stock);
    } else {
        rk_text_add(out, ",\n");
    }
}

static int set_up(void **state)
{
    uint64_t seed = 21;
    rk_text csv = {0};
    rk_asker *asker = NULL;
    rk_error err;
    rk_index_options options = rk_index_defaults();
    options.weight[RK_FIELD_BRAND] = options.weight[RK_FIELD_CATEGORY] = options.weight[RK_FIELD_ATTRIBUTES] = 0;
    options.is_bare = true;
    rk_text_add(&csv, "id,title,brand,category,price,colour,size_cm,stock\n");
    for (size_t i = 0; i < ITEMS; i++) {
        draw(&shop[i], &seed);
        write_product(&shop[i], i, &csv);
    }
    rk_index *index = test_index_of(csv.at, &options);
    rk_text_release(&csv);
    assert_int_equal(rk_asker_new(rk_index_corpus(index), &asker, &err), RK_OK);
    *state = asker;
    return 0;
}

static int tear_down(void **state)
{
    rk_asker_free(*state);
    test_index_release();
    return 0;
}

/* ---- a question, and which products it means ---- */

typedef struct {
    bool any[WORDS], must[WORDS], not [WORDS];
    bool brand[BRANDS], no_brand[BRANDS], colour[COLOURS];
    unsigned path;     /* 0: none */
    int low, high;     /* cents; high -1: none */
    unsigned size_min; /* 0: none */
    int stock;         /* -1: none, 0, 1 */
    bool has_brand, has_colour, has_any, has_must;
} meaning;

static const char *draw_words(const char *sign, bool *set, bool *has, uint64_t *seed, rk_text *out)
{
    for (uint32_t n = test_random(seed) % 3; n > 0; n--) {
        size_t w = test_random(seed) % WORDS;
        set[w] = *has = true;
        rk_text_addf(out, " %s%s", sign, words[w]);
    }
    return sign;
}

static void draw_brands(meaning *m, uint64_t *seed, rk_text *out)
{
    if (test_random(seed) % 3 == 0) {
        unsigned a = 1 + test_random(seed) % (BRANDS - 1), b = 1 + test_random(seed) % (BRANDS - 1);
        m->brand[a] = m->brand[b] = m->has_brand = true;
        if (test_random(seed) % 2) {
            rk_text_addf(out, " brand:(%s,\"%s\")", brands[a], brands_again[b]);
        } else {
            rk_text_addf(out, " brand:\"%s\" BRAND:\"%s\"", brands_again[a], brands[b]);
        }
    }
    if (test_random(seed) % 5 == 0) {
        unsigned a = 1 + test_random(seed) % (BRANDS - 1);
        m->no_brand[a] = true;
        rk_text_addf(out, " -brand:\"%s\"", brands[a]);
    }
}

static void draw_rest(meaning *m, uint64_t *seed, rk_text *out)
{
    if (test_random(seed) % 4 == 0) {
        m->path = 1 + test_random(seed) % (PATHS - 1);
        rk_text_addf(out, " category:\"%s\"", paths[m->path]);
    }
    if (test_random(seed) % 4 == 0) {
        m->low = (int)(test_random(seed) % 100) * 100;
        m->high = m->low + (int)(test_random(seed) % 200) * 100;
        rk_text_addf(out, test_random(seed) % 2 ? " price:%d..%d" : " price>=%d price<=%d", m->low / 100,
                     m->high / 100);
    }
    if (test_random(seed) % 5 == 0) {
        m->size_min = 1 + test_random(seed) % 8;
        rk_text_addf(out, " cm>=%u", m->size_min);
    }
    if (test_random(seed) % 4 == 0) {
        unsigned c = 1 + test_random(seed) % (COLOURS - 1);
        m->colour[c] = m->has_colour = true;
        rk_text_addf(out, " colour:\"%s\"", colours[c]);
    }
    if (test_random(seed) % 5 == 0) {
        m->stock = (int)(test_random(seed) % 2);
        rk_text_add(out, m->stock ? " in:stock" : " stock:no");
    }
}

static meaning draw_question(uint64_t *seed, rk_text *out)
{
    meaning m = {.high = -1, .stock = -1};
    bool has_not = false;
    rk_text_clear(out);
    draw_words("", m.any, &m.has_any, seed, out);
    if (test_random(seed) % 3 == 0) {
        draw_words("+", m.must, &m.has_must, seed, out);
    }
    if (test_random(seed) % 3 == 0) {
        draw_words("-", m.not, &has_not, seed, out);
    }
    draw_brands(&m, seed, out);
    draw_rest(&m, seed, out);
    if (!out->at) {
        rk_text_add(out, "");
    }
    return m;
}

static bool is_under(unsigned path, unsigned wanted)
{
    size_t n = strlen(paths[wanted]);
    return strncmp(paths[path], paths[wanted], n) == 0 && (paths[path][n] == '\0' || paths[path][n] == ' ');
}

typedef enum { ALL, BUT_BRAND, BUT_COLOUR } parts;

static bool fits(const product *p, const meaning *m, parts which)
{
    bool has_any = !m->has_any && !m->has_must;
    for (size_t w = 0; w < WORDS; w++) {
        has_any |= (m->any[w] || m->must[w]) && p->has[w];
        if ((m->must[w] && !p->has[w]) || (m->not [w] && p->has[w])) {
            return false;
        }
    }
    return has_any && (which == BUT_BRAND || !m->has_brand || m->brand[p->brand]) && !m->no_brand[p->brand] &&
           (which == BUT_COLOUR || !m->has_colour || m->colour[p->colour]) &&
           (m->path == 0 || is_under(p->path, m->path)) &&
           (m->high < 0 || (p->cents >= m->low && p->cents <= m->high)) && p->size >= m->size_min &&
           (m->stock < 0 || (p->stock >= 0 && (p->stock > 0) == (m->stock > 0)));
}

/* Asks for nothing at all. */
static bool is_empty(const rk_question *q) { return q->n_terms + q->n_conditions + q->n_without == 0; }

/* ---- comparing ---- */

typedef struct {
    uint32_t item;
    double key; /* smaller first, NaN last */
} placed;

static int by_key(const void *a, const void *b)
{
    const placed *x = a, *y = b;
    if (isnan(x->key) != isnan(y->key)) {
        return isnan(x->key) ? 1 : -1;
    }
    if (!isnan(x->key) && x->key < y->key) {
        return -1;
    }
    return !isnan(x->key) && x->key > y->key ? 1 : (x->item > y->item) - (x->item < y->item);
}

static double key_for(const rk_asker *asker, const char *sort, uint32_t item, const rk_question *q)
{
    const product *p = &shop[item];
    double sign = sort[0] == '-' ? -1 : 1;
    if (strstr(sort, "price")) {
        return p->cents < 0 ? NAN : sign * p->cents;
    }
    if (strstr(sort, "size")) {
        return p->size == 0 ? NAN : sign * p->size;
    }
    return -(double)rk_question_score(asker, q, item);
}

static void a_page_is_what_going_through_all_items_finds(void **state)
{
    static const char *const sorts[] = {"relevance", "relevance", "price", "-price", "size_cm", "-size_cm"};
    static placed order[ITEMS];
    rk_asker *asker = *state;
    rk_arena arena = {0};
    rk_text text = {0};
    uint64_t seed = 4;
    rk_error err;
    size_t n_full = 0;
    for (size_t round = 0; round < 4000; round++) {
        rk_question q;
        rk_findings found;
        meaning m = draw_question(&seed, &text);
        const char *sort = sorts[test_random(&seed) % RK_COUNT_OF(sorts)];
        rk_page page = {.n = test_random(&seed) % 30, .from = test_random(&seed) % 3 ? 0 : test_random(&seed) % 200};
        size_t n_all = 0;
        assert_int_equal(rk_question_read(asker, (rk_slice){text.at, text.n}, &q, &err), RK_OK);
        assert_int_equal(rk_sort_read(rk_index_corpus(test_index()), rk_slice_of(sort), &page.sort, &err), RK_OK);
        assert_int_equal(rk_question_page(asker, &q, &page, &arena, &found, &err), RK_OK);
        for (uint32_t i = 0; i < ITEMS && !is_empty(&q); i++) {
            if (fits(&shop[i], &m, ALL)) {
                order[n_all++] = (placed){i, key_for(asker, sort, i, &q)};
            }
        }
        qsort(order, n_all, sizeof *order, by_key);
        size_t n = n_all > page.from ? n_all - page.from : 0;
        n = n < page.n ? n : page.n;
        assert_int_equal(found.total, n_all);
        assert_int_equal(found.n, n);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(found.item[i], order[page.from + i].item);
        }
        n_full += n == page.n && q.n_conditions > 0;
        rk_arena_clear(&arena);
    }
    assert_true(n_full > 1000);
    rk_text_release(&text);
    rk_arena_release(&arena);
}

/* ---- facets ---- */

static void facets_leave_their_own_conditions_aside(void **state)
{
    rk_asker *asker = *state;
    rk_arena arena = {0};
    rk_text text = {0};
    uint64_t seed = 5;
    rk_error err;
    for (size_t round = 0; round < 500; round++) {
        rk_question q;
        rk_findings found;
        rk_facet_value values[COLOURS + BRANDS];
        meaning m = draw_question(&seed, &text);
        size_t n = 0, n_brands = 0, by_brand[BRANDS] = {0}, by_colour[COLOURS] = {0};
        assert_int_equal(rk_question_read(asker, (rk_slice){text.at, text.n}, &q, &err), RK_OK);
        assert_int_equal(rk_question_answer(asker, &q, 5, &arena, &found, &err), RK_OK);
        for (size_t i = 0; i < ITEMS && !is_empty(&q); i++) {
            by_brand[shop[i].brand] += fits(&shop[i], &m, BUT_BRAND);
            by_colour[shop[i].colour] += fits(&shop[i], &m, BUT_COLOUR);
        }
        assert_int_equal(rk_facet_count(asker, &found, RK_SLICE("brand"), BRANDS, &arena, values, &n, &err), RK_OK);
        for (size_t b = 1; b < BRANDS; b++) {
            n_brands += by_brand[b] > 0;
        }
        assert_int_equal(n, n_brands);
        for (size_t i = 0; i < n; i++) {
            size_t b = 1;
            while (b < BRANDS && !rk_slice_is(values[i].name, brands[b]) &&
                   !rk_slice_is(values[i].name, brands_again[b])) {
                b++;
            }
            assert_int_equal(values[i].n, by_brand[b]);
            assert_true(i == 0 || values[i].n <= values[i - 1].n);
        }
        assert_int_equal(rk_facet_count(asker, &found, RK_SLICE("colour"), 2, &arena, values, &n, &err), RK_OK);
        size_t most = 0;
        for (size_t c = 1; c < COLOURS; c++) {
            most = by_colour[c] > most ? by_colour[c] : most;
        }
        assert_int_equal(n > 0 ? values[0].n : 0, most);
        rk_arena_clear(&arena);
    }
    rk_text_release(&text);
    rk_arena_release(&arena);
}

/* Each band, asked as a condition, finds as many as were counted; together they are all that have a price. */
static void bands_of_prices_find_what_they_count(void **state)
{
    rk_asker *asker = *state;
    rk_arena arena = {0};
    rk_question q;
    rk_findings found, one;
    rk_error err;
    rk_facet_value values[BAND_MAX];
    size_t n = 0, n_priced = 0;
    assert_int_equal(rk_question_read(asker, RK_SLICE("chair lamp price:3..40"), &q, &err), RK_OK);
    assert_int_equal(rk_question_answer(asker, &q, 5, &arena, &found, &err), RK_OK);
    for (size_t n_max = 1; n_max <= BAND_MAX; n_max += 3) {
        uint64_t sum = 0;
        n_priced = 0;
        assert_int_equal(rk_facet_count(asker, &found, RK_SLICE("price"), n_max, &arena, values, &n, &err), RK_OK);
        assert_true(n >= 1 && n <= n_max);
        for (size_t b = 0; b < n; b++) {
            char text[100];
            snprintf(text, sizeof text, "chair lamp price:%.*s", (int)values[b].name.n, values[b].name.at);
            if (n > 1) {
                assert_int_equal(rk_question_read(asker, rk_slice_of(text), &q, &err), RK_OK);
                assert_int_equal(rk_question_answer(asker, &q, 0, &arena, &one, &err), RK_OK);
                assert_int_equal(one.total, values[b].n);
            }
            sum += values[b].n;
        }
        for (size_t i = 0; i < ITEMS; i++) {
            n_priced += (shop[i].has[0] || shop[i].has[1]) && shop[i].cents >= 0;
        }
        assert_int_equal(sum, n_priced);
    }
    assert_true(n > 4);
    rk_arena_release(&arena);
}

/* ---- single claims ---- */

static uint64_t total_of(rk_asker *asker, const char *text)
{
    rk_arena arena = {0};
    rk_question q;
    rk_findings found;
    rk_error err;
    assert_int_equal(rk_question_read(asker, rk_slice_of(text), &q, &err), RK_OK);
    assert_int_equal(rk_question_answer(asker, &q, 3, &arena, &found, &err), RK_OK);
    rk_arena_release(&arena);
    return found.total;
}

static void a_level_is_found_where_no_category_begins_so(void **state)
{
    uint64_t n = 0;
    for (size_t i = 0; i < ITEMS; i++) {
        n += shop[i].path == 2 || shop[i].path == 3 || shop[i].path == 5;
    }
    assert_int_equal(total_of(*state, "category:kitchen"), n);
    assert_int_equal(total_of(*state, "category:kit"), 0);
}

static void values_are_one_however_they_are_written(void **state)
{
    assert_int_equal(total_of(*state, "brand:\"CAFE noir\""), total_of(*state, "brand:\"Caf\xC3\xA9 Noir\""));
    assert_true(total_of(*state, "brand:durer") > 0);
    assert_int_equal(total_of(*state, "size_cm:5"), total_of(*state, "size_cm:5.0"));
    assert_int_equal(total_of(*state, "size_cm:5"), total_of(*state, "size_cm:5..5"));
    assert_int_equal(total_of(*state, "size_cm:(5,6)"), total_of(*state, "size_cm:5..<7"));
}

static bool holds(const char *relation, int cents, int wanted)
{
    return strcmp(relation, "<") == 0    ? cents < wanted
           : strcmp(relation, "<=") == 0 ? cents <= wanted
           : strcmp(relation, ">") == 0  ? cents > wanted
           : strcmp(relation, ">=") == 0 ? cents >= wanted
                                         : cents == wanted;
}

/* At the cents themselves, where a float is not what is written. */
static void prices_are_compared_to_the_cent(void **state)
{
    static const char *const relations[] = {"<", "<=", ">", ">=", ":"};
    for (size_t i = 0; i < 200; i++) {
        for (size_t r = 0; shop[i].cents >= 0 && r < RK_COUNT_OF(relations); r++) {
            char text[40];
            uint64_t n = 0;
            snprintf(text, sizeof text, "price%s%d.%02d", relations[r], shop[i].cents / 100, shop[i].cents % 100);
            for (size_t k = 0; k < ITEMS; k++) {
                n += shop[k].cents >= 0 && holds(relations[r], shop[k].cents, shop[i].cents);
            }
            assert_int_equal(total_of(*state, text), n);
        }
    }
}

static void what_is_not_closed_is_words(void **state)
{
    static const char *const odd[] = {"brand:(", "brand:(Acme", "brand:()", "price:..", "price:<",
                                      "lamp \"", ":::",         "+",        "-"};
    for (size_t i = 0; i < RK_COUNT_OF(odd); i++) {
        total_of(*state, odd[i]); /* no error, and no reading outside */
    }
    assert_int_equal(total_of(*state, "brand:\"Acme\" lamp"), total_of(*state, "lamp brand:(Acme)"));
}

static void what_cannot_be_done_is_said(void **state)
{
    rk_asker *asker = *state;
    rk_arena arena = {0};
    rk_question q;
    rk_findings found;
    rk_sort sort;
    rk_error err;
    rk_text text = {0};
    assert_int_equal(rk_sort_read(rk_index_corpus(test_index()), RK_SLICE("newness"), &sort, &err), RK_NOT_FOUND);
    assert_non_null(strstr(err.message, "no log with times"));
    assert_int_equal(rk_sort_read(rk_index_corpus(test_index()), RK_SLICE("popularity"), &sort, &err), RK_NOT_FOUND);
    assert_int_equal(rk_sort_read(rk_index_corpus(test_index()), RK_SLICE("colour"), &sort, &err), RK_NOT_FOUND);
    assert_int_equal(rk_question_read(asker, RK_SLICE("lamp"), &q, &err), RK_OK);
    rk_page deep = {.n = 10, .from = RK_PAGE_DEPTH_MAX};
    assert_int_equal(rk_question_page(asker, &q, &deep, &arena, &found, &err), RK_BAD_USAGE);
    deep = (rk_page){.n = 10, .from = SIZE_MAX - 3};
    assert_int_equal(rk_question_page(asker, &q, &deep, &arena, &found, &err), RK_BAD_USAGE);
    for (int i = 0; i <= RK_QUESTION_PARTS_MAX; i++) {
        rk_text_add(&text, "size_cm>1 ");
    }
    assert_int_equal(rk_question_read(asker, (rk_slice){text.at, text.n}, &q, &err), RK_BAD_USAGE);
    rk_text_release(&text);
    rk_arena_release(&arena);
}

static void hostile_columns_are_an_error(void **state)
{
    (void)state;
    test_assert_index_refused("column.first", 1, 1);
    test_assert_index_refused("column.first", 0, 1);
    test_assert_index_refused("column.start", 1, 1);
    test_assert_index_refused("column.item", 1, 1 << 7);
    test_assert_index_refused("column.single", 0, 64);
    test_assert_index_refused("column.name.start", 1, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_what_going_through_all_items_finds),
        cmocka_unit_test(facets_leave_their_own_conditions_aside),
        cmocka_unit_test(bands_of_prices_find_what_they_count),
        cmocka_unit_test(a_level_is_found_where_no_category_begins_so),
        cmocka_unit_test(values_are_one_however_they_are_written),
        cmocka_unit_test(prices_are_compared_to_the_cent),
        cmocka_unit_test(what_is_not_closed_is_words),
        cmocka_unit_test(what_cannot_be_done_is_said),
        cmocka_unit_test(hostile_columns_are_an_error),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
