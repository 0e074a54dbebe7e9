/* Claims about numbers under a locale that writes 1,5 for one and a half: made for the test with localedef. */
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "support/test.h"

static const char definition[] = "LC_NUMERIC\ndecimal_point \",\"\nthousands_sep \".\"\ngrouping 3\nEND LC_NUMERIC\n";

static bool build_locale(const char *folder)
{
    char path[64], command[256];
    snprintf(path, sizeof path, "%s/comma.src", folder);
    FILE *file = fopen(path, "w");
    if (!file) {
        return false;
    }
    fputs(definition, file);
    fclose(file);
    /* it warns about the categories that are missing, and says so in its exit status */
    snprintf(command, sizeof command, "localedef -c -i %s/comma.src %s/comma >/dev/null 2>&1", folder, folder);
    return system(command) != -1;
}

static bool enter_comma_locale(void)
{
    char folder[] = "/tmp/reckon-locale-XXXXXX", command[64];
    bool is_set = mkdtemp(folder) && build_locale(folder) && setenv("LOCPATH", folder, 1) == 0 &&
                  setlocale(LC_NUMERIC, "comma") != NULL;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command) != -1 && is_set;
}

static void reading_and_writing_keep_the_point(void **state)
{
    (void)state;
    if (!enter_comma_locale()) {
        TEST_SKIP("no localedef here");
    }
    char proof[16];
    snprintf(proof, sizeof proof, "%.1f", 1.5);
    assert_string_equal(proof, "1,5"); /* the locale is in force */

    double value = 0;
    assert_true(rk_parse_real(RK_SLICE("123456789012345678901.5"), &value));
    assert_true(value == 123456789012345678901.5);
    assert_true(rk_parse_real(RK_SLICE("0.3"), &value) && value == 0.3);
    assert_false(rk_parse_real(RK_SLICE("0,3"), &value));

    rk_text text = {0};
    rk_text_add_real(&text, 0.1 + 0.2);
    rk_text_add(&text, " ");
    rk_text_add_fixed(&text, 1234.5, 2);
    rk_text_add(&text, " ");
    rk_text_add_bytes(&text, 1.5e6);
    rk_text_addf(&text, " %.1f", 1.5);
    assert_string_equal(text.at, "0.30000000000000004 1,234.50 1.5 MB 1.5");
    rk_text_release(&text);
    snprintf(proof, sizeof proof, "%.1f", 1.5);
    assert_string_equal(proof, "1,5"); /* and is given back */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reading_and_writing_keep_the_point)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
