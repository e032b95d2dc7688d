#include "engine/archive/file_ledger.h"

#include "scratch_folder.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MANY = 20000 }; /* more than is held */

static struct folder *make_folder(void **state)
{
    struct folder *folder;
    struct error error;
    char *path = scratch_path(state, "ledger");

    assert_true(folder_create(&folder, path, &error));
    free(path);
    return folder;
}

static void remove_folder(struct folder *folder)
{
    folder_discard(folder);
    folder_close(folder);
}

static void add(struct file_ledger *ledger, const struct manifest_file *file)
{
    struct error error;

    if (!file_ledger_add(ledger, file, &error))
        fail_msg("%s", error.message);
}

/* Tables and large objects in turn, with as many frames as their number allows. */
static struct manifest_file file_of(unsigned number, char name[32],
                                    char checksum[CHECKSUM_TEXT_BYTES],
                                    struct frame_sizes frames[8])
{
    struct manifest_file file = {.name = name,
                                 .size_bytes = number,
                                 .raw_bytes = 3 * (uint64_t)number,
                                 .checksum = checksum,
                                 .has_rows = number % 2 == 0,
                                 .frames = {.frames = frames, .count = number % 8}};

    snprintf(name, 32, "%u.dat.zst", number);
    checksum_text_of(name, strlen(name), checksum);
    for (unsigned i = 0; i < number % 8; i++)
        frames[i] = (struct frame_sizes){number + i, number * i};
    if (file.has_rows)
        file.digest = (struct row_digest){.rows = number, .sum_high = 1, .sum_low = number + 7};
    return file;
}

static void add_number(struct file_ledger *ledger, unsigned number)
{
    char name[32], checksum[CHECKSUM_TEXT_BYTES];
    struct frame_sizes frames[8];
    const struct manifest_file file = file_of(number, name, checksum, frames);

    add(ledger, &file);
}

static void expect_number(const struct manifest_file *file, unsigned number)
{
    char name[32], checksum[CHECKSUM_TEXT_BYTES];
    struct frame_sizes frames[8];
    const struct manifest_file expected = file_of(number, name, checksum, frames);

    assert_string_equal(file->name, name);
    assert_string_equal(file->checksum, checksum);
    assert_int_equal(file->size_bytes, expected.size_bytes);
    assert_int_equal(file->raw_bytes, expected.raw_bytes);
    assert_int_equal(file->has_rows, expected.has_rows);
    assert_true(row_digest_is_equal(&file->digest, &expected.digest));
    assert_int_equal(file->frames.count, expected.frames.count);
    if (expected.frames.count > 0)
        assert_memory_equal(file->frames.frames, frames, expected.frames.count * sizeof(frames[0]));
}

static void expect_numbers_below(struct file_ledger *ledger, unsigned count)
{
    struct manifest_file file;
    struct error error;
    unsigned number = 0;

    assert_int_equal(file_ledger_count(ledger), count);
    file_ledger_begin_reading(ledger);
    for (; file_ledger_read(ledger, &file); number++)
        expect_number(&file, number);
    assert_true(file_ledger_end_reading(ledger, &error));
    assert_int_equal(number, count);
}

static unsigned count_names(const struct folder *folder)
{
    DIR *directory = opendir(folder_path(folder));
    unsigned count = 0;

    assert_non_null(directory);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static void what_is_added_is_read_as_often_as_one_likes(void **state)
{
    struct folder *folder = make_folder(state);
    struct file_ledger *ledger = file_ledger_create(folder);

    expect_numbers_below(ledger, 0);
    for (unsigned i = 0; i < 5; i++)
        add_number(ledger, i);
    expect_numbers_below(ledger, 5);
    expect_numbers_below(ledger, 5);
    file_ledger_free(ledger);
    remove_folder(folder);
}

static void more_than_is_held_lies_in_a_file_without_a_name(void **state)
{
    struct folder *folder = make_folder(state);
    struct file_ledger *ledger = file_ledger_create(folder);
    unsigned names = count_names(folder);

    for (unsigned i = 0; i < MANY; i++)
        add_number(ledger, i);
    assert_int_equal(count_names(folder), names);
    expect_numbers_below(ledger, MANY);
    file_ledger_free(ledger);
    remove_folder(folder);
}

static void adding_goes_on_after_reading(void **state)
{
    struct folder *folder = make_folder(state);
    struct file_ledger *ledger = file_ledger_create(folder);
    struct manifest_file file;
    struct error error;

    for (unsigned i = 0; i < MANY; i++)
        add_number(ledger, i);
    file_ledger_begin_reading(ledger);
    assert_true(file_ledger_read(ledger, &file)); /* and then no more */
    assert_true(file_ledger_end_reading(ledger, &error));
    for (unsigned i = MANY; i < 2 * MANY; i++)
        add_number(ledger, i);
    expect_numbers_below(ledger, 2 * MANY);
    file_ledger_free(ledger);
    remove_folder(folder);
}

static void a_file_may_have_more_frames_than_are_held(void **state)
{
    enum { FRAMES = 100000 };
    struct folder *folder = make_folder(state);
    struct file_ledger *ledger = file_ledger_create(folder);
    char checksum[CHECKSUM_TEXT_BYTES];
    struct frame_index frames = {.count = 0};
    struct manifest_file file;

    checksum_text_of("", 0, checksum);
    for (unsigned i = 0; i < FRAMES; i++)
        frame_index_add(&frames, i, 2 * i);
    add(ledger,
        &(struct manifest_file){.name = "1.dat.zst", .checksum = checksum, .frames = frames});
    file_ledger_begin_reading(ledger);
    assert_true(file_ledger_read(ledger, &file));
    assert_int_equal(file.frames.count, FRAMES);
    assert_memory_equal(file.frames.frames, frames.frames, FRAMES * sizeof(struct frame_sizes));
    assert_false(file_ledger_read(ledger, &file));
    frame_index_clear(&frames);
    file_ledger_free(ledger);
    remove_folder(folder);
}

static void a_folder_that_takes_no_file_is_told(void **state)
{
    struct folder *folder = make_folder(state);
    struct file_ledger *ledger = file_ledger_create(folder);
    char name[32], checksum[CHECKSUM_TEXT_BYTES];
    struct frame_sizes frames[8];
    struct error error = {.kind = ERROR_NONE};
    int descriptor;

    assert_true(folder_create_file(folder, "pgfast.files", &descriptor, &error));
    close(descriptor);
    for (unsigned i = 0; i < MANY && error.kind == ERROR_NONE; i++) {
        const struct manifest_file file = file_of(i, name, checksum, frames);

        if (!file_ledger_add(ledger, &file, &error))
            assert_int_equal(error.kind, ERROR_IO);
    }
    assert_int_equal(error.kind, ERROR_IO);
    file_ledger_free(ledger);
    remove_folder(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(what_is_added_is_read_as_often_as_one_likes),
        scratch_test(more_than_is_held_lies_in_a_file_without_a_name),
        scratch_test(adding_goes_on_after_reading),
        scratch_test(a_file_may_have_more_frames_than_are_held),
        scratch_test(a_folder_that_takes_no_file_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
