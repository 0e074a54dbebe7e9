/* tree.h - a folder with all that is in it, removed. */
#ifndef RECKON_TESTS_TREE_H
#define RECKON_TESTS_TREE_H

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>

static inline int test_remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

static inline bool test_remove_tree(const char *path)
{
    return nftw(path, test_remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0;
}

#endif
