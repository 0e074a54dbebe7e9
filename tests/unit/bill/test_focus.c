/* The validator: a line of a bill that keeps every rule, changed in one place, breaks just the rules it should. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bill/focus.h"
#include "support/test.h"

/* All 57 columns; those not named are null. */
static const struct {
    const char *column, *value;
} good[] = {
    {"BilledCost", "0.6"},
    {"BillingAccountId", "acc-1"},
    {"BillingAccountName", "Shop"},
    {"BillingAccountType", "Account"},
    {"BillingCurrency", "EUR"},
    {"BillingPeriodEnd", "2026-11-01T00:00:00Z"},
    {"BillingPeriodStart", "2026-10-01T00:00:00Z"},
    {"ChargeCategory", "Usage"},
    {"ChargeDescription", "two hours"},
    {"ChargeFrequency", "Usage-Based"},
    {"ChargePeriodEnd", "2026-10-01T02:00:00Z"},
    {"ChargePeriodStart", "2026-10-01T00:00:00Z"},
    {"ConsumedQuantity", "2"},
    {"ConsumedUnit", "Hours"},
    {"ContractedCost", "0.6"},
    {"ContractedUnitPrice", "0.3"},
    {"EffectiveCost", "0.6"},
    {"InvoiceIssuerName", "Cloud"},
    {"ListCost", "1"},
    {"ListUnitPrice", "0.5"},
    {"PricingCategory", "Standard"},
    {"PricingCurrency", "EUR"},
    {"PricingCurrencyContractedUnitPrice", "0.3"},
    {"PricingCurrencyEffectiveCost", "0.6"},
    {"PricingCurrencyListUnitPrice", "0.5"},
    {"PricingQuantity", "2"},
    {"PricingUnit", "Hours"},
    {"ProviderName", "Cloud"},
    {"PublisherName", "Cloud"},
    {"ServiceCategory", "Compute"},
    {"ServiceName", "Machines"},
    {"ServiceSubcategory", "Virtual Machines"},
    {"SkuId", "m"},
    {"SkuMeter", "Hours"},
    {"SkuPriceId", "m.1"},
    {"Tags", "{\"team\": \"search\"}"},
};

static const char *good_value(const char *column)
{
    for (size_t i = 0; i < RK_COUNT_OF(good); i++) {
        if (strcmp(good[i].column, column) == 0) {
            return good[i].value;
        }
    }
    return NULL;
}

/* changes: "Column=value;Column=;Column!" - another value, a null, no such column. */
static const char *changed(const char *changes, const char *column, char *out, size_t out_bytes, bool *is_gone)
{
    size_t n = strlen(column);
    *is_gone = false;
    for (const char *at = changes; at && *at; at += strcspn(at, ";"), at += *at == ';') {
        if (strncmp(at, column, n) == 0 && (at[n] == '=' || at[n] == '!')) {
            *is_gone = at[n] == '!';
            snprintf(out, out_bytes, "%.*s", (int)strcspn(at + n + 1, ";"), at + n + 1);
            return *out ? out : NULL;
        }
    }
    return good_value(column);
}

static void add_line(const char *changes, bool is_header, const char *header_changes, rk_text *out)
{
    bool is_first = true, is_gone;
    char value[256];
    for (size_t c = 0; c < RK_N_FOCUS_COLUMNS; c++) {
        const char *name = rk_focus_columns[c].name;
        (void)changed(header_changes, name, value, sizeof value, &is_gone);
        if (is_gone) {
            continue;
        }
        const char *cell = is_header ? name : changed(changes, name, value, sizeof value, &is_gone);
        rk_text_add_cell(out, rk_slice_of(cell), is_first);
        is_first = false;
    }
    rk_text_add(out, "\n");
}

/* "Rule Rule ..." of a bill of one good line and one with changes. */
static void rules_broken(const char *changes, uint32_t supports, rk_text *out)
{
    static const rk_run quiet;
    rk_text text = {0};
    rk_bill *bill = NULL;
    rk_focus_report *report = NULL;
    rk_error err;
    rk_focus_options options = {.supports = supports};
    add_line(NULL, true, changes, &text);
    add_line(NULL, false, changes, &text);
    add_line(changes, false, changes, &text);
    assert_int_equal(rk_bill_open_text((rk_slice){text.at, text.n}, "b.csv", &bill, &err), RK_OK);
    assert_int_equal(rk_focus_check(bill, &options, &quiet, &report, &err), RK_OK);
    rk_text_clear(out);
    bool conforms = true;
    for (size_t i = 0; i < rk_focus_report_n_broken(report); i++) {
        const rk_focus_broken *broken = rk_focus_report_broken(report, i);
        rk_text_addf(out, "%s%s", i > 0 ? " " : "", broken->id);
        conforms = conforms && broken->level == RK_FOCUS_SHOULD;
        assert_true(broken->first[0].row == 0 || broken->first[0].row == 2);
        assert_int_equal(broken->first[0].line, broken->first[0].row ? 3 : 0);
    }
    assert_int_equal(conforms, rk_focus_report_conforms(report));
    rk_focus_report_free(report);
    rk_bill_close(bill);
    rk_text_release(&text);
}

static void one_change_breaks_its_rules_and_no_other(void **state)
{
    (void)state;
    static const struct {
        const char *changes, *broken;
    } cases[] = {
        {"", ""},
        {"BilledCost=", "BilledCost-C-003-M"},
        {"BilledCost=abc", "BilledCost-C-001-M BilledCost-C-004-M"},
        {"BilledCost=+0.6", "BilledCost-C-002-M"},
        {"BilledCost=6E-1", ""},
        {"BilledCost=-0.6", ""},
        {"BillingCurrency=EURO", "BillingCurrency-C-003-M"},
        {"BillingCurrency=XQQ", "BillingCurrency-C-006-M"},
        {"BillingPeriodStart=2026-10-01 00:00:00", "BillingPeriodStart-C-002-M"},
        {"BillingPeriodStart=October", "BillingPeriodStart-C-001-M"},
        {"ChargePeriodEnd=2026-10-01T00:00:00Z", "ChargePeriodEnd-C-004-M"},
        {"ChargeCategory=Use", "ChargeCategory-C-003-M ConsumedQuantity-C-004-C"},
        {"ChargeClass=Fix", "ChargeClass-C-005-C"},
        {"ChargeClass=Correction", ""},
        {"ChargeClass=Correction;ListUnitPrice=;ContractedUnitPrice=;PricingCategory=", ""},
        {"ListUnitPrice=", "ListUnitPrice-C-005-C"},
        {"ListUnitPrice=-0.5;ListCost=-1", "ListUnitPrice-C-008-M"},
        {"ListCost=1.000001", "ListCost-C-009-C ListUnitPrice-C-010-C"},
        {"ListCost=1.0000004", "ListCost-C-009-C ListUnitPrice-C-010-C"}, /* seven places: meant */
        {"ListCost=0.999999;ListUnitPrice=0.49999975", ""},               /* 0.9999995 is within half of 0.000001 */
        {"ContractedCost=0.7", "ContractedUnitPrice-C-011-C"},
        {"ChargeClass=Correction;ContractedCost=0.7", ""},
        {"ConsumedQuantity=", "ConsumedQuantity-C-006-C ConsumedUnit-C-005-C"},
        {"ConsumedUnit=", "ConsumedUnit-C-006-C"},
        {"ConsumedUnit=hours", "ConsumedUnit-C-003-O"},
        {"PricingUnit=GB-months", "PricingUnit-C-003-O"},
        {"PricingUnit=Monkeys", ""},
        {"PricingQuantity=", "PricingQuantity-C-005-C PricingUnit-C-005-C"},
        {"RegionId=eu", "RegionName-C-005-C"},
        {"RegionName=Europe", "RegionName-C-004-C"},
        {"ResourceId=i-1", "ResourceType-C-005-C"},
        {"ServiceName=Others;ServiceCategory=Storage", "ServiceSubcategory-C-004-M"},
        {"ServiceCategory=Networking;ServiceSubcategory=Network Routing", "ServiceName-C-005-C ServiceName-C-008-C"},
        {"ServiceName=Others;ServiceCategory=Cloudy;ServiceSubcategory=Clouds",
         "ServiceCategory-C-003-M ServiceSubcategory-C-003-M"},
        {"SkuId=n", "SkuPriceId-C-008-M"},
        {"SkuId=;SkuPriceId=", "SkuId-C-005-C SkuMeter-C-004-C SkuPriceId-C-005-C"},
        {"SkuMeter=", "SkuMeter-C-005-C"},
        {"Tags={\"a\": 1, \"a\": 2}", "Tags-C-001-M"},
        {"Tags={\"a\": {}}", "Tags-C-001-M"},
        {"Tags=team", "Tags-C-001-M"},
        {"AvailabilityZone=N/A", "NullHandling-A-002-M"},
        {"AvailabilityZone= ", "NullHandling-A-002-M"},
        /* errata: the text of the specification, not its rule file */
        {"CommitmentDiscountId=c;CommitmentDiscountStatus=Used;CommitmentDiscountCategory=Usage;"
         "CommitmentDiscountType=R;CommitmentDiscountQuantity=2;CommitmentDiscountUnit=Hours",
         ""},
        {"CommitmentDiscountId=c;CommitmentDiscountStatus=Active;CommitmentDiscountCategory=Usage;"
         "CommitmentDiscountType=R;CommitmentDiscountQuantity=2;CommitmentDiscountUnit=Hours",
         "CommitmentDiscountStatus-C-005-M"},
        {"CommitmentDiscountStatus=Used", "CommitmentDiscountStatus-C-003-C"},
        {"CommitmentDiscountQuantity=2;CommitmentDiscountUnit=Hours", "CommitmentDiscountQuantity-C-007-C"},
        {"CapacityReservationId=r", "CapacityReservationStatus-C-004-C"},
        {"CapacityReservationStatus=Unused", "CapacityReservationId-C-005-C CapacityReservationStatus-C-003-C"},
        {"InvoiceId=7", ""},
        {"InvoiceIssuerName=Reseller", ""},
        {"ChargeCategory=Purchase;ConsumedQuantity=;ConsumedUnit=", "ChargeFrequency-C-004-C"},
        {"ChargeCategory=Purchase;ConsumedQuantity=;ConsumedUnit=;ChargeFrequency=One-Time", ""},
        {"ChargeCategory=Tax;ConsumedQuantity=;ConsumedUnit=;ListUnitPrice=;ContractedUnitPrice=;PricingCategory=;"
         "PricingQuantity=;PricingUnit=;SkuId=;SkuMeter=;SkuPriceId=;PricingCurrencyListUnitPrice=;"
         "PricingCurrencyContractedUnitPrice=",
         ""},
        /* columns */
        {"BilledCost!", "CostAndUsage-D-006-M"},
        {"InvoiceId!", "CostAndUsage-D-033-O"},
        {"RegionId!;RegionName!", ""},
    };
    rk_text broken = {0};
    for (size_t i = 0; i < RK_COUNT_OF(cases); i++) {
        rules_broken(cases[i].changes, 0, &broken);
        if (strcmp(broken.at ? broken.at : "", cases[i].broken) != 0) {
            fail_msg("%s breaks %s, not %s", cases[i].changes, broken.at, cases[i].broken);
        }
    }
    rk_text_release(&broken);
}

static void what_a_provider_supports_must_have_its_columns(void **state)
{
    (void)state;
    rk_text broken = {0};
    rules_broken("RegionId!", 1u << RK_C_REGION, &broken);
    assert_string_equal(broken.at, "CostAndUsage-D-063-C");
    rules_broken("", (1u << RK_N_FOCUS_CRITERIA) - 1, &broken);
    assert_string_equal(broken.at ? broken.at : "", "");
    rk_text_release(&broken);
}

static void criteria_are_found_by_name(void **state)
{
    (void)state;
    uint32_t bits = 0;
    rk_error err;
    assert_int_equal(rk_focus_criterion_find("REGION_SUPPORTED", &bits, &err), RK_OK);
    assert_int_equal(bits, 1u << RK_C_REGION);
    assert_int_equal(rk_focus_criterion_find("REGIONS_SUPPORTED", &bits, &err), RK_BAD_USAGE);
    assert_string_equal(err.message, "FOCUS has no criterion 'REGIONS_SUPPORTED'; did you mean 'REGION_SUPPORTED'?");
}

/* The table is made by a script: every rule names its own column, and its condition other columns or this one. */
static void the_table_is_sound(void **state)
{
    (void)state;
    assert_true(rk_n_focus_rules > 200);
    for (size_t i = 0; i < rk_n_focus_rules; i++) {
        const rk_focus_rule *rule = &rk_focus_rules[i];
        const char *name = rk_focus_columns[rule->column].name;
        bool is_own = strncmp(rule->id, name, strlen(name)) == 0 && rule->id[strlen(name)] == '-';
        assert_true(is_own || rule->check == RK_FOCUS_PRESENT || rule->check == RK_FOCUS_NO_PLACEHOLDER);
        assert_true(rule->n_when <= RK_FOCUS_TERMS_MAX);
        assert_true(rule->n_when == 0 || !rule->when[rule->n_when - 1].or_next);
        assert_int_equal(rule->check == RK_FOCUS_ONE_OF || rule->check == RK_FOCUS_NONE_OF, rule->values != NULL);
    }
    for (size_t c = 1; c < RK_N_FOCUS_COLUMNS; c++) {
        assert_true(strcmp(rk_focus_columns[c - 1].name, rk_focus_columns[c].name) < 0);
    }
}

/* The public sample of the FOCUS group, 1,000 lines: its sums as published beside it, to the millionth. */
static void the_sums_of_a_real_bill_come_out(void **state)
{
    (void)state;
    static const char *const sums[] = {"20.520227", "14.976514", "20.390906", "14.97626"};
    static const rk_run quiet;
    const char *shared = getenv("SHARED_DATA");
    char path[4096];
    rk_bill *bill = NULL;
    rk_focus_report *report = NULL;
    rk_error err;
    snprintf(path, sizeof path, "%s/focus-sample/focus_sample.csv.gz", shared ? shared : "");
    if (!shared || rk_bill_open(path, &bill, &err)) {
        TEST_SKIP("SHARED_DATA has no focus-sample");
    }
    assert_int_equal(rk_focus_check(bill, &(rk_focus_options){0}, &quiet, &report, &err), RK_OK);
    assert_int_equal(rk_focus_report_rows(report), 1000);
    assert_int_equal(rk_focus_report_n_columns(report), 44);
    for (size_t i = 0; i < RK_FOCUS_N_SUMS; i++) {
        assert_string_equal(rk_focus_report_sum(report, i)->sum, sums[i]);
    }
    assert_int_equal(rk_focus_report_sum(report, 3)->n_null, 7);
    assert_false(rk_focus_report_conforms(report));
    rk_focus_report_free(report);
    rk_bill_close(bill);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_change_breaks_its_rules_and_no_other),
        cmocka_unit_test(what_a_provider_supports_must_have_its_columns),
        cmocka_unit_test(criteria_are_found_by_name),
        cmocka_unit_test(the_table_is_sound),
        cmocka_unit_test(the_sums_of_a_real_bill_come_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
