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
        frame_index_add(&index, i + 1, 3 * i);
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
        "[[0,2]]",
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

static struct frame_sizes three[] = {{10, 100}, {20, 100}, {5, 7}};
static const struct frame_index index_of_three = {three, 3, 3};

static size_t limit(const struct frame_walk *walk)
{
    return frame_walk_limit(walk, (struct span){NULL, 1000}).length;
}

static void a_walk_leads_through_each_frame(void **state)
{
    struct frame_walk walk;

    (void)state;
    frame_walk_begin(&walk, &index_of_three);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(limit(&walk), three[i].stored_bytes);
        assert_true(frame_walk_advance(&walk, 4, 3));
        assert_int_equal(limit(&walk), three[i].stored_bytes - 4);
        assert_false(frame_walk_is_at_end_of_frame(&walk));
        assert_true(frame_walk_advance(&walk, three[i].stored_bytes - 4, 0));
        assert_true(frame_walk_is_at_end_of_frame(&walk));
        assert_true(frame_walk_advance(&walk, 0, three[i].raw_bytes - 3));
        assert_true(frame_walk_enter_next(&walk));
    }
    assert_int_equal(limit(&walk), 1000);
    assert_false(frame_walk_is_at_end_of_frame(&walk));
}

static void a_walk_notices_frames_of_other_sizes(void **state)
{
    struct frame_walk walk;

    (void)state;
    frame_walk_begin(&walk, &index_of_three);
    assert_false(frame_walk_advance(&walk, 11, 1));
    assert_false(frame_walk_advance(&walk, 1, 101));
    assert_true(frame_walk_advance(&walk, 10, 99));
    assert_false(frame_walk_enter_next(&walk));
}

static void a_walk_passes_whole_frames_only(void **state)
{
    static const struct {
        size_t stored, raw;
        bool is_right;
    } steps[] = {{10, 100, true}, {30, 200, true},  {35, 207, true}, {10, 99, false},
                 {9, 100, false}, {11, 100, false}, {10, 101, false}};

    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct frame_walk walk;

        frame_walk_begin(&walk, &index_of_three);
        assert_int_equal(frame_walk_pass(&walk, steps[i].stored, steps[i].raw), steps[i].is_right);
    }
}

static void where_nothing_is_known_everything_may_be(void **state)
{
    static const struct frame_index none = {NULL, 0, 0};
    struct frame_walk walk;

    (void)state;
    frame_walk_begin(&walk, &none);
    assert_int_equal(limit(&walk), 1000);
    assert_true(frame_walk_advance(&walk, 1, 2));
    assert_true(frame_walk_pass(&walk, 3, 4));
    assert_false(frame_walk_is_at_end_of_frame(&walk));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_printed_in_their_order),
        cmocka_unit_test(what_was_printed_is_what_is_parsed),
        cmocka_unit_test(nothing_else_is_parsed),
        cmocka_unit_test(a_walk_leads_through_each_frame),
        cmocka_unit_test(a_walk_notices_frames_of_other_sizes),
        cmocka_unit_test(a_walk_passes_whole_frames_only),
        cmocka_unit_test(where_nothing_is_known_everything_may_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
