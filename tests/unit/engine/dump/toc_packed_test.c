#include "engine/dump/toc_packed.h"

#include "engine/archive/copy_statement.h"
#include "engine/archive/large_object_pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct toc *make_toc(void)
{
    struct toc *toc = toc_create();

    toc->header.version_minor = TOC_VERSION_NEWEST;
    return toc;
}

static struct toc_entry *add(struct toc *toc, int dump_id, enum entry_type type)
{
    struct toc_entry *entry = toc_add_entry(toc);

    entry->dump_id = dump_id;
    entry->type = type;
    entry->desc = entry_type_facts(type)->desc;
    entry->section = SECTION_DATA;
    entry->has_data = type == ENTRY_BLOBS || type == ENTRY_TABLE_DATA;
    return entry;
}

static void seal(struct toc *toc)
{
    struct error error;

    assert_true(toc_seal(toc, &error));
}

static void one_entry_takes_the_place_of_all_files_of_objects(void **state)
{
    (void)state;
    struct toc *toc = make_toc();

    add(toc, 1, ENTRY_TABLE_DATA);
    add(toc, 2, ENTRY_BLOB_METADATA);
    add(toc, 3, ENTRY_BLOBS);
    add(toc, 4, ENTRY_BLOB_METADATA);
    add(toc, 5, ENTRY_BLOBS);
    add(toc, 6, ENTRY_INDEX);
    seal(toc);
    assert_true(toc_packed_make(toc));

    static const int kept[] = {1, 2, 4, 5, 6};

    assert_int_equal(toc->count, 5);
    for (size_t i = 0; i < toc->count; i++)
        assert_int_equal(toc->entries[i]->dump_id, kept[i]);
    assert_null(toc_find(toc, 3));

    const struct toc_entry *pages = toc_find(toc, 5);

    assert_true(large_object_pages_is_entry(pages));
    assert_true(pages->has_data);
    assert_string_equal(pages->file_name, "5.dat");
    assert_int_equal(pages->dependency_count, 2);
    assert_int_equal(pages->dependencies[0], 2);
    assert_int_equal(pages->dependencies[1], 4);
    toc_free(toc);
}

/* The stock tools' test: a target other than the entry's own table would mean something else. */
static void the_statement_names_the_table_of_the_entry(void **state)
{
    (void)state;
    struct toc *toc = make_toc();
    struct copy_statement parts;
    struct error error;

    add(toc, 1, ENTRY_BLOBS);
    seal(toc);
    assert_true(toc_packed_make(toc));
    assert_true(copy_statement_parse(toc->entries[0]->copy_statement, &parts, &error));
    assert_false(copy_statement_is_via_root(toc->entries[0], "pg_catalog.pg_largeobject"));
    toc_free(toc);
}

static void without_data_of_objects_nothing_changes(void **state)
{
    (void)state;
    struct toc *toc = make_toc();

    add(toc, 1, ENTRY_TABLE_DATA);
    add(toc, 2, ENTRY_BLOB_METADATA);
    seal(toc);
    assert_false(toc_packed_make(toc));
    assert_int_equal(toc->count, 2);
    toc_free(toc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_entry_takes_the_place_of_all_files_of_objects),
        cmocka_unit_test(the_statement_names_the_table_of_the_entry),
        cmocka_unit_test(without_data_of_objects_nothing_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
