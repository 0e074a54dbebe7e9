/* file.h - files read whole, by mmap or into memory, and written whole or not at all. */
#ifndef RECKON_BASE_FILE_H
#define RECKON_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"

/* A read-only view of a whole file. An empty file has at = "" and n_bytes 0. */
typedef struct {
    const unsigned char *at;
    size_t n_bytes;
} rk_mapped;

/* A missing file is RK_NOT_FOUND "no such file 'x'"; a directory or device RK_BAD_INPUT; the rest RK_IO. */
RK_MUST_CHECK rk_status rk_mapped_open(const char *path, rk_mapped *out, rk_error *err);
/* The same view, of a copy in memory: whatever is done to the file later, even cutting it short, does not reach it. For
 * programs that live longer than they can trust a file to stay as it is. */
RK_MUST_CHECK rk_status rk_mapped_load(const char *path, rk_mapped *out, rk_error *err);
void rk_mapped_close(rk_mapped *mapped); /* accepts a zeroed one */

/* Writes to "PATH.tmp.PID.N" beside the target; commit flushes, fsyncs, renames and fsyncs the folder. An aborted,
 * freed or killed writer never leaves anything under the final name. Path "-" writes to standard output. */
typedef struct rk_file_writer rk_file_writer;
RK_MUST_CHECK rk_status rk_file_writer_open(const char *path, rk_file_writer **out, rk_error *err);
RK_MUST_CHECK rk_status rk_file_writer_add(rk_file_writer *writer, const void *bytes, size_t n, rk_error *err);
/* Overwrites bytes already added (a header known only at the end). Not for "-". */
RK_MUST_CHECK rk_status rk_file_writer_patch(rk_file_writer *writer, uint64_t offset, const void *bytes, size_t n,
                                             rk_error *err);
uint64_t rk_file_writer_offset(const rk_file_writer *writer);
RK_MUST_CHECK rk_status rk_file_writer_commit(rk_file_writer *writer, rk_error *err); /* ends the writer, well or not */
void rk_file_writer_abort(rk_file_writer *writer);                                    /* accepts NULL */
/* The same into memory, under no name that others could see; name: for messages. Ends with commit_memory, which hands
 * over what was written, or with abort. */
RK_MUST_CHECK rk_status rk_file_writer_open_memory(const char *name, rk_file_writer **out, rk_error *err);
RK_MUST_CHECK rk_status rk_file_writer_commit_memory(rk_file_writer *writer, rk_mapped *out, rk_error *err);

/* The three lines everybody needs: text in, whole and atomic. */
RK_MUST_CHECK rk_status rk_file_write_text(const char *path, const rk_text *text, rk_error *err);

/* Whether a writer could be opened now: the same failures, before the work whose result it is to take. */
RK_MUST_CHECK rk_status rk_file_check_target(const char *path, rk_error *err);

/* Makes a folder, or finds it there. */
RK_MUST_CHECK rk_status rk_folder_make(const char *path, rk_error *err);

/* "folder of base" + "/" + path, or path itself when it is absolute; into out. false when it does not fit. */
bool rk_path_beside(const char *base, const char *path, char *out, size_t out_bytes);

/* Whether writing one path would replace the other: the same regular file, or the same name, still free, in the same
 * folder. Never for devices and pipes. */
bool rk_path_is_same(const char *a, const char *b);
/* RK_BAD_USAGE when what is written to out would replace what is read from in. "-" replaces nothing. */
RK_MUST_CHECK rk_status rk_path_keep_apart(const char *out, const char *in, rk_error *err);

#endif
