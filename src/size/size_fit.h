/* size_fit.h - the estimate against measured rows: factors fitted, errors with one kind of hardware left out.
 *
 * Three tables are known by their columns: measured serving (model, hardware, gpus, precision, isl, osl, concurrency,
 * metric, value), training runs (gpu_hours, tokens_b, params_b) and training throughput (MFU, NumParams). Only the
 * first is fitted. A row that the estimate does not speak about is set aside with the reason.
 */
#ifndef RECKON_SIZE_SIZE_FIT_H
#define RECKON_SIZE_SIZE_FIT_H

#include "base/arena.h"
#include "base/vec.h"
#include "size/size.h"

typedef enum { RK_FIT_SERVING, RK_FIT_RUNS, RK_FIT_THROUGHPUT } rk_size_fit_kind;

typedef struct {
    const char *model, *hardware, *metric;
    size_t line;
    double value, plain, fitted,
        crossed;        /* measured; estimated by the factors given, fitted, fitted without its hardware */
    double low, high;   /* training: the band */
    const char *aside;  /* the reason, NULL = used */
    bool is_sparse;     /* a model of experts */
    rk_size_ask ask;    /* the case, factors left to the caller */
    double concurrency; /* 0 = as many as fit */
} rk_size_row;

typedef struct {
    const char *what;
    size_t n;
    double plain, fitted, crossed; /* mean absolute relative error */
    double worst;                  /* of crossed */
} rk_size_error;

enum { RK_SIZE_ERRORS_MAX = 16 };

typedef struct {
    rk_size_fit_kind kind;
    rk_arena arena;
    rk_vec rows;             /* rk_size_row */
    rk_size_factors factors; /* fitted, kind SERVING */
    rk_size_error errors[RK_SIZE_ERRORS_MAX];
    size_t n_errors, n_used;
    double inside; /* share of training runs inside their band */
} rk_size_fit;

/* start: the factors to begin with and to hold close to where the rows say nothing. */
RK_MUST_CHECK rk_status rk_size_calibrate(const char *path, const rk_size_ask *start, rk_size_fit *out, rk_error *err);
void rk_size_fit_release(rk_size_fit *fit);
void rk_size_fit_json(const rk_size_fit *fit, rk_text *out);
/* The row's metric by these factors, in the row's unit. */
double rk_size_row_estimate(const rk_size_row *row, const rk_size_factors *factors);

/* Parts: size_rows.c, size_fit.c. */
RK_MUST_CHECK rk_status rk_size_rows_read(const char *path, const rk_size_ask *start, rk_size_fit *out, rk_error *err);

#endif
