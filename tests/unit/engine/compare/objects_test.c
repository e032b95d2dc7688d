#include "engine/compare/objects.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { PAGE = LARGE_OBJECT_PAGE_BYTES };

static void both_sides_are_joined_by_oid(void **state)
{
    const uint32_t archived[] = {7, 3, 7, 9}, live[] = {3, 4, 9};
    struct compared_objects objects;

    (void)state;
    compared_objects_make(&objects, archived, 4, live, 3);
    assert_int_equal(objects.count, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct compared_object *object = &objects.items[i];

        assert_int_equal(object->oid, ((const uint32_t[]){3, 4, 7, 9})[i]);
        assert_int_equal(object->is_archived, object->oid != 4);
        assert_int_equal(object->is_live, object->oid != 7);
    }
    assert_ptr_equal(compared_objects_find(&objects, 7), &objects.items[2]);
    assert_null(compared_objects_find(&objects, 5));
    compared_objects_clear(&objects);
    compared_objects_make(&objects, NULL, 0, NULL, 0);
    assert_null(compared_objects_find(&objects, 5));
    compared_objects_clear(&objects);
}

static void add(struct object_digest *digest, uint64_t offset, const void *bytes, size_t length)
{
    object_digest_add(digest, offset, (struct span){bytes, length});
}

static void neither_order_nor_pieces_nor_holes_matter(void **state)
{
    static unsigned char bytes[3 * PAGE + 100];
    struct object_digest whole = {0}, pieces = {0}, sparse = {0};

    (void)state;
    memset(bytes, 0, sizeof bytes);
    memset(bytes, 'a', 50);
    memset(bytes + (size_t)2 * PAGE, 'b', PAGE + 100);
    add(&whole, 0, bytes, sizeof bytes);
    add(&pieces, (uint64_t)3 * PAGE, bytes + (size_t)3 * PAGE, 100);
    add(&pieces, 0, bytes, (size_t)2 * PAGE);
    add(&pieces, (uint64_t)2 * PAGE, bytes + (size_t)2 * PAGE, PAGE);
    assert_true(object_digest_is_equal(&whole, &pieces));
    add(&sparse, 0, bytes, 50);
    add(&sparse, (uint64_t)2 * PAGE, bytes + (size_t)2 * PAGE, PAGE + 100);
    assert_true(object_digest_is_equal(&whole, &sparse));
}

static void everything_else_does(void **state)
{
    static unsigned char bytes[2 * PAGE];
    struct object_digest one = {0}, changed = {0}, swapped = {0}, longer = {0};

    (void)state;
    memset(bytes, 'a', PAGE);
    memset(bytes + PAGE, 'b', PAGE);
    add(&one, 0, bytes, sizeof bytes);
    add(&swapped, 0, bytes + PAGE, PAGE);
    add(&swapped, PAGE, bytes, PAGE);
    assert_false(object_digest_is_equal(&one, &swapped));
    add(&longer, 0, bytes, sizeof bytes);
    add(&longer, sizeof bytes, "", 1);
    assert_false(object_digest_is_equal(&one, &longer));
    bytes[PAGE] ^= 1;
    add(&changed, 0, bytes, sizeof bytes);
    assert_false(object_digest_is_equal(&one, &changed));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_are_joined_by_oid),
        cmocka_unit_test(neither_order_nor_pieces_nor_holes_matter),
        cmocka_unit_test(everything_else_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
