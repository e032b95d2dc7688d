#include "engine/base/checksum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void checksum_of_nothing_is_the_published_one(void **state)
{
    struct checksum *checksum = checksum_create();
    char text[CHECKSUM_TEXT_BYTES];

    (void)state;
    checksum_end(checksum, text);
    assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    checksum_free(checksum);
}

static void checksum_does_not_care_about_the_pieces(void **state)
{
    unsigned char bytes[10000];
    char whole[CHECKSUM_TEXT_BYTES], pieces[CHECKSUM_TEXT_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7);
    struct checksum *checksum = checksum_create();
    checksum_update(checksum, bytes, sizeof bytes);
    checksum_end(checksum, whole);
    checksum_free(checksum);

    checksum = checksum_create();
    for (size_t at = 0, step = 1; at < sizeof bytes; at += step, step = step % 97 + 1) {
        size_t length = sizeof bytes - at < step ? sizeof bytes - at : step;
        checksum_update(checksum, bytes + at, length);
    }
    checksum_end(checksum, pieces);
    checksum_free(checksum);
    assert_string_equal(whole, pieces);
    checksum_text_of(bytes, sizeof bytes, pieces);
    assert_string_equal(whole, pieces);
    assert_int_equal(strlen(whole), CHECKSUM_TEXT_BYTES - 1);
}

static void checksum_sees_a_changed_bit(void **state)
{
    char before[CHECKSUM_TEXT_BYTES], after[CHECKSUM_TEXT_BYTES];
    struct checksum *checksum = checksum_create();

    (void)state;
    checksum_update(checksum, "row 1\nrow 2\n", 12);
    checksum_end(checksum, before);
    checksum_free(checksum);
    checksum = checksum_create();
    checksum_update(checksum, "row 1\nrow 3\n", 12);
    checksum_end(checksum, after);
    checksum_free(checksum);
    assert_string_not_equal(before, after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksum_of_nothing_is_the_published_one),
        cmocka_unit_test(checksum_does_not_care_about_the_pieces),
        cmocka_unit_test(checksum_sees_a_changed_bit),
    };

    checksum_free(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
