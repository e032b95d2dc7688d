#include "engine/archive/toc_codec.h"

#include "compress/codec.h"
#include "engine/base/arena.h"
#include "engine/base/memory.h"

#include "toc_samples.h"

static void encoded_again_a_toc_of_pg_dump_is_the_same(void **state)
{
    static const char *const names[] = {"pg_dump-15.dat", "pg_dump-15-Z0.dat", "pg_dump-17.dat",
                                        "pg_dump-18.dat", "pg_dump-13.dat"};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct span bytes = load_sample(names[i]);
        struct toc *toc;
        struct error error;
        struct text again;
        text_init(&again, TEXT_MAXIMUM);
        assert_true(toc_decode(&toc, bytes, &error));
        assert_true(toc_encode(toc, &again, &error));
        assert_int_equal(again.length_bytes, bytes.length);
        assert_memory_equal(again.data, bytes.data, bytes.length);
        text_clear(&again);
        toc_free(toc);
        release(bytes);
    }
}

static void decode_understands_pg_dump_15(void **state)
{
    (void)state;
    struct toc *toc = decode_sample("pg_dump-15.dat");
    assert_int_equal(toc->header.version_minor, 14);
    assert_int_equal(toc->header.compression, CODEC_GZIP);
    assert_string_equal(toc->header.database, "small");
    assert_int_equal(toc->entries[0]->type, ENTRY_ENCODING);
    const struct toc_entry *table = find_by_tag(toc, ENTRY_TABLE, "item");
    assert_string_equal(table->schema, "shop");
    assert_string_equal(table->owner, "shop_owner");
    assert_string_equal(table->table_am, "heap");
    assert_string_equal(table->tablespace, "");
    assert_null(table->copy_statement);
    assert_false(table->has_data);
    const struct toc_entry *data = find_by_tag(toc, ENTRY_TABLE_DATA, "item");
    assert_true(data->has_data);
    assert_int_equal(data->section, SECTION_DATA);
    assert_int_equal(data->oid, table->oid);
    assert_int_equal(data->dependency_count, 1);
    assert_ptr_equal(toc_find(toc, data->dependencies[0]), table);
    assert_string_equal(data->copy_statement, "COPY shop.item (id, name, price) FROM stdin;\n");
    toc_free(toc);
}

static void decode_understands_pg_dump_18(void **state)
{
    (void)state;
    struct toc *toc = decode_sample("pg_dump-18.dat");
    assert_int_equal(toc->header.version_minor, 16);
    assert_int_equal(toc->header.compression, CODEC_LZ4);
    const struct toc_entry *table = find_by_tag(toc, ENTRY_TABLE, "part AM");
    assert_int_equal(table->relkind, 'p');
    assert_string_equal(table->table_am, "heap2");
    const struct toc_entry *group = find_by_tag(toc, ENTRY_BLOB_METADATA, "30003..30004");
    assert_string_equal(group->definition, "30003\n30004\n");
    toc_free(toc);
}

static void decode_finds_every_truncation(void **state)
{
    (void)state;
    struct span bytes = load_sample("pg_dump-15.dat");
    for (size_t length = 0; length < bytes.length; length++) {
        /* A copy of its own, so that the address sanitizer sees a read behind the end. */
        unsigned char *part = memory_allocate(length, 1);
        memcpy(part, bytes.data, length);
        struct toc *toc;
        struct error error;
        assert_false(toc_decode(&toc, (struct span){part, length}, &error));
        assert_int_equal(error.kind, ERROR_DAMAGED);
        assert_null(toc);
        free(part);
    }
    release(bytes);
}

static void assert_same_text(const char *one, const char *other)
{
    if (one && other)
        assert_string_equal(one, other);
    else
        assert_ptr_equal(one, other);
}

static void assert_same_entry(const struct toc_entry *one, const struct toc_entry *other)
{
    assert_int_equal(one->dump_id, other->dump_id);
    assert_int_equal(one->has_data, other->has_data);
    assert_int_equal(one->catalog_oid, other->catalog_oid);
    assert_int_equal(one->oid, other->oid);
    assert_int_equal(one->type, other->type);
    assert_int_equal(one->section, other->section);
    assert_int_equal(one->relkind, other->relkind);
    assert_same_text(one->tag, other->tag);
    assert_same_text(one->desc, other->desc);
    assert_same_text(one->definition, other->definition);
    assert_same_text(one->drop_statement, other->drop_statement);
    assert_same_text(one->copy_statement, other->copy_statement);
    assert_same_text(one->schema, other->schema);
    assert_same_text(one->tablespace, other->tablespace);
    assert_same_text(one->table_am, other->table_am);
    assert_same_text(one->owner, other->owner);
    assert_same_text(one->file_name, other->file_name);
    assert_int_equal(one->dependency_count, other->dependency_count);
    for (size_t i = 0; i < one->dependency_count; i++)
        assert_int_equal(one->dependencies[i], other->dependencies[i]);
}

/* Gives what it is asked for, or less; fails behind its last byte, if it is told to. */
struct trickle {
    struct span bytes;
    size_t at_a_time;
    bool fails;
};

static bool read_trickle(void *context, unsigned char *bytes, size_t room, size_t *got,
                         struct error *error)
{
    struct trickle *trickle = context;
    size_t length = trickle->bytes.length;
    if (length == 0 && trickle->fails)
        return error_set(error, ERROR_IO, "it has run dry");
    length = length < trickle->at_a_time ? length : trickle->at_a_time;
    length = length < room ? length : room;
    memcpy(bytes, trickle->bytes.data, length);
    trickle->bytes.data += length;
    trickle->bytes.length -= length;
    *got = length;
    return true;
}

static void decode_takes_what_comes_in_pieces(void **state)
{
    static const size_t pieces[] = {1, 7, 1000, SIZE_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct span bytes = load_sample("pg_dump-18.dat");
        struct trickle trickle = {.bytes = bytes, .at_a_time = pieces[i]};
        const struct toc_source source = {read_trickle, &trickle};
        struct toc *expected = decode_sample("pg_dump-18.dat");
        struct toc *toc;
        struct error error;
        if (!toc_decode_from(&toc, &source, &error))
            fail_msg("%s", error.message);
        assert_int_equal(toc->count, expected->count);
        for (size_t j = 0; j < toc->count; j++)
            assert_same_entry(toc->entries[j], expected->entries[j]);
        toc_free(expected);
        toc_free(toc);
        release(bytes);
    }
}

static void decode_tells_what_the_source_says_rather_than_what_came_of_it(void **state)
{
    (void)state;
    struct span bytes = load_sample("pg_dump-18.dat");
    for (size_t length = 0; length <= bytes.length; length += 97) {
        struct trickle trickle = {.bytes = {bytes.data, length}, .at_a_time = 64, .fails = true};
        const struct toc_source source = {read_trickle, &trickle};
        struct toc *toc;
        struct error error;
        assert_false(toc_decode_from(&toc, &source, &error));
        assert_null(toc);
        assert_string_equal(error.message, "it has run dry");
        assert_int_equal(trickle.bytes.length, 0);
    }
    release(bytes);
}

static void decode_survives_a_bit_flip_in_every_byte(void **state)
{
    (void)state;
    struct span bytes = load_sample("pg_dump-15.dat");
    unsigned char *flipped = memory_allocate(bytes.length, 1);
    memcpy(flipped, bytes.data, bytes.length);
    for (size_t i = 0; i < bytes.length; i++) {
        struct toc *toc;
        struct error error;
        unsigned char bit = (unsigned char)(1U << (i * 5 % 8));
        flipped[i] ^= bit;
        if (toc_decode(&toc, (struct span){flipped, bytes.length}, &error))
            toc_free(toc);
        else
            assert_true(error.kind == ERROR_DAMAGED || error.kind == ERROR_UNSUPPORTED);
        flipped[i] ^= bit;
    }
    free(flipped);
    release(bytes);
}

static void expect_header_refused(size_t offset, unsigned char value, enum error_kind kind,
                                  const char *part_of_message)
{
    struct span bytes = load_sample("pg_dump-15.dat");
    unsigned char *changed = (unsigned char *)(uintptr_t)bytes.data;
    struct toc *toc;
    struct error error;
    changed[offset] = value;
    assert_false(toc_decode(&toc, bytes, &error));
    assert_int_equal(error.kind, kind);
    if (!strstr(error.message, part_of_message))
        fail_msg("%s", error.message);
    release(bytes);
}

static void decode_refuses_foreign_headers(void **state)
{
    enum { MAJOR = 5, MINOR, REVISION, INT_BYTES, OFFSET_BYTES, FORMAT };
    (void)state;
    expect_header_refused(0, 'X', ERROR_DAMAGED, "PGDMP");
    expect_header_refused(MAJOR, 2, ERROR_UNSUPPORTED, "2.14");
    expect_header_refused(MINOR, 17, ERROR_UNSUPPORTED, "1.17");
    expect_header_refused(MINOR, 11, ERROR_UNSUPPORTED, "1.11");
    expect_header_refused(REVISION, 128, ERROR_UNSUPPORTED, "1.14.128");
    expect_header_refused(INT_BYTES, 0, ERROR_DAMAGED, "integers");
    expect_header_refused(INT_BYTES, 5, ERROR_DAMAGED, "integers");
    expect_header_refused(INT_BYTES, 32, ERROR_DAMAGED, "integers");
    expect_header_refused(OFFSET_BYTES, 3, ERROR_DAMAGED, "offsets");
    expect_header_refused(FORMAT, 1, ERROR_UNSUPPORTED, "custom");
    expect_header_refused(FORMAT, 5, ERROR_UNSUPPORTED, "format 5");
}

/* A table of contents put together by hand, to damage one thing at a time. */
struct draft {
    struct text bytes;
};

static void put_int(struct draft *draft, int value)
{
    unsigned magnitude = value < 0 ? 0U - (unsigned)value : (unsigned)value;
    text_append_char(&draft->bytes, value < 0);
    for (int i = 0; i < 4; i++)
        text_append_char(&draft->bytes, (char)(magnitude >> (8 * i)));
}

static void put_text(struct draft *draft, const char *text)
{
    put_int(draft, text ? (int)strlen(text) : -1);
    if (text)
        text_append(&draft->bytes, text);
}

static void begin_draft(struct draft *draft, int entries)
{
    static const char header[] = {'P', 'G', 'D', 'M', 'P', 1, 14, 0, 4, 8, 3};
    text_init(&draft->bytes, TEXT_MAXIMUM);
    text_append_bytes(&draft->bytes, header, sizeof(header));
    for (int i = 0; i < 8; i++)
        put_int(draft, 0);
    for (int i = 0; i < 3; i++)
        put_text(draft, NULL);
    put_int(draft, entries);
}

struct draft_entry {
    int dump_id, has_data, section;
    const char *catalog_oid, *oid, *tag, *desc, *with_oids, *dependency, *file_name;
};

static const struct draft_entry good_entry = {.dump_id = 1,
                                              .section = SECTION_PRE_DATA,
                                              .catalog_oid = "0",
                                              .oid = "0",
                                              .tag = "t",
                                              .desc = "TABLE",
                                              .with_oids = "false",
                                              .file_name = ""};

static void put_entry(struct draft *draft, struct draft_entry entry)
{
    put_int(draft, entry.dump_id);
    put_int(draft, entry.has_data);
    put_text(draft, entry.catalog_oid);
    put_text(draft, entry.oid);
    put_text(draft, entry.tag);
    put_text(draft, entry.desc);
    put_int(draft, entry.section);
    for (int i = 0; i < 7; i++) /* definition to owner */
        put_text(draft, NULL);
    put_text(draft, entry.with_oids);
    if (entry.dependency)
        put_text(draft, entry.dependency);
    put_text(draft, NULL);
    put_text(draft, entry.file_name);
}

static bool decode_draft(struct draft *draft, struct error *error)
{
    struct toc *toc;
    struct span bytes = {(unsigned char *)draft->bytes.data, draft->bytes.length_bytes};
    bool is_decoded = toc_decode(&toc, bytes, error);
    toc_free(toc);
    text_clear(&draft->bytes);
    return is_decoded;
}

static bool decode_one(struct draft_entry entry)
{
    struct draft draft;
    struct error error;
    begin_draft(&draft, 1);
    put_entry(&draft, entry);
    if (decode_draft(&draft, &error))
        return true;
    assert_int_equal(error.kind, ERROR_DAMAGED);
    return false;
}

static void decode_refuses_what_crashes_the_stock_tools(void **state)
{
    (void)state;
    assert_true(decode_one(good_entry));
    static const size_t required[] = {
        offsetof(struct draft_entry, catalog_oid), offsetof(struct draft_entry, oid),
        offsetof(struct draft_entry, tag),         offsetof(struct draft_entry, desc),
        offsetof(struct draft_entry, with_oids),   offsetof(struct draft_entry, file_name)};
    for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
        struct draft_entry entry = good_entry;
        *(const char **)(void *)((char *)&entry + required[i]) = NULL;
        assert_false(decode_one(entry));
    }
}

static void decode_refuses_values_out_of_range(void **state)
{
    (void)state;
    struct draft_entry entry = good_entry;
    entry.dump_id = 0;
    assert_false(decode_one(entry));
    entry.dump_id = -1;
    assert_false(decode_one(entry));
    entry.dump_id = INT32_MAX;
    assert_false(decode_one(entry));

    entry = good_entry;
    entry.has_data = 2;
    assert_false(decode_one(entry));

    entry = good_entry;
    entry.section = 0;
    assert_false(decode_one(entry));
    entry.section = 5;
    assert_false(decode_one(entry));

    static const char *const bad_numbers[] = {"",   "-1", "4294967296",
                                              "1 ", "x",  "99999999999999999999"};
    for (size_t i = 0; i < sizeof(bad_numbers) / sizeof(bad_numbers[0]); i++) {
        entry = good_entry;
        entry.oid = bad_numbers[i];
        assert_false(decode_one(entry));
        entry = good_entry;
        entry.dependency = bad_numbers[i];
        assert_false(decode_one(entry));
    }
}

static void decode_refuses_a_dump_id_used_twice(void **state)
{
    struct draft draft;
    struct error error;
    (void)state;
    begin_draft(&draft, 2);
    put_entry(&draft, good_entry);
    put_entry(&draft, good_entry);
    assert_false(decode_draft(&draft, &error));
    assert_int_equal(error.kind, ERROR_DAMAGED);
    assert_non_null(strstr(error.message, "used twice"));
}

static void decode_does_not_believe_huge_counts_and_lengths(void **state)
{
    struct draft draft;
    struct error error;
    (void)state;
    begin_draft(&draft, INT32_MAX);
    put_entry(&draft, good_entry);
    assert_false(decode_draft(&draft, &error));

    begin_draft(&draft, -1);
    assert_false(decode_draft(&draft, &error));

    begin_draft(&draft, 1);
    put_int(&draft, 1);
    put_int(&draft, 0);
    put_int(&draft, INT32_MAX);
    assert_false(decode_draft(&draft, &error));
    assert_non_null(strstr(error.message, "longer than what is left"));
}

static void decode_ignores_what_follows_the_last_entry(void **state)
{
    struct draft draft;
    struct error error;
    (void)state;
    begin_draft(&draft, 1);
    put_entry(&draft, good_entry);
    text_append(&draft.bytes, "more");
    assert_true(decode_draft(&draft, &error));
}

static void decode_takes_other_integer_sizes(void **state)
{
    static const unsigned char header_of_8[] = {'P', 'G', 'D', 'M', 'P', 1, 15, 0, 8, 8, 3, 3};
    struct draft draft;
    struct toc *toc;
    struct error error;
    (void)state;
    text_init(&draft.bytes, TEXT_MAXIMUM);
    text_append_bytes(&draft.bytes, header_of_8, sizeof(header_of_8));
    for (int i = 0; i < 11; i++) { /* the time, three empty texts, no entry */
        put_int(&draft, 0);
        put_int(&draft, 0);
        text_truncate(&draft.bytes, draft.bytes.length_bytes - 1);
    }
    struct span bytes = {(unsigned char *)draft.bytes.data, draft.bytes.length_bytes};
    assert_true(toc_decode(&toc, bytes, &error));
    assert_int_equal(toc->count, 0);
    assert_int_equal(toc->header.compression, CODEC_ZSTD);
    assert_string_equal(toc->header.database, "");
    toc_free(toc);
    text_clear(&draft.bytes);
}

/* The round trip as a property: any table of contents, written and read, is the one it was. */

static const char *random_text(struct toc *toc, unsigned *seed, bool may_be_null)
{
    static const char alphabet[] = "ab\"' \n\\\xc3\xa9;";
    if (may_be_null && rand_r(seed) % 4 == 0)
        return NULL;
    size_t length = (size_t)(rand_r(seed) % 40);
    char *text = arena_allocate(toc->arena, length + 1, 1);
    for (size_t i = 0; i < length; i++)
        text[i] = alphabet[(size_t)rand_r(seed) % (sizeof(alphabet) - 1)];
    return text;
}

static void fill_random_entry(struct toc *toc, int dump_id, unsigned *seed)
{
    struct toc_entry *entry = toc_add_entry(toc);
    entry->dump_id = dump_id;
    entry->has_data = rand_r(seed) % 2;
    entry->catalog_oid = (uint32_t)rand_r(seed) * 3U;
    entry->oid = (uint32_t)rand_r(seed) * 5U;
    entry->type = (enum entry_type)(1 + rand_r(seed) % (ENTRY_TYPE_COUNT - 1));
    if (entry->type == ENTRY_BLOB_METADATA)
        entry->type = ENTRY_TABLE;
    entry->desc = entry_type_facts(entry->type)->desc;
    entry->section = (enum toc_section)(1 + rand_r(seed) % 4);
    entry->tag = random_text(toc, seed, false);
    entry->definition = random_text(toc, seed, true);
    entry->drop_statement = random_text(toc, seed, true);
    entry->copy_statement = random_text(toc, seed, true);
    entry->schema = random_text(toc, seed, true);
    entry->tablespace = random_text(toc, seed, true);
    entry->owner = random_text(toc, seed, true);
    if (toc->header.version_minor >= TOC_VERSION_TABLEAM)
        entry->table_am = random_text(toc, seed, true);
    if (toc->header.version_minor >= TOC_VERSION_GROUPED_BLOBS)
        entry->relkind = rand_r(seed) % 128;
    entry->file_name = random_text(toc, seed, false);
    entry->dependency_count = (size_t)(rand_r(seed) % 5);
    int *dependencies = arena_allocate(toc->arena, 5, sizeof(int));
    for (size_t i = 0; i < entry->dependency_count; i++)
        dependencies[i] = rand_r(seed);
    entry->dependencies = dependencies;
}

static struct toc *create_random_toc(unsigned *seed)
{
    struct toc *toc = toc_create();
    struct error error;
    toc->header.version_minor = TOC_VERSION_OLDEST + rand_r(seed) % 5;
    toc->header.compression =
        rand_r(seed) % (toc->header.version_minor >= TOC_VERSION_CODEC ? 4 : 2);
    toc->header.created = (struct toc_time){.second = 59, .month = -1, .year = rand_r(seed)};
    toc->header.database = random_text(toc, seed, true);
    toc->header.server_version = random_text(toc, seed, true);
    toc->header.dump_version = random_text(toc, seed, true);
    int count = rand_r(seed) % 30;
    for (int i = 0; i < count; i++)
        fill_random_entry(toc, 1 + 7 * i, seed);
    assert_true(toc_seal(toc, &error));
    return toc;
}

static void what_was_encoded_is_what_is_decoded(void **state)
{
    (void)state;
    for (unsigned run = 0; run < 300; run++) {
        unsigned seed = run;
        struct toc *toc = create_random_toc(&seed);
        struct toc *again;
        struct error error;
        struct text bytes;
        text_init(&bytes, TEXT_MAXIMUM);
        assert_true(toc_encode(toc, &bytes, &error));
        struct span span = {(unsigned char *)bytes.data, bytes.length_bytes};
        assert_true(toc_decode(&again, span, &error));
        assert_int_equal(again->header.version_minor, toc->header.version_minor);
        assert_int_equal(again->header.compression, toc->header.compression);
        assert_memory_equal(&again->header.created, &toc->header.created, sizeof(struct toc_time));
        assert_same_text(again->header.database, toc->header.database);
        assert_same_text(again->header.server_version, toc->header.server_version);
        assert_same_text(again->header.dump_version, toc->header.dump_version);
        assert_int_equal(again->count, toc->count);
        for (size_t i = 0; i < toc->count; i++)
            assert_same_entry(again->entries[i], toc->entries[i]);
        text_clear(&bytes);
        toc_free(again);
        toc_free(toc);
    }
}

static void encode_refuses_what_the_version_cannot_say(void **state)
{
    (void)state;
    struct toc *toc = decode_sample("pg_dump-18.dat");
    struct text bytes;
    struct error error;
    text_init(&bytes, TEXT_MAXIMUM);
    toc->header.version_minor = 15; /* has groups of large objects */
    assert_false(toc_encode(toc, &bytes, &error));
    toc->header.version_minor = 14; /* is said to be lz4 */
    assert_false(toc_encode(toc, &bytes, &error));
    toc->header.version_minor = 17;
    assert_false(toc_encode(toc, &bytes, &error));
    text_clear(&bytes);
    toc_free(toc);
}

static void encode_reports_a_text_that_was_cut(void **state)
{
    (void)state;
    struct toc *toc = decode_sample("pg_dump-18.dat");
    struct text bytes;
    struct error error;
    text_init(&bytes, 1000);
    assert_false(toc_encode(toc, &bytes, &error));
    assert_non_null(strstr(error.message, "1000"));
    text_clear(&bytes);
    toc_free(toc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encoded_again_a_toc_of_pg_dump_is_the_same),
        cmocka_unit_test(decode_understands_pg_dump_15),
        cmocka_unit_test(decode_understands_pg_dump_18),
        cmocka_unit_test(decode_finds_every_truncation),
        cmocka_unit_test(decode_takes_what_comes_in_pieces),
        cmocka_unit_test(decode_tells_what_the_source_says_rather_than_what_came_of_it),
        cmocka_unit_test(decode_survives_a_bit_flip_in_every_byte),
        cmocka_unit_test(decode_refuses_foreign_headers),
        cmocka_unit_test(decode_refuses_what_crashes_the_stock_tools),
        cmocka_unit_test(decode_refuses_values_out_of_range),
        cmocka_unit_test(decode_refuses_a_dump_id_used_twice),
        cmocka_unit_test(decode_does_not_believe_huge_counts_and_lengths),
        cmocka_unit_test(decode_ignores_what_follows_the_last_entry),
        cmocka_unit_test(decode_takes_other_integer_sizes),
        cmocka_unit_test(what_was_encoded_is_what_is_decoded),
        cmocka_unit_test(encode_refuses_what_the_version_cannot_say),
        cmocka_unit_test(encode_reports_a_text_that_was_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
