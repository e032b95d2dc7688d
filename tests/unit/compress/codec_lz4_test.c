/* What lz4's frames are made of; that they hold what was put in is the suite's to say. */
#include "compress/codec.h"
#include "engine/base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    ROWS_BYTES = 200 << 10,
    FLAGS = 4 /* behind the magic number */,
    BLOCKS_STAND_ALONE = 1 << 5
};

static unsigned char *make_rows(void)
{
    unsigned char *rows = memory_allocate(ROWS_BYTES, 1);

    for (size_t at = 0, row = 0; at + 64 < ROWS_BYTES; row++)
        at += (size_t)snprintf((char *)rows + at, 64, "%zu\tcustomer %zu\t2024-01-01\tpaid\n", row,
                               row % 997);
    return rows;
}

static unsigned char *make_hexadecimal_noise(void)
{
    unsigned char *noise = memory_allocate(ROWS_BYTES, 1);
    uint64_t state = 1;

    for (size_t i = 0; i < ROWS_BYTES; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        noise[i] = (unsigned char)"0123456789abcdef"[state >> 60];
    }
    return noise;
}

/* The flags of the frame at this level. */
static unsigned flags_of(unsigned char *raw, size_t length, int level)
{
    const struct codec_settings settings = {.level = level};
    size_t room = codec_lz4.frame_bound(length, &settings), frame_length;
    unsigned char *frame = memory_allocate(room, 1);
    struct codec_encoder *encoder;
    struct error error;

    assert_true(codec_lz4.encoder_open(&encoder, &settings, &error));
    assert_true(codec_lz4.encode_frame(encoder, (struct span){raw, length}, frame, room,
                                       &frame_length, &error));
    assert_true(frame_length <= room);
    unsigned flags = frame[FLAGS];
    codec_lz4.encoder_close(encoder);
    free(frame);
    return flags;
}

static void lz4_makes_blocks_of_their_own_of_rows_that_shrink(void **state)
{
    unsigned char *rows = make_rows();

    (void)state;
    assert_true(flags_of(rows, ROWS_BYTES, 0) & BLOCKS_STAND_ALONE);
    assert_true(flags_of(rows, 100, 0) & BLOCKS_STAND_ALONE);
    free(rows);
}

static void lz4_links_the_blocks_of_rows_that_hardly_shrink(void **state)
{
    unsigned char *noise = make_hexadecimal_noise();

    (void)state;
    assert_false(flags_of(noise, ROWS_BYTES, 0) & BLOCKS_STAND_ALONE);
    free(noise);
}

static void lz4_does_what_it_always_does_at_a_level_that_was_chosen(void **state)
{
    unsigned char *rows = make_rows();

    (void)state;
    assert_false(flags_of(rows, ROWS_BYTES, 1) & BLOCKS_STAND_ALONE);
    assert_false(flags_of(rows, ROWS_BYTES, 9) & BLOCKS_STAND_ALONE);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lz4_makes_blocks_of_their_own_of_rows_that_shrink),
        cmocka_unit_test(lz4_links_the_blocks_of_rows_that_hardly_shrink),
        cmocka_unit_test(lz4_does_what_it_always_does_at_a_level_that_was_chosen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
