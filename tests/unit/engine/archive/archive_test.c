#include "engine/archive/archive.h"

#include "engine/archive/toc_codec.h"
#include "engine/base/arena.h"

#include "scratch_folder.h"

static struct text create_toc(int version_minor)
{
    struct toc *toc = toc_create();
    struct error error;
    struct text bytes;
    toc->header.version_minor = version_minor;
    *toc_add_entry(toc) = (struct toc_entry){.dump_id = 1,
                                             .has_data = true,
                                             .type = ENTRY_TABLE_DATA,
                                             .section = SECTION_DATA,
                                             .tag = "orders",
                                             .desc = "TABLE DATA",
                                             .file_name = "1.dat"};
    *toc_add_entry(toc) = (struct toc_entry){.dump_id = 2,
                                             .has_data = true,
                                             .type = ENTRY_BLOBS,
                                             .section = SECTION_DATA,
                                             .tag = "BLOBS",
                                             .desc = "BLOBS",
                                             .file_name = "blobs_2.toc"};
    assert_true(toc_seal(toc, &error));
    text_init(&bytes, TEXT_MAXIMUM);
    assert_true(toc_encode(toc, &bytes, &error));
    toc_free(toc);
    return bytes;
}

static void write_toc(void **state, int version_minor)
{
    struct text bytes = create_toc(version_minor);
    scratch_write(*state, "toc.dat", bytes.data, bytes.length_bytes);
    text_clear(&bytes);
}

static void write_manifest(void **state, const char *toc_bytes, size_t toc_length)
{
    struct manifest *manifest = manifest_create();
    struct manifest_file toc = {
        .name = "toc.dat", .size_bytes = toc_length, .raw_bytes = toc_length};
    struct manifest_file data = {.name = "1.dat", .size_bytes = 5};
    struct text json;
    struct error error;
    char digits_of_data[CHECKSUM_TEXT_BYTES], digits_of_toc[CHECKSUM_TEXT_BYTES];
    checksum_text_of("", 0, digits_of_data);
    checksum_text_of(toc_bytes, toc_length, digits_of_toc);
    data.checksum = digits_of_data;
    toc.checksum = digits_of_toc;
    manifest_add_file(manifest, &toc);
    manifest_add_file(manifest, &data);
    text_init(&json, TEXT_MAXIMUM);
    assert_true(manifest_encode(manifest, &json, &error));
    scratch_write(*state, MANIFEST_FILE_NAME, json.data, json.length_bytes);
    text_clear(&json);
    manifest_free(manifest);
}

static void expect_open_fails(void **state, enum error_kind kind, const char *part_of_message)
{
    struct archive *archive;
    struct error error;
    assert_false(archive_open(&archive, *state, &error));
    assert_null(archive);
    if (error.kind != kind || !strstr(error.message, part_of_message))
        fail_msg("kind %d: %s", error.kind, error.message);
}

static void open_reads_an_archive_of_pg_dump(void **state)
{
    struct archive *archive;
    struct error error;
    write_toc(state, 16);
    assert_true(archive_open(&archive, *state, &error));
    assert_null(archive->manifest);
    assert_int_equal(archive->toc->count, 2);
    assert_true(archive_check_sizes(archive, &error));
    archive_close(archive);
}

static void open_names_a_folder_without_a_toc(void **state)
{
    expect_open_fails(state, ERROR_DAMAGED, "toc.dat");
}

static void open_names_a_damaged_toc(void **state)
{
    scratch_write(*state, "toc.dat", "PGDMP", 5);
    expect_open_fails(state, ERROR_DAMAGED, *state);
}

static void open_checks_the_toc_against_the_manifest(void **state)
{
    struct archive *archive;
    struct error error;
    struct text toc = create_toc(16);
    scratch_write(*state, "toc.dat", toc.data, toc.length_bytes);
    write_manifest(state, toc.data, toc.length_bytes);
    assert_true(archive_open(&archive, *state, &error));
    assert_non_null(archive->manifest);
    archive_close(archive);
    toc.data[toc.length_bytes - 10] ^= 1;
    scratch_write(*state, "toc.dat", toc.data, toc.length_bytes);
    expect_open_fails(state, ERROR_DAMAGED, "checksum");
    text_clear(&toc);
}

static void open_refuses_a_damaged_manifest(void **state)
{
    write_toc(state, 16);
    scratch_write(*state, MANIFEST_FILE_NAME, "{}", 2);
    expect_open_fails(state, ERROR_DAMAGED, "manifest");
}

static void check_sizes_names_the_first_file_that_is_not_as_written(void **state)
{
    struct archive *archive;
    struct error error;
    struct text toc = create_toc(16);
    scratch_write(*state, "toc.dat", toc.data, toc.length_bytes);
    write_manifest(state, toc.data, toc.length_bytes);
    text_clear(&toc);
    assert_true(archive_open(&archive, *state, &error));
    assert_false(archive_check_sizes(archive, &error));
    assert_non_null(strstr(error.message, "1.dat\" is missing"));
    scratch_write(*state, "1.dat", "1234", 4);
    assert_false(archive_check_sizes(archive, &error));
    assert_non_null(strstr(error.message, "4 bytes"));
    scratch_write(*state, "1.dat", "12345", 5);
    assert_true(archive_check_sizes(archive, &error));
    archive_close(archive);
}

static void stored_bytes_are_those_of_the_file_whatever_its_suffix(void **state)
{
    struct archive *archive;
    struct error error;
    write_toc(state, 16);
    assert_true(archive_open(&archive, *state, &error));
    assert_int_equal(archive_entry_stored_bytes(archive, archive->toc->entries[0]), 0);
    scratch_write(*state, "1.dat.lz4", "1234", 4);
    assert_int_equal(archive_entry_stored_bytes(archive, archive->toc->entries[0]), 4);
    scratch_write(*state, "blobs_2.toc", "7 blob_7.dat\n", 13);
    assert_int_equal(archive_entry_stored_bytes(archive, archive->toc->entries[1]), 13 * 1024);
    archive_close(archive);
}

static void the_list_of_large_objects_has_one_name_before_version_16(void **state)
{
    struct archive *archive;
    struct error error;
    write_toc(state, 16);
    assert_true(archive_open(&archive, *state, &error));
    assert_string_equal(archive_blob_list_name(archive, archive->toc->entries[1]), "blobs_2.toc");
    archive_close(archive);
    write_toc(state, 15);
    assert_true(archive_open(&archive, *state, &error));
    assert_string_equal(archive_blob_list_name(archive, archive->toc->entries[1]), "blobs.toc");
    archive_close(archive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(open_reads_an_archive_of_pg_dump),
        scratch_test(open_names_a_folder_without_a_toc),
        scratch_test(open_names_a_damaged_toc),
        scratch_test(open_checks_the_toc_against_the_manifest),
        scratch_test(open_refuses_a_damaged_manifest),
        scratch_test(check_sizes_names_the_first_file_that_is_not_as_written),
        scratch_test(stored_bytes_are_those_of_the_file_whatever_its_suffix),
        scratch_test(the_list_of_large_objects_has_one_name_before_version_16),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
