#include "engine/archive/text_file.h"

#include "scratch_folder.h"

enum { LINES = 40000 }; /* more than is gathered at a time */

static struct folder *make_folder(void **state)
{
    struct folder *folder;
    struct error error;
    char *path = scratch_path(state, "texts");

    assert_true(folder_create(&folder, path, &error));
    free(path);
    return folder;
}

static void a_long_text_is_in_its_file_and_has_its_digest(void **state)
{
    struct folder *folder = make_folder(state);
    struct text expected;
    struct text_file file;
    struct error error;
    char checksum[CHECKSUM_TEXT_BYTES], expected_checksum[CHECKSUM_TEXT_BYTES];
    unsigned char *bytes;
    size_t length;

    text_init(&expected, TEXT_MAXIMUM);
    assert_true(text_file_begin(&file, folder, "list", &error));
    for (unsigned i = 0; i < LINES; i++) {
        text_print(&file.text, "line %u\n", i);
        text_print(&expected, "line %u\n", i);
    }
    text_file_digest(&file, checksum);
    assert_int_equal(file.size_bytes, expected.length_bytes);
    checksum_text_of(expected.data, expected.length_bytes, expected_checksum);
    assert_string_equal(checksum, expected_checksum);
    text_append(&file.text, "behind the digest");
    text_append(&expected, "behind the digest");
    assert_true(text_file_end(&file, &error));
    assert_true(folder_read_file(folder, "list", TEXT_MAXIMUM, &bytes, &length, &error));
    assert_int_equal(length, expected.length_bytes);
    assert_memory_equal(bytes, expected.data, length);
    free(bytes);
    text_clear(&expected);
    folder_discard(folder);
    folder_close(folder);
}

static void a_name_that_is_taken_is_an_error(void **state)
{
    struct folder *folder = make_folder(state);
    struct text_file file;
    struct error error;

    assert_true(text_file_begin(&file, folder, "list", &error));
    assert_true(text_file_end(&file, &error));
    assert_false(text_file_begin(&file, folder, "list", &error));
    folder_discard(folder);
    folder_close(folder);
}

static void what_could_not_be_written_is_told_at_the_end(void **state)
{
    struct folder *folder = make_folder(state);
    struct text_file file;
    struct error error;

    assert_true(text_file_begin(&file, folder, "list", &error));
    close(file.descriptor);
    file.descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(file.descriptor >= 0);
    for (unsigned i = 0; i < LINES; i++)
        text_print(&file.text, "line %u\n", i);
    assert_false(text_file_end(&file, &error));
    assert_int_equal(error.kind, ERROR_NO_SPACE);
    assert_non_null(strstr(error.message, "list"));
    folder_discard(folder);
    folder_close(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(a_long_text_is_in_its_file_and_has_its_digest),
        scratch_test(a_name_that_is_taken_is_an_error),
        scratch_test(what_could_not_be_written_is_told_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
