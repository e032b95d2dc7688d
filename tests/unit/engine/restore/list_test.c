#include "engine/restore/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define HEADER                                                                                     \
    ";\n"                                                                                          \
    "; Archive created at 2026-11-20 11:30:23 UTC\n"                                               \
    ";     dbname: shop \\! rm\\x1b[2J\n"                                                          \
    ";     TOC Entries: 2\n"                                                                       \
    ";     Compression: zstd\n"                                                                    \
    ";     Dump Version: 1.16-0\n"                                                                 \
    ";     Format: DIRECTORY\n"                                                                    \
    ";     Integer: 4 bytes\n"                                                                     \
    ";     Offset: 8 bytes\n"                                                                      \
    ";     Dumped from database version: 18.6\n"                                                   \
    ";\n"                                                                                          \
    ";\n"                                                                                          \
    "; Selected TOC Entries:\n"                                                                    \
    ";\n"

static struct toc *make_toc(void)
{
    static const int dependencies[] = {1, 99};
    struct toc *toc = toc_create();
    toc->header = (struct toc_header){.version_minor = 16,
                                      .int_bytes = 4,
                                      .offset_bytes = 8,
                                      .compression = 3,
                                      .created = {23, 30, 11, 20, 10, 126, 0},
                                      .database = "shop\n\\! rm\033[2J",
                                      .server_version = "18.6"};
    *toc_add_entry(toc) = (struct toc_entry){.dump_id = 1,
                                             .type = ENTRY_ENCODING,
                                             .desc = "ENCODING",
                                             .tag = "ENCODING",
                                             .section = SECTION_PRE_DATA,
                                             .definition = "x"};
    *toc_add_entry(toc) = (struct toc_entry){.dump_id = 2,
                                             .catalog_oid = 1259,
                                             .oid = 4000000000,
                                             .type = ENTRY_TABLE,
                                             .desc = "TABLE",
                                             .schema = "public",
                                             .tag = "a\r\nb",
                                             .owner = "o",
                                             .section = SECTION_PRE_DATA,
                                             .definition = "x",
                                             .dependencies = dependencies,
                                             .dependency_count = 2};
    return toc;
}

enum verbosity { TERSE, VERBOSE };

static void assert_list(enum verbosity verbosity, const char *expected)
{
    struct arena *arena = arena_create();
    struct error error;
    struct toc *toc = make_toc();
    struct selection selection;
    struct text text;
    assert_true(toc_seal(toc, &error));
    assert_true(selection_make(&selection, arena, toc, &(struct selection_options){0}, &error));
    text_init(&text, TEXT_MAXIMUM);
    list_print(&text, &(struct archive){.toc = toc}, &selection, verbosity == VERBOSE);
    assert_string_equal(text.data, expected);
    text_clear(&text);
    toc_free(toc);
    arena_free(arena);
}

static void wanted_entries_are_listed_one_a_line(void **state)
{
    (void)state;
    assert_list(TERSE, HEADER "2; 1259 4000000000 TABLE public a  b o\n");
}

static void a_verbose_list_has_all_entries_and_dependencies(void **state)
{
    (void)state;
    assert_list(VERBOSE, HEADER "1; 0 0 ENCODING - ENCODING \n"
                                "2; 1259 4000000000 TABLE public a  b o\n"
                                ";\tdepends on: 1 99\n");
}

int main(void)
{
    setenv("TZ", "UTC0", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wanted_entries_are_listed_one_a_line),
        cmocka_unit_test(a_verbose_list_has_all_entries_and_dependencies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
