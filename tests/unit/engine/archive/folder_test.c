#include "engine/archive/folder.h"
#include "engine/archive/manifest.h"

#include "scratch_folder.h"

#include <errno.h>
#include <sys/wait.h>

#define TEXT_SPAN(text) ((struct span){(const unsigned char *)(text), sizeof(text) - 1})

static struct folder *create(const char *path)
{
    struct folder *folder;
    struct error error;
    if (!folder_create(&folder, path, &error))
        fail_msg("%s", error.message);
    return folder;
}

static void expect_create_fails(const char *path, enum error_kind kind)
{
    struct folder *folder;
    struct error error;
    assert_false(folder_create(&folder, path, &error));
    assert_null(folder);
    if (error.kind != kind)
        fail_msg("kind %d: %s", error.kind, error.message);
}

static void expect_open_fails(const char *path, enum error_kind kind, const char *part_of_message)
{
    struct folder *folder;
    struct error error;
    assert_false(folder_open(&folder, path, &error));
    assert_null(folder);
    if (error.kind != kind || !strstr(error.message, part_of_message))
        fail_msg("kind %d: %s", error.kind, error.message);
}

static mode_t mode_of(const char *folder, const char *name)
{
    struct stat status;
    char *path = memory_print("%s/%s", folder, name);
    assert_int_equal(stat(path, &status), 0);
    free(path);
    return status.st_mode & 07777;
}

static void create_and_finish_leave_the_folder_under_its_name(void **state)
{
    struct error error;
    char *path = scratch_path(state, "dump");
    struct folder *folder = create(path);
    assert_true(scratch_exists(*state, "dump.partial"));
    assert_false(scratch_exists(*state, "dump"));
    assert_true(folder_write_file(folder, "toc.dat", TEXT_SPAN("table"), &error));
    assert_true(folder_finish(folder, &error));
    assert_string_equal(folder_path(folder), path);
    folder_close(folder);
    assert_false(scratch_exists(*state, "dump.partial"));
    assert_true(scratch_exists(*state, "dump/toc.dat"));
    assert_false(scratch_exists(*state, "dump/" FOLDER_MARKER_NAME));
    free(path);
}

static void what_is_created_is_private_whatever_the_umask(void **state)
{
    static const mode_t masks[] = {0, 022, 0777};
    for (size_t i = 0; i < sizeof(masks) / sizeof(masks[0]); i++) {
        struct error error;
        char name[16];
        snprintf(name, sizeof(name), "dump%zu", i);
        char *path = scratch_path(state, name);
        mode_t before = umask(masks[i]);
        struct folder *folder = create(path);
        assert_true(folder_write_file(folder, "1.dat", TEXT_SPAN("x"), &error));
        umask(before);
        assert_int_equal(mode_of(folder_path(folder), "."), 0700);
        assert_int_equal(mode_of(folder_path(folder), "1.dat"), 0600);
        folder_discard(folder);
        folder_close(folder);
        free(path);
    }
}

static void create_takes_an_empty_folder_and_odd_spellings(void **state)
{
    struct error error;
    char *path = scratch_path(state, "dump///");
    char *plain = scratch_path(state, "dump");
    assert_int_equal(mkdir(plain, 0755), 0);
    struct folder *folder = create(path);
    assert_true(folder_finish(folder, &error));
    folder_close(folder);
    assert_int_equal(mode_of(plain, "."), 0700);
    free(plain);
    free(path);
}

static void create_refuses_names_that_are_taken_or_none(void **state)
{
    char *file = scratch_path(state, "file");
    char *link = scratch_path(state, "link");
    char *no_parent = scratch_path(state, "absent/dump");
    char *under_file = scratch_path(state, "file/dump");
    scratch_write(*state, "file", "x", 1);
    assert_int_equal(symlink(*state, link), 0);
    expect_create_fails(file, ERROR_CONFLICT);
    expect_create_fails(link, ERROR_CONFLICT);
    expect_create_fails(*state, ERROR_CONFLICT);
    expect_create_fails(no_parent, ERROR_IO);
    expect_create_fails(under_file, ERROR_IO);
    expect_create_fails("", ERROR_USAGE);
    expect_create_fails(".", ERROR_USAGE);
    expect_create_fails("/", ERROR_USAGE);
    expect_create_fails("/tmp/..", ERROR_USAGE);
    free(under_file);
    free(no_parent);
    free(link);
    free(file);
}

static void create_leaves_a_partial_folder_of_others_alone(void **state)
{
    char *path = scratch_path(state, "dump");
    char *partial = scratch_path(state, "dump.partial");
    assert_int_equal(mkdir(partial, 0755), 0);
    scratch_write(partial, "precious", "x", 1);
    expect_create_fails(path, ERROR_CONFLICT);
    assert_true(scratch_exists(partial, "precious"));
    free(partial);
    free(path);
}

static void create_refuses_while_another_run_builds(void **state)
{
    char *path = scratch_path(state, "dump");
    struct folder *running = create(path);
    expect_create_fails(path, ERROR_LOCKED);
    folder_discard(running);
    folder_close(running);
    struct folder *next = create(path);
    folder_discard(next);
    folder_close(next);
    assert_false(scratch_exists(*state, "dump.partial"));
    free(path);
}

static void create_removes_what_a_killed_run_left(void **state)
{
    char *path = scratch_path(state, "dump");
    char *scratch;
    struct error error;
    if (fork() == 0) {
        struct folder *killed = create(path);
        bool is_written = folder_write_file(killed, "toc.dat", TEXT_SPAN("x"), &error) &&
                          folder_create_scratch(killed, "helper", &scratch, &error);
        if (is_written)
            scratch_write(scratch, "deep", "x", 1);
        _exit(is_written ? 0 : 1);
    }
    int status;
    wait(&status);
    assert_int_equal(status, 0);
    assert_true(scratch_exists(*state, "dump.partial/toc.dat"));
    struct folder *folder = create(path);
    assert_false(scratch_exists(*state, "dump.partial/toc.dat"));
    assert_false(scratch_exists(*state, "dump.partial/helper"));
    assert_true(scratch_exists(*state, "dump.partial/" FOLDER_MARKER_NAME));
    folder_discard(folder);
    folder_close(folder);
    free(path);
}

static void finish_refuses_a_name_taken_meanwhile(void **state)
{
    struct error error;
    char *path = scratch_path(state, "dump");
    struct folder *folder = create(path);
    assert_int_equal(mkdir(path, 0755), 0);
    scratch_write(path, "precious", "x", 1);
    assert_false(folder_finish(folder, &error));
    assert_int_equal(error.kind, ERROR_CONFLICT);
    folder_discard(folder);
    folder_close(folder);
    assert_true(scratch_exists(path, "precious"));
    assert_false(scratch_exists(*state, "dump.partial"));
    free(path);
}

static void scratch_folders_come_and_go(void **state)
{
    struct error error;
    char *path = scratch_path(state, "dump");
    char *scratch;
    struct folder *folder = create(path);
    assert_true(folder_create_scratch(folder, "helper", &scratch, &error));
    scratch_write(scratch, "file", "x", 1);
    folder_remove_scratch(folder, "helper");
    assert_int_equal(access(scratch, F_OK), -1);
    folder_discard(folder);
    folder_close(folder);
    free(scratch);
    free(path);
}

static void create_file_never_overwrites(void **state)
{
    struct error error;
    int descriptor;
    char *path = scratch_path(state, "dump");
    struct folder *folder = create(path);
    assert_true(folder_create_file(folder, "1.dat", &descriptor, &error));
    close(descriptor);
    assert_false(folder_create_file(folder, "1.dat", &descriptor, &error));
    assert_int_equal(error.os_errno, EEXIST);
    folder_discard(folder);
    folder_close(folder);
    free(path);
}

static void open_says_what_is_wrong_with_a_path(void **state)
{
    char tar[512] = {0};
    char *absent = scratch_path(state, "absent");
    char *custom = scratch_path(state, "custom");
    char *toc = scratch_path(state, "toc.dat");
    char *tar_path = scratch_path(state, "tar");
    char *script = scratch_path(state, "script");
    char *pipe_path = scratch_path(state, "pipe");
    memcpy(tar + 257, "ustar", 5);
    scratch_write(*state, "custom", "PGDMP\1\16", 7);
    scratch_write(*state, "toc.dat", "PGDMP\1\16\0\4\10\3", 11);
    scratch_write(*state, "tar", tar, sizeof(tar));
    scratch_write(*state, "script", "--\n-- PostgreSQL database dump\n", 31);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    expect_open_fails(absent, ERROR_IO, "No such file");
    expect_open_fails(custom, ERROR_UNSUPPORTED, "custom format");
    expect_open_fails(toc, ERROR_UNSUPPORTED, "table of contents");
    expect_open_fails(tar_path, ERROR_UNSUPPORTED, "tar file");
    expect_open_fails(script, ERROR_UNSUPPORTED, "SQL script");
    expect_open_fails(pipe_path, ERROR_UNSUPPORTED, "a file");
    free(pipe_path);
    free(script);
    free(tar_path);
    free(toc);
    free(custom);
    free(absent);
}

static void open_refuses_what_did_not_finish(void **state)
{
    struct error error;
    char *path = scratch_path(state, "dump");
    char *partial = scratch_path(state, "dump.partial");
    char *moved = scratch_path(state, "moved");
    struct folder *folder = create(path);
    expect_open_fails(path, ERROR_INCOMPLETE, "dump.partial");
    expect_open_fails(partial, ERROR_INCOMPLETE, "did not finish");
    assert_true(folder_write_file(folder, MANIFEST_FILE_NAME, TEXT_SPAN("{}"), &error));
    expect_open_fails(partial, ERROR_INCOMPLETE, "did not finish");
    folder_close(folder);
    char *manifest = memory_print("%s/%s", partial, MANIFEST_FILE_NAME);
    assert_int_equal(unlink(manifest), 0);
    free(manifest);
    assert_int_equal(rename(partial, moved), 0);
    expect_open_fails(moved, ERROR_INCOMPLETE, "did not finish");
    free(moved);
    free(partial);
    free(path);
}

static void a_crash_between_rename_and_end_leaves_a_complete_folder(void **state)
{
    struct error error;
    struct folder *folder;
    scratch_write(*state, MANIFEST_FILE_NAME, "{}", 2);
    scratch_write(*state, FOLDER_MARKER_NAME, "", 0);
    assert_true(folder_open(&folder, *state, &error));
    folder_close(folder);
}

static void only_names_within_the_folder_are_safe(void **state)
{
    char longest[257];
    (void)state;
    memset(longest, 'x', sizeof(longest) - 1);
    longest[256] = '\0';
    assert_true(folder_name_is_safe("3390.dat.gz"));
    assert_true(folder_name_is_safe("blob_1.dat"));
    assert_false(folder_name_is_safe(longest));
    longest[255] = '\0';
    assert_true(folder_name_is_safe(longest));
    static const char *const bad[] = {"",         ".",     "..",  "../x",  "/etc/passwd",
                                      "a/b",      ".hide", "a b", "a\nb",  "a\\b",
                                      "\xc3\xa9", "a\x1b", "./a", "a/../b"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(folder_name_is_safe(bad[i]));
}

static void expect_refused(const struct folder *folder, const char *name, enum error_kind kind)
{
    struct error error;
    int descriptor;
    uint64_t size;
    assert_false(folder_open_file(folder, name, &descriptor, &size, &error));
    assert_int_equal(error.kind, kind);
    for (const char *c = error.message; *c != '\0'; c++)
        assert_true((unsigned char)*c >= ' ');
}

static void open_file_takes_regular_files_of_the_folder_only(void **state)
{
    struct error error;
    struct folder *folder;
    int descriptor;
    uint64_t size;
    char *link = scratch_path(state, "link.dat");
    char *pipe_path = scratch_path(state, "pipe.dat");
    char *sub = scratch_path(state, "sub.dat");
    scratch_write(*state, "1.dat", "hello", 5);
    assert_int_equal(symlink("1.dat", link), 0);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    assert_int_equal(mkdir(sub, 0700), 0);
    assert_true(folder_open(&folder, *state, &error));
    assert_true(folder_open_file(folder, "1.dat", &descriptor, &size, &error));
    assert_int_equal(size, 5);
    close(descriptor);
    assert_true(folder_file_size(folder, "1.dat", &size));
    assert_false(folder_file_size(folder, "link.dat", &size));
    expect_refused(folder, "2.dat", ERROR_DAMAGED);
    expect_refused(folder, "link.dat", ERROR_HOSTILE);
    expect_refused(folder, "pipe.dat", ERROR_HOSTILE);
    expect_refused(folder, "sub.dat", ERROR_HOSTILE);
    expect_refused(folder, "../1.dat", ERROR_HOSTILE);
    expect_refused(folder, "a\x1b[31m\nb", ERROR_HOSTILE);
    folder_close(folder);
    free(sub);
    free(pipe_path);
    free(link);
}

static void read_file_gives_all_up_to_its_maximum(void **state)
{
    struct error error;
    struct folder *folder;
    unsigned char *bytes;
    size_t length;
    scratch_write(*state, "1.dat", "hello", 5);
    assert_true(folder_open(&folder, *state, &error));
    assert_true(folder_read_file(folder, "1.dat", 5, &bytes, &length, &error));
    assert_int_equal(length, 5);
    assert_memory_equal(bytes, "hello", 5);
    free(bytes);
    assert_false(folder_read_file(folder, "1.dat", 4, &bytes, &length, &error));
    assert_int_equal(error.kind, ERROR_DAMAGED);
    folder_close(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(create_and_finish_leave_the_folder_under_its_name),
        scratch_test(what_is_created_is_private_whatever_the_umask),
        scratch_test(create_takes_an_empty_folder_and_odd_spellings),
        scratch_test(create_refuses_names_that_are_taken_or_none),
        scratch_test(create_leaves_a_partial_folder_of_others_alone),
        scratch_test(create_refuses_while_another_run_builds),
        scratch_test(create_removes_what_a_killed_run_left),
        scratch_test(finish_refuses_a_name_taken_meanwhile),
        scratch_test(scratch_folders_come_and_go),
        scratch_test(create_file_never_overwrites),
        scratch_test(open_says_what_is_wrong_with_a_path),
        scratch_test(open_refuses_what_did_not_finish),
        scratch_test(a_crash_between_rename_and_end_leaves_a_complete_folder),
        cmocka_unit_test(only_names_within_the_folder_are_safe),
        scratch_test(open_file_takes_regular_files_of_the_folder_only),
        scratch_test(read_file_gives_all_up_to_its_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
