/* postgres_none.c - in the place of postgres.c where libpq was not there. */
#include "stream/kind.h"

const rk_stream_kind rk_stream_postgres = {.name = "postgres", .needs = "libpq"};
