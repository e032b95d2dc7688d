#include "engine/archive/frame_index.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct span span_of(const char *text)
{
    return (struct span){(const unsigned char *)text, strlen(text)};
}

static void assert_printed(const struct frame_index *index, const char *expected)
{
    struct text json;

    text_init(&json, TEXT_MAXIMUM);
    frame_index_print(index, &json);
    assert_string_equal(json.data, expected);
    text_clear(&json);
}

static void frames_are_printed_in_their_order(void **state)
{
    struct frame_index index = {.count = 0};

    (void)state;
    assert_printed(&index, "[]");
    frame_index_add(&index, 70, 524288);
    assert_printed(&index, "[[70,524288]]");
    frame_index_add(&index, UINT32_MAX, 0);
    assert_printed(&index, "[[70,524288],[4294967295,0]]");
    assert_int_equal(frame_index_raw_bytes(&index), 524288);
    assert_true(frame_index_stored_bytes(&index) == (uint64_t)UINT32_MAX + 70);
    frame_index_clear(&index);
    assert_int_equal(index.count, 0);
}

static void what_was_printed_is_what_is_parsed(void **state)
{
    struct arena *arena = arena_create();
    struct frame_index index = {.count = 0}, again;
    struct text json;

    (void)state;
    text_init(&json, TEXT_MAXIMUM);
    for (size_t i = 0; i < 1000; i++)
        frame_index_add(&index, i, 3 * i);
    frame_index_print(&index, &json);
    assert_true(frame_index_parse(&again, arena, span_of(json.data)));
    assert_int_equal(again.count, 1000);
    assert_memory_equal(again.frames, index.frames, 1000 * sizeof(struct frame_sizes));
    again = frame_index_copy(&index, arena);
    frame_index_clear(&index);
    assert_int_equal(again.frames[999].raw_bytes, 2997);
    text_clear(&json);
    arena_free(arena);
}

static void nothing_else_is_parsed(void **state)
{
    static const char *const wrong[] = {
        "",
        "[",
        "]",
        "[[1,2]",
        "[[1,2]]]",
        "[[1,2],]",
        "[[1,2][3,4]]",
        "[[1]]",
        "[[1,2,3]]",
        "[1,2]",
        "[[1, 2]]",
        "[[-1,2]]",
        "[[+1,2]]",
        "[[1.0,2]]",
        "[[,2]]",
        "[[1,]]",
        "[[]]",
        "[[4294967296,0]]",
        "[[1,2]] ",
        "[,[1,2]]",
        "[[[1,2]]]",
        "[[1,2],[3,4",
        "{}",
        "null",
        "[[\"1\",2]]",
    };
    struct arena *arena = arena_create();
    struct frame_index index;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (frame_index_parse(&index, arena, span_of(wrong[i])))
            fail_msg("%s", wrong[i]);
    assert_true(frame_index_parse(&index, arena, span_of("[]")));
    assert_int_equal(index.count, 0);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_printed_in_their_order),
        cmocka_unit_test(what_was_printed_is_what_is_parsed),
        cmocka_unit_test(nothing_else_is_parsed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
