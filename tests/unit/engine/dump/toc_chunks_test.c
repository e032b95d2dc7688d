#include "engine/dump/toc_chunks.h"

#include "engine/base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum {
    TABLE = 1,
    DATA = 2,
    INDEX = 3,
    FOREIGN_KEY = 4,
    OTHER_TABLE = 5,
    OTHER_DATA = 6,
    VIEW_ACL = 7
};

static struct toc_entry *add(struct toc *toc, int dump_id, enum entry_type type,
                             enum toc_section section, const char *tag)
{
    struct toc_entry *entry = toc_add_entry(toc);

    entry->dump_id = dump_id;
    entry->type = type;
    entry->desc = entry_type_facts(type)->desc;
    entry->section = section;
    entry->tag = tag;
    entry->schema = "public";
    return entry;
}

static void depend(struct toc *toc, struct toc_entry *entry, int on)
{
    int *ids = arena_allocate(toc->arena, entry->dependency_count + 1, sizeof(*ids));

    for (size_t i = 0; i < entry->dependency_count; i++)
        ids[i] = entry->dependencies[i];
    ids[entry->dependency_count++] = on;
    entry->dependencies = ids;
}

static struct toc_entry *add_data(struct toc *toc, int dump_id, int table, const char *tag,
                                  const char *copy)
{
    struct toc_entry *entry = add(toc, dump_id, ENTRY_TABLE_DATA, SECTION_DATA, tag);

    entry->has_data = true;
    entry->copy_statement = copy;
    entry->file_name = arena_print(toc->arena, "%d.dat", dump_id);
    depend(toc, entry, table);
    return entry;
}

/* Two tables, the first with an index, the second with a foreign key to it. */
static struct toc *make_toc(void)
{
    struct toc *toc = toc_create();
    struct error error;

    add(toc, TABLE, ENTRY_TABLE, SECTION_PRE_DATA, "big");
    add(toc, OTHER_TABLE, ENTRY_TABLE, SECTION_PRE_DATA, "small");
    add_data(toc, DATA, TABLE, "big", "COPY public.big (a, b) FROM stdin;\n");
    add_data(toc, OTHER_DATA, OTHER_TABLE, "small", "COPY public.small (a) FROM stdin;\n");
    depend(toc, add(toc, INDEX, ENTRY_INDEX, SECTION_POST_DATA, "big_a"), TABLE);

    struct toc_entry *key =
        add(toc, FOREIGN_KEY, ENTRY_FK_CONSTRAINT, SECTION_POST_DATA, "small big_fk");

    depend(toc, key, OTHER_TABLE);
    depend(toc, key, TABLE);
    assert_true(toc_seal(toc, &error));
    return toc;
}

static bool depends_on(const struct toc_entry *entry, int dump_id)
{
    for (size_t i = 0; i < entry->dependency_count; i++)
        if (entry->dependencies[i] == dump_id)
            return true;
    return false;
}

static struct toc *chunk(const struct toc *toc, const unsigned *pieces)
{
    struct toc *chunked = NULL;
    struct error error;

    assert_true(toc_chunks_make(&chunked, toc, pieces, &error));
    return chunked;
}

static void toc_chunks_marks_every_piece_so_that_none_truncates_the_others(void **state)
{
    struct toc *toc = make_toc();
    struct toc *chunked = chunk(toc, (const unsigned[]){1, 1, 3, 1, 1, 1});
    int pieces = 0;

    (void)state;
    assert_int_equal(chunked->count, toc->count + 2);
    for (size_t i = 0; i < chunked->count; i++) {
        const struct toc_entry *entry = chunked->entries[i];

        if (entry->type != ENTRY_TABLE_DATA || strcmp(entry->tag, "big") != 0)
            continue;
        pieces++;
        assert_string_equal(entry->definition, "-- load via partition root public.big");
        assert_string_equal(entry->copy_statement, "COPY public.big (a, b) FROM stdin;\n");
        assert_int_equal(entry->dependencies[0], TABLE);
    }
    assert_int_equal(pieces, 3);
    toc_free(chunked);
    toc_free(toc);
}

static void toc_chunks_gives_new_pieces_new_ids_and_files(void **state)
{
    struct toc *toc = make_toc();
    struct toc *chunked = chunk(toc, (const unsigned[]){1, 1, 3, 1, 1, 1});

    (void)state;
    assert_string_equal(toc_find(chunked, DATA)->file_name, "2.dat");
    assert_string_equal(toc_find(chunked, 7)->file_name, "7.dat");
    assert_string_equal(toc_find(chunked, 8)->file_name, "8.dat");
    assert_ptr_equal(chunked->entries[3], toc_find(chunked, 7));
    assert_ptr_equal(chunked->entries[4], toc_find(chunked, 8));
    toc_free(chunked);
    toc_free(toc);
}

static void toc_chunks_makes_all_that_needs_the_table_wait_for_every_piece(void **state)
{
    static const int waiting[] = {INDEX, FOREIGN_KEY};
    struct toc *toc = make_toc();
    struct toc *chunked = chunk(toc, (const unsigned[]){1, 1, 3, 1, 1, 1});

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct toc_entry *entry = toc_find(chunked, waiting[i]);

        assert_true(depends_on(entry, TABLE));
        assert_true(depends_on(entry, DATA));
        assert_true(depends_on(entry, 7));
        assert_true(depends_on(entry, 8));
    }
    assert_false(depends_on(toc_find(chunked, OTHER_DATA), 7));
    toc_free(chunked);
    toc_free(toc);
}

static void toc_chunks_leaves_whole_tables_as_they_were(void **state)
{
    struct toc *toc = make_toc();
    struct toc *chunked = chunk(toc, (const unsigned[]){0, 0, 0, 0, 0, 0});

    (void)state;
    assert_int_equal(chunked->count, toc->count);
    assert_null(toc_find(chunked, DATA)->definition);
    assert_int_equal(toc_find(chunked, INDEX)->dependency_count, 1);
    toc_free(chunked);
    toc_free(toc);
}

/* In a data-only dump, data entries wait for those that their foreign keys refer to. */
static void toc_chunks_makes_data_wait_for_every_piece_of_data_it_depends_on(void **state)
{
    struct toc *toc = toc_create();
    struct error error;

    add(toc, TABLE, ENTRY_TABLE, SECTION_PRE_DATA, "big");
    add(toc, OTHER_TABLE, ENTRY_TABLE, SECTION_PRE_DATA, "small");
    add_data(toc, DATA, TABLE, "big", "COPY public.big (a) FROM stdin;\n");
    depend(toc,
           add_data(toc, OTHER_DATA, OTHER_TABLE, "small", "COPY public.small (a) FROM stdin;\n"),
           DATA);
    assert_true(toc_seal(toc, &error));

    struct toc *chunked = chunk(toc, (const unsigned[]){1, 1, 2, 1});

    (void)state;
    assert_true(depends_on(toc_find(chunked, OTHER_DATA), DATA));
    assert_true(depends_on(toc_find(chunked, OTHER_DATA), 7));
    assert_int_equal(toc_find(chunked, OTHER_DATA)->dependencies[0], OTHER_TABLE);
    toc_free(chunked);
    toc_free(toc);
}

static void toc_chunks_chains_tables_of_extensions_in_their_order(void **state)
{
    struct toc *toc = toc_create();
    struct error error;

    add(toc, TABLE, ENTRY_EXTENSION, SECTION_PRE_DATA, "shop");
    add_data(toc, DATA, 100, "settings", "COPY public.settings (a) FROM stdin;\n");
    add_data(toc, OTHER_DATA, 101, "overrides", "COPY public.overrides (a) FROM stdin;\n");
    assert_true(toc_seal(toc, &error));

    struct toc *chunked = chunk(toc, (const unsigned[]){1, 1, 1});

    (void)state;
    assert_int_equal(toc_find(chunked, DATA)->dependency_count, 1);
    assert_int_equal(toc_find(chunked, OTHER_DATA)->dependencies[0], 101);
    assert_true(depends_on(toc_find(chunked, OTHER_DATA), DATA));
    toc_free(chunked);
    toc_free(toc);
}

/* A trigger of a partitioned table is one of its partitions, too, and must not see their rows being
 * loaded. An index of the parent alone has nothing to wait for. */
static void toc_chunks_makes_triggers_and_foreign_keys_wait_for_all_partitions(void **state)
{
    enum {
        ROOT = 1,
        MIDDLE = 2,
        LEAF = 3,
        ATTACH = 4,
        LEAF_DATA = 5,
        ROOT_TRIGGER = 6,
        ROOT_KEY = 7,
        ROOT_INDEX = 8
    };
    struct toc *toc = toc_create();
    struct error error;

    add(toc, ROOT, ENTRY_TABLE, SECTION_PRE_DATA, "root");
    depend(toc, add(toc, MIDDLE, ENTRY_TABLE, SECTION_PRE_DATA, "middle"), ROOT);
    add(toc, LEAF, ENTRY_TABLE, SECTION_PRE_DATA, "leaf");

    struct toc_entry *attach = add(toc, ATTACH, ENTRY_TABLE_ATTACH, SECTION_PRE_DATA, "leaf");

    depend(toc, attach, LEAF);
    depend(toc, attach, MIDDLE);
    add_data(toc, LEAF_DATA, LEAF, "leaf", "COPY public.leaf (a) FROM stdin;\n");
    depend(toc, add(toc, ROOT_TRIGGER, ENTRY_TRIGGER, SECTION_POST_DATA, "root t"), ROOT);
    depend(toc, add(toc, ROOT_KEY, ENTRY_FK_CONSTRAINT, SECTION_POST_DATA, "root k"), ROOT);
    depend(toc, add(toc, ROOT_INDEX, ENTRY_INDEX, SECTION_POST_DATA, "root_i"), ROOT);
    assert_true(toc_seal(toc, &error));

    struct toc *chunked = chunk(toc, (const unsigned[]){1, 1, 1, 1, 2, 1, 1, 1});

    (void)state;
    for (int id = ROOT_TRIGGER; id <= ROOT_KEY; id++) {
        assert_true(depends_on(toc_find(chunked, id), ROOT));
        assert_true(depends_on(toc_find(chunked, id), LEAF_DATA));
        assert_true(depends_on(toc_find(chunked, id), 9));
    }
    assert_int_equal(toc_find(chunked, ROOT_INDEX)->dependency_count, 1);
    toc_free(chunked);
    toc_free(toc);
}

static void toc_chunks_keeps_line_breaks_out_of_the_marker(void **state)
{
    struct toc *toc = toc_create();
    struct error error;

    add(toc, TABLE, ENTRY_TABLE, SECTION_PRE_DATA, "a\nDROP TABLE b; --");
    add_data(toc, DATA, TABLE, "a\nDROP TABLE b; --",
             "COPY public.\"a\nDROP TABLE b; --\" (a) FROM stdin;\n");
    assert_true(toc_seal(toc, &error));

    struct toc *chunked = chunk(toc, (const unsigned[]){1, 2});

    (void)state;
    assert_null(strchr(toc_find(chunked, DATA)->definition, '\n'));
    toc_free(chunked);
    toc_free(toc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(toc_chunks_marks_every_piece_so_that_none_truncates_the_others),
        cmocka_unit_test(toc_chunks_gives_new_pieces_new_ids_and_files),
        cmocka_unit_test(toc_chunks_makes_all_that_needs_the_table_wait_for_every_piece),
        cmocka_unit_test(toc_chunks_leaves_whole_tables_as_they_were),
        cmocka_unit_test(toc_chunks_makes_data_wait_for_every_piece_of_data_it_depends_on),
        cmocka_unit_test(toc_chunks_chains_tables_of_extensions_in_their_order),
        cmocka_unit_test(toc_chunks_makes_triggers_and_foreign_keys_wait_for_all_partitions),
        cmocka_unit_test(toc_chunks_keeps_line_breaks_out_of_the_marker),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
