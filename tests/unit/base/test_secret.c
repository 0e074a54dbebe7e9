/* Claims about secret.h: the hash is HMAC-SHA-256, digits come back as they went. */
#include <string.h>

#include "base/secret.h"
#include "support/test.h"

/* RFC 4231, test cases 1, 2 and 6. */
static void the_hash_is_that_of_the_standard(void **state)
{
    (void)state;
    char twenty[20], many[131], hex[2 * RK_DIGEST_BYTES + 1];
    memset(twenty, 0x0b, sizeof twenty);
    memset(many, 0xaa, sizeof many);
    const struct {
        rk_slice key, bytes;
        const char *hash;
    } cases[] = {
        {{twenty, sizeof twenty},
         RK_SLICE("Hi There"),
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {RK_SLICE("Jefe"), RK_SLICE("what do ya want for nothing?"),
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {{many, sizeof many},
         RK_SLICE("Test Using Larger Than Block-Size Key - Hash Key First"),
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        unsigned char digest[RK_DIGEST_BYTES];
        assert_true(rk_secret_hash(cases[i].key, cases[i].bytes, digest));
        rk_hex_format(digest, sizeof digest, hex);
        assert_string_equal(hex, cases[i].hash);
    }
}

static void digits_come_back_and_others_do_not(void **state)
{
    (void)state;
    unsigned char bytes[32], back[32];
    char hex[65];
    rk_error err;
    assert_int_equal(rk_secret_random(bytes, sizeof bytes, &err), RK_OK);
    rk_hex_format(bytes, sizeof bytes, hex);
    assert_true(rk_hex_parse(rk_slice_of(hex), back, sizeof back));
    assert_true(rk_secret_is_equal(bytes, back, sizeof back));
    back[31] ^= 1;
    assert_false(rk_secret_is_equal(bytes, back, sizeof back));
    assert_false(rk_hex_parse(RK_SLICE("0A"), back, 1));
    assert_false(rk_hex_parse(RK_SLICE("0g"), back, 1));
    assert_false(rk_hex_parse(RK_SLICE("00"), back, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hash_is_that_of_the_standard),
        cmocka_unit_test(digits_come_back_and_others_do_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
