/* A temporary folder for one test, and files in it. */
#ifndef PGFAST_TESTS_SCRATCH_FOLDER_H
#define PGFAST_TESTS_SCRATCH_FOLDER_H

#include "engine/archive/remove_tree.h"
#include "engine/base/memory.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static inline int scratch_setup(void **state)
{
    char *path = memory_copy_text("/tmp/pgfast-test-XXXXXX");
    *state = mkdtemp(path);
    return *state ? 0 : -1;
}

static inline int scratch_teardown(void **state)
{
    struct error error;
    bool is_removed = remove_tree(AT_FDCWD, *state, &error);
    free(*state);
    return is_removed ? 0 : -1;
}

/* "<scratch>/<name>"; the caller frees. */
static inline char *scratch_path(void **state, const char *name)
{
    return memory_print("%s/%s", (const char *)*state, name);
}

static inline void scratch_write(const char *folder, const char *name, const void *bytes,
                                 size_t length)
{
    char *path = memory_print("%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    free(path);
}

static inline bool scratch_exists(const char *folder, const char *name)
{
    struct stat status;
    char *path = memory_print("%s/%s", folder, name);
    bool exists = lstat(path, &status) == 0;
    free(path);
    return exists;
}

#define scratch_test(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, scratch_setup, scratch_teardown)

#endif
