#include "engine/archive/toc_version.h"

#include "compress/codec.h"

#include "toc_samples.h"

/* As a reader of that version finds it. */
static struct toc *written_and_read(const struct toc *toc)
{
    struct toc *again = NULL;
    struct text bytes;
    struct error error;
    text_init(&bytes, TEXT_MAXIMUM);
    if (!toc_encode(toc, &bytes, &error) ||
        !toc_decode(&again, (struct span){(unsigned char *)bytes.data, bytes.length_bytes}, &error))
        fail_msg("%s", error.message);
    text_clear(&bytes);
    return again;
}

static struct toc *rewrite_sample(const char *name, int version_minor)
{
    struct toc *toc = decode_sample(name);
    struct toc *rewritten;
    struct error error;
    if (!toc_rewrite_for_version(&rewritten, toc, version_minor, &error))
        fail_msg("%s", error.message);
    if (version_minor < TOC_VERSION_CODEC)
        rewritten->header.compression = CODEC_NONE; /* it could not name that of the sample */
    struct toc *written = written_and_read(rewritten);
    toc_free(rewritten);
    toc_free(toc);
    return written;
}

static size_t count_of(const struct toc *toc, enum entry_type type)
{
    size_t count = 0;
    for (size_t i = 0; i < toc->count; i++)
        count += toc->entries[i]->type == type;
    return count;
}

static size_t place_of(const struct toc *toc, const struct toc_entry *entry)
{
    size_t place = 0;
    while (toc->entries[place] != entry)
        place++;
    return place;
}

static void every_codec_has_the_oldest_version_that_names_it(void **state)
{
    (void)state;
    assert_int_equal(toc_version_for_codec(CODEC_NONE), 14);
    assert_int_equal(toc_version_for_codec(CODEC_GZIP), 14);
    assert_int_equal(toc_version_for_codec(CODEC_LZ4), 15);
    assert_int_equal(toc_version_for_codec(CODEC_ZSTD), 15);
}

static void the_same_version_changes_nothing(void **state)
{
    struct text before;
    struct text after;
    struct error error;
    (void)state;
    struct toc *toc = decode_sample("pg_dump-18.dat");
    struct toc *rewritten = rewrite_sample("pg_dump-18.dat", 16);
    text_init(&before, TEXT_MAXIMUM);
    text_init(&after, TEXT_MAXIMUM);
    assert_true(toc_encode(toc, &before, &error));
    assert_true(toc_encode(rewritten, &after, &error));
    assert_int_equal(before.length_bytes, after.length_bytes);
    assert_memory_equal(before.data, after.data, before.length_bytes);
    text_clear(&before);
    text_clear(&after);
    toc_free(rewritten);
    toc_free(toc);
}

static void an_older_shape_only_gets_another_header(void **state)
{
    (void)state;
    struct toc *toc = rewrite_sample("pg_dump-15.dat", 15);
    assert_int_equal(toc->header.version_minor, 15);
    assert_int_equal(count_of(toc, ENTRY_BLOB), 6);
    toc_free(toc);
    toc = rewrite_sample("pg_dump-15.dat", 16);
    assert_int_equal(toc->header.version_minor, 15);
    toc_free(toc);
}

static void groups_become_one_entry_for_each_large_object(void **state)
{
    (void)state;
    struct toc *toc = rewrite_sample("pg_dump-18.dat", 15);
    assert_int_equal(count_of(toc, ENTRY_BLOB), 6);
    assert_int_equal(count_of(toc, ENTRY_BLOB_METADATA), 0);
    const struct toc_entry *blob = find_by_tag(toc, ENTRY_BLOB, "30002");
    assert_int_equal(blob->section, SECTION_PRE_DATA);
    assert_int_equal(blob->catalog_oid, 2613);
    assert_int_equal(blob->oid, 30002);
    assert_string_equal(blob->owner, "shop_owner");
    assert_string_equal(blob->definition, "SELECT pg_catalog.lo_create('30002');\n");
    assert_string_equal(blob->drop_statement, "SELECT pg_catalog.lo_unlink('30002');\n");
    assert_false(blob->has_data);
    toc_free(toc);
}

static void all_data_of_large_objects_becomes_one_entry(void **state)
{
    (void)state;
    struct toc *toc = rewrite_sample("pg_dump-18.dat", 14);
    assert_int_equal(count_of(toc, ENTRY_BLOBS), 1);
    const struct toc_entry *blobs = find_by_tag(toc, ENTRY_BLOBS, "BLOBS");
    assert_true(blobs->has_data);
    assert_null(blobs->owner);
    assert_string_equal(blobs->file_name, "blobs.toc");
    assert_int_equal(blobs->section, SECTION_DATA);
    toc_free(toc);
}

static void an_acl_of_a_group_becomes_one_for_each_object(void **state)
{
    (void)state;
    struct toc *toc = rewrite_sample("pg_dump-18.dat", 15);
    for (unsigned oid = 30003; oid <= 30004; oid++) {
        char blob_tag[32];
        char acl_tag[64];
        char definition[128];
        snprintf(blob_tag, sizeof(blob_tag), "%u", oid);
        snprintf(acl_tag, sizeof(acl_tag), "LARGE OBJECT %u", oid);
        snprintf(definition, sizeof(definition), "GRANT SELECT ON LARGE OBJECT %u TO clerk;\n",
                 oid);
        const struct toc_entry *blob = find_by_tag(toc, ENTRY_BLOB, blob_tag);
        const struct toc_entry *acl = find_by_tag(toc, ENTRY_ACL, acl_tag);
        assert_string_equal(acl->definition, definition);
        assert_int_equal(acl->section, SECTION_NONE);
        assert_int_equal(acl->dependency_count, 1);
        assert_int_equal(acl->dependencies[0], blob->dump_id);
        assert_true(place_of(toc, acl) > place_of(toc, blob));
    }
    toc_free(toc);
}

static void comments_follow_their_object(void **state)
{
    (void)state;
    struct toc *toc = rewrite_sample("pg_dump-18.dat", 15);
    const struct toc_entry *blob = find_by_tag(toc, ENTRY_BLOB, "30004");
    const struct toc_entry *comment = find_by_tag(toc, ENTRY_COMMENT, "LARGE OBJECT 30004");
    assert_int_equal(comment->dependencies[0], blob->dump_id);
    assert_int_equal(place_of(toc, comment), place_of(toc, blob) + 1);
    toc_free(toc);
}

static void sections_ascend_and_ids_stay_dense(void **state)
{
    (void)state;
    struct toc *toc = decode_sample("pg_dump-18.dat");
    int largest_before = toc->largest_dump_id;
    toc_free(toc);
    toc = rewrite_sample("pg_dump-18.dat", 15);
    enum toc_section section = SECTION_PRE_DATA;
    for (size_t i = 0; i < toc->count; i++) {
        if (toc->entries[i]->section == SECTION_NONE)
            continue;
        assert_true(toc->entries[i]->section >= section);
        section = toc->entries[i]->section;
    }
    assert_int_equal(toc->largest_dump_id, largest_before + 3); /* two objects, one ACL more */
    toc_free(toc);
}

static void the_access_method_of_a_partitioned_table_is_spelled_out(void **state)
{
    (void)state;
    struct toc *toc = rewrite_sample("pg_dump-18.dat", 15);
    const struct toc_entry *root = find_by_tag(toc, ENTRY_TABLE, "part AM");
    assert_null(root->table_am);
    assert_int_equal(root->relkind, 0);
    assert_non_null(strstr(root->definition,
                           "\nALTER TABLE \"shop\".\"part AM\" SET ACCESS METHOD \"heap2\";\n"));
    const struct toc_entry *partition = find_by_tag(toc, ENTRY_TABLE, "part_1");
    assert_string_equal(partition->table_am, "heap2");
    assert_null(strstr(partition->definition, "ACCESS METHOD"));
    toc_free(toc);
}

/* pg_dump 17 and 15 dumped one database: apart from order and ids both must now say the same. */
static void large_objects_look_as_pg_dump_15_wrote_them(void **state)
{
    static const enum entry_type types[] = {ENTRY_BLOB, ENTRY_ACL, ENTRY_COMMENT};
    (void)state;
    struct toc *rewritten = rewrite_sample("pg_dump-17.dat", 14);
    struct toc *original = decode_sample("pg_dump-15.dat");
    assert_int_equal(rewritten->count, original->count);
    for (size_t i = 0; i < original->count; i++) {
        const struct toc_entry *old = original->entries[i];
        if (old->type != types[0] && old->type != types[1] && old->type != types[2])
            continue;
        const struct toc_entry *new = find_by_tag(rewritten, old->type, old->tag);
        assert_string_equal(new->definition, old->definition);
        assert_string_equal(new->owner, old->owner);
        assert_int_equal(new->section, old->section);
        assert_int_equal(new->oid, old->oid);
        assert_int_equal(new->catalog_oid, old->catalog_oid);
        assert_int_equal(new->dependency_count, old->dependency_count);
    }
    toc_free(original);
    toc_free(rewritten);
}

static void groups_are_taken_apart_only_when_they_are_written(void **state)
{
    struct toc *rewritten;
    struct error error;
    (void)state;
    struct toc *toc = decode_sample("pg_dump-18.dat");
    assert_true(toc_rewrite_for_version(&rewritten, toc, 15, &error));
    assert_int_equal(count_of(rewritten, ENTRY_BLOB), 0);
    assert_int_equal(count_of(rewritten, ENTRY_BLOB_METADATA), count_of(toc, ENTRY_BLOB_METADATA));
    toc_free(rewritten);
    toc_free(toc);
}

static void expect_refused(const char *first_oids, const char *second_oids)
{
    struct toc *toc = toc_create();
    struct toc *rewritten;
    struct error error;
    const char *const definitions[] = {first_oids, second_oids};
    toc->header.version_minor = 16;
    for (int i = 0; i < 2; i++)
        *toc_add_entry(toc) = (struct toc_entry){.dump_id = 1 + i,
                                                 .type = ENTRY_BLOB_METADATA,
                                                 .desc = "BLOB METADATA",
                                                 .section = SECTION_DATA,
                                                 .tag = "1",
                                                 .definition = definitions[i]};
    assert_true(toc_seal(toc, &error));
    assert_false(toc_rewrite_for_version(&rewritten, toc, 15, &error));
    assert_null(rewritten);
    assert_int_equal(error.kind, ERROR_DAMAGED);
    toc_free(toc);
}

static void damaged_groups_are_refused(void **state)
{
    (void)state;
    expect_refused("1\n", "1\n");
    expect_refused("1\n", "2\nx\n");
    expect_refused("1\n", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_codec_has_the_oldest_version_that_names_it),
        cmocka_unit_test(the_same_version_changes_nothing),
        cmocka_unit_test(an_older_shape_only_gets_another_header),
        cmocka_unit_test(groups_become_one_entry_for_each_large_object),
        cmocka_unit_test(all_data_of_large_objects_becomes_one_entry),
        cmocka_unit_test(an_acl_of_a_group_becomes_one_for_each_object),
        cmocka_unit_test(comments_follow_their_object),
        cmocka_unit_test(sections_ascend_and_ids_stay_dense),
        cmocka_unit_test(the_access_method_of_a_partitioned_table_is_spelled_out),
        cmocka_unit_test(large_objects_look_as_pg_dump_15_wrote_them),
        cmocka_unit_test(groups_are_taken_apart_only_when_they_are_written),
        cmocka_unit_test(damaged_groups_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
