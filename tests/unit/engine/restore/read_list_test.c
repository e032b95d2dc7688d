#include "engine/restore/read_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct list_file {
    char path[32];
    struct arena *arena;
    const char *text;
    struct error error;
};

static bool read_bytes(struct list_file *list, const char *bytes, size_t length)
{
    *list = (struct list_file){.path = "/tmp/pgfast-list-XXXXXX", .arena = arena_create()};
    int descriptor = mkstemp(list->path);

    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, bytes, length), length);
    close(descriptor);
    bool is_read = read_list(&list->text, list->arena, list->path, &list->error);
    unlink(list->path);
    return is_read;
}

static void read_list_gives_the_whole_file(void **state)
{
    static const char listing[] = ";\n3; 1259 16390 TABLE public t owner\n1;";
    struct list_file list;

    (void)state;
    assert_true(read_bytes(&list, listing, sizeof listing - 1));
    assert_string_equal(list.text, listing);
    arena_free(list.arena);
}

static void read_list_refuses_what_is_no_text(void **state)
{
    static const char listing[] = "\xff\xfe"
                                  "3\0;\0\n\0";
    struct list_file list;

    (void)state;
    assert_false(read_bytes(&list, listing, sizeof listing - 1));
    assert_int_equal(list.error.kind, ERROR_USAGE);
    assert_non_null(strstr(list.error.hint, "UTF-8"));
    arena_free(list.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_list_gives_the_whole_file),
        cmocka_unit_test(read_list_refuses_what_is_no_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
