#include "engine/base/arena.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void arena_gives_zeroed_and_aligned_memory(void **state)
{
    struct arena *arena = arena_create();

    (void)state;
    for (size_t size = 0; size < 3000; size++) {
        unsigned char *memory = arena_allocate(arena, 1, size);
        assert_int_equal((uintptr_t)memory % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(memory[i], 0);
        memset(memory, 0xFF, size);
    }
    arena_free(arena);
}

static void arena_keeps_what_it_gave(void **state)
{
    enum { TEXTS = 20000 };
    struct arena *arena = arena_create();
    char **texts = arena_allocate(arena, TEXTS, sizeof *texts);

    (void)state;
    for (int i = 0; i < TEXTS; i++)
        texts[i] = arena_print(arena, "text %d", i);
    for (int i = 0; i < TEXTS; i++) {
        char *expected = arena_print(arena, "text %d", i);
        assert_string_equal(texts[i], expected);
    }
    arena_free(arena);
}

static void arena_takes_things_larger_than_a_block(void **state)
{
    struct arena *arena = arena_create();

    (void)state;
    char *small = arena_copy_text(arena, "small");
    char *large = arena_allocate(arena, 1000, 1000);
    char *small_too = arena_copy_text(arena, "small too");
    memset(large, 'x', 1000 * 1000);
    assert_string_equal(small, "small");
    assert_string_equal(small_too, "small too");
    /* The large one has not ended the block that was being filled. */
    assert_true(small_too < small && small - small_too < 1000);
    arena_free(arena);
}

static void arena_gives_texts_no_more_room_than_they_are_long(void **state)
{
    struct arena *arena = arena_create();

    (void)state;
    char *one = arena_copy_text(arena, "one");
    void *aligned = arena_allocate(arena, 1, 1);
    char *two = arena_print(arena, "tw%c", 'o');
    assert_int_equal(one - two, sizeof "two");
    assert_int_equal((uintptr_t)aligned % alignof(max_align_t), 0);
    arena_free(arena);
}

static void arena_copies_texts_and_bytes(void **state)
{
    struct arena *arena = arena_create();

    (void)state;
    assert_null(arena_copy_text(arena, NULL));
    assert_string_equal(arena_copy_text(arena, ""), "");
    char *bytes = arena_copy_bytes(arena, "a\0b", 3);
    assert_memory_equal(bytes, "a\0b\0", 4);
    assert_string_equal(arena_copy_bytes(arena, NULL, 0), "");
    assert_string_equal(arena_print(arena, "%s-%d", "x", 7), "x-7");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_zeroed_and_aligned_memory),
        cmocka_unit_test(arena_keeps_what_it_gave),
        cmocka_unit_test(arena_takes_things_larger_than_a_block),
        cmocka_unit_test(arena_gives_texts_no_more_room_than_they_are_long),
        cmocka_unit_test(arena_copies_texts_and_bytes),
    };

    arena_free(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
