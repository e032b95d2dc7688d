#include "engine/archive/blob_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void oids_stand_one_a_line(void **state)
{
    uint32_t *oids;
    size_t count;
    struct error error;
    (void)state;
    assert_true(blob_list_parse_oids("30001\n4294967295\n", &oids, &count, &error));
    assert_int_equal(count, 2);
    assert_int_equal(oids[0], 30001);
    assert_true(oids[1] == UINT32_MAX);
    free(oids);
}

static void damaged_lists_of_oids_are_refused(void **state)
{
    static const char *const bad[] = {
        NULL,  "",     "\n",   "0\n",          "1",     "1\n2",  "1\n\n",
        "x\n", "-1\n", " 1\n", "4294967296\n", "1\r\n", "1 2\n", "99999999999999999999999\n"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        uint32_t *oids;
        size_t count;
        struct error error;
        assert_false(blob_list_parse_oids(bad[i], &oids, &count, &error));
        assert_int_equal(error.kind, ERROR_DAMAGED);
        assert_null(oids);
    }
}

static bool leads_elsewhere(const char *text)
{
    return strchr(text, '/') != NULL || strstr(text, " .") != NULL;
}

static bool parse_files(const char *text, struct blob_file **files, size_t *count)
{
    struct error error;
    struct span bytes = {(const unsigned char *)text, strlen(text)};
    if (blob_list_parse_files(bytes, files, count, &error))
        return true;
    assert_int_equal(error.kind, leads_elsewhere(text) ? ERROR_HOSTILE : ERROR_DAMAGED);
    assert_null(*files);
    return false;
}

static void files_stand_behind_their_oids(void **state)
{
    static const char *const names[] = {"blob_7.dat", "blob_7.dat", "blob_4294967295.dat", "x",
                                        "blob_30003.data"};
    char room[BLOB_FILE_NAME_BYTES];
    struct blob_file *files;
    size_t count;
    (void)state;
    assert_true(parse_files("7 blob_7.dat\n30002 blob_7.dat\n4294967295 blob_4294967295.dat\n"
                            "30001 x\n30003 blob_30003.data\n",
                            &files, &count));
    assert_int_equal(count, 5);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(blob_file_name(&files[i], room), names[i]);
    assert_int_equal(files[0].oid, 7);
    assert_null(files[0].odd_name);
    assert_int_equal(files[1].oid, 30002);
    free(files);
}

static void a_list_may_be_empty(void **state)
{
    struct blob_file *files;
    size_t count;
    (void)state;
    assert_true(parse_files("", &files, &count));
    assert_int_equal(count, 0);
    free(files);
}

static void damaged_and_hostile_lists_of_files_are_refused(void **state)
{
    static const char *const bad[] = {
        "7 blob_7.dat",
        "7 blob_7.dat\n8 blob_8",
        "7 blob_7.dat\n8",
        "7\n",
        "7 \n",
        " blob\n",
        "7 ../secret\n",
        "7 /etc/passwd\n",
        "7 a/b\n",
        "7 .hidden\n",
        "7 blob 7\n",
        "7 blob_7.dat\r\n",
        "0 blob_0.dat\n",
        "\n",
        "7  blob_7.dat\n",
        "7 0123456789012345678901234567890123456789012345678901234567890123\n"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct blob_file *files;
        size_t count;
        assert_false(parse_files(bad[i], &files, &count));
    }
}

static void a_zero_byte_does_not_shorten_a_name(void **state)
{
    static const unsigned char bytes[] = "7 blob\0/../x\n";
    struct blob_file *files;
    size_t count;
    struct error error;
    (void)state;
    assert_false(
        blob_list_parse_files((struct span){bytes, sizeof(bytes) - 1}, &files, &count, &error));
}

static void expect_acl(const char *acl, const char *expected)
{
    struct text text;
    text_init(&text, TEXT_MAXIMUM);
    blob_list_acl_for(&text, acl, 99);
    assert_string_equal(text.data, expected);
    text_clear(&text);
}

static void the_acl_of_a_group_is_said_again_for_each_object(void **state)
{
    (void)state;
    expect_acl("GRANT SELECT ON LARGE OBJECT 1 TO clerk;\n",
               "GRANT SELECT ON LARGE OBJECT 99 TO clerk;\n");
    expect_acl("REVOKE ALL ON LARGE OBJECT 12345 FROM a;\nGRANT ALL ON LARGE OBJECT 12345 TO b;\n",
               "REVOKE ALL ON LARGE OBJECT 99 FROM a;\nGRANT ALL ON LARGE OBJECT 99 TO b;\n");
}

static void names_of_roles_are_left_alone(void **state)
{
    (void)state;
    expect_acl("GRANT ALL ON LARGE OBJECT 1 TO \"LARGE OBJECT 1\";\n",
               "GRANT ALL ON LARGE OBJECT 99 TO \"LARGE OBJECT 1\";\n");
    expect_acl("GRANT ALL ON LARGE OBJECT 1 TO \"x\"\"LARGE OBJECT 1\";\n",
               "GRANT ALL ON LARGE OBJECT 99 TO \"x\"\"LARGE OBJECT 1\";\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(oids_stand_one_a_line),
        cmocka_unit_test(damaged_lists_of_oids_are_refused),
        cmocka_unit_test(files_stand_behind_their_oids),
        cmocka_unit_test(a_list_may_be_empty),
        cmocka_unit_test(damaged_and_hostile_lists_of_files_are_refused),
        cmocka_unit_test(a_zero_byte_does_not_shorten_a_name),
        cmocka_unit_test(the_acl_of_a_group_is_said_again_for_each_object),
        cmocka_unit_test(names_of_roles_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
