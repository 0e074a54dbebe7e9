/* csv_reference.h - RFC 4180 read one letter at a time, slow and plain: what the fast parser is held to. */
#ifndef RECKON_TESTS_CSV_REFERENCE_H
#define RECKON_TESTS_CSV_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

enum { REFERENCE_COLUMNS = 4 };

typedef struct {
    char *cell[REFERENCE_COLUMNS]; /* owned, trimmed; "" where the row has none */
    size_t n_cells, line;          /* line of its first letter, from 1 */
} reference_row;

/* The rows of text[n]; *n_rows of them; blank lines are none. Asserts that quotes are closed. */
reference_row *reference_read(const char *text, size_t n, char delimiter, size_t *n_rows);
void reference_free(reference_row *rows, size_t n_rows);

#endif
