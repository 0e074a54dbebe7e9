/* error.h - how reckon says what went wrong.
 *
 * A function that can fail returns rk_status and takes `rk_error *err` last. The
 * status is for the program, the message for a person: one line, lower case, what
 * went wrong first, the offending text in quotes, no full stop. Nothing below
 * cli/ and serve/ prints or exits.
 */
#ifndef RECKON_BASE_ERROR_H
#define RECKON_BASE_ERROR_H

#include <stdarg.h>
#include <stddef.h>

#define RK_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define RK_MUST_CHECK __attribute__((warn_unused_result))
#define RK_COUNT_OF(array) (sizeof(array) / sizeof *(array))

typedef enum {
    RK_OK = 0,
    RK_BAD_USAGE,   /* the command line makes no sense */
    RK_BAD_INPUT,   /* a file or request is malformed: the user can mend it */
    RK_NOT_FOUND,   /* a file, a key, a user, an item */
    RK_IO,          /* the machine refused: disk full, permission, broken pipe */
    RK_NO_MEMORY,   /* */
    RK_UNSUPPORTED, /* known, but not built into this program */
    RK_STOPPED,     /* the caller asked to stop */
} rk_status;

typedef struct {
    rk_status status;
    char message[512]; /* one line, no newline, no full stop */
} rk_error;

/* A spot in the input. Lines and columns count from 1, columns in bytes; 0 = unknown and left out of the message. */
typedef struct {
    const char *path; /* borrowed */
    size_t line, column;
} rk_place;

/* Fill err and return the status, so that a failure is one line at the call site. err may be NULL. */
rk_status rk_fail(rk_error *err, rk_status status, const char *fmt, ...) RK_PRINTF(3, 4);
/* RK_BAD_INPUT with "path:line:column: " in front. */
rk_status rk_fail_at(rk_error *err, rk_place at, const char *fmt, ...) RK_PRINTF(3, 4);
/* status with ": " and the text of errno_value behind the message. */
rk_status rk_fail_errno(rk_error *err, rk_status status, int errno_value, const char *fmt, ...) RK_PRINTF(4, 5);
/* RK_NO_MEMORY; what: "3 item vectors". */
rk_status rk_fail_memory(rk_error *err, const char *what);

/* The contract of design.md: 0 done, 1 failed, 2 misuse, 3 bad input (missing, malformed). */
int rk_exit_code(rk_status status);

#endif
