/* rate_cards.h - a rate card as text: one service with a quote in its name, every part of a rate in its own category.
 */
#ifndef RECKON_TESTS_SERVE_RATE_CARDS_H
#define RECKON_TESTS_SERVE_RATE_CARDS_H

#define RATE_CARD(hour_nanos)                                                                                          \
    "{\"reckon\":\"rates/"                                                                                             \
    "1\",\"plan\":\"p\",\"currency\":\"EUR\",\"first_month\":\"2026-02\",\"last_month\":\"2026-03\","                  \
    "\"rates\":[{\"service\":\"we\\\"b\",\"variant\":null,\"machine\":\"m\",\"machine_hour_nanos\":" #hour_nanos       \
    ",\"cpu_second_nanos\":50000,\"cpu_second_with_idle_nanos\":70000,\"gb_nanos\":3000000,\"request_nanos\":40,"      \
    "\"request_share_nanos\":900,\"memory_gib_month_nanos\":0,\"by_category\":{\"operations\":{\"gb_nanos\":3000000}," \
    "\"data\":{\"request_nanos\":40},\"labour\":{\"request_share_nanos\":900}},\"cpu_ms_per_request\":1,"              \
    "\"response_bytes\":1000}],\"notes\":[]}"

#endif
