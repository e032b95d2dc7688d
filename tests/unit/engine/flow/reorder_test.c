#include "engine/flow/reorder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define CHUNKS 1000u

static struct chunk chunks[CHUNKS];

static int number_chunks(void **state)
{
    (void)state;
    for (unsigned i = 0; i < CHUNKS; i++)
        chunks[i] = (struct chunk){.sequence = i};
    return 0;
}

static void reorder_gives_nothing_while_the_next_is_missing(void **state)
{
    struct reorder *reorder = reorder_create();

    (void)state;
    assert_null(reorder_take_next(reorder));
    reorder_put(reorder, &chunks[1]);
    reorder_put(reorder, &chunks[2]);
    assert_null(reorder_take_next(reorder));
    reorder_put(reorder, &chunks[0]);
    for (unsigned i = 0; i < 3; i++)
        assert_ptr_equal(reorder_take_next(reorder), &chunks[i]);
    assert_null(reorder_take_next(reorder));
    reorder_free(reorder);
}

static void reorder_takes_the_worst_order(void **state)
{
    struct reorder *reorder = reorder_create();

    (void)state;
    for (unsigned i = CHUNKS; i-- > 0;) {
        assert_null(reorder_take_next(reorder));
        reorder_put(reorder, &chunks[i]);
    }
    for (unsigned i = 0; i < CHUNKS; i++)
        assert_ptr_equal(reorder_take_next(reorder), &chunks[i]);
    reorder_free(reorder);
}

/* Windows of random size, shuffled within: what codec threads make of a stream. */
static void reorder_sorts_any_order(void **state)
{
    unsigned seed = 1;

    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        struct reorder *reorder = reorder_create();
        unsigned order[CHUNKS], taken = 0;
        for (unsigned i = 0; i < CHUNKS; i++)
            order[i] = i;
        for (unsigned i = 0; i < CHUNKS; i++) {
            seed = seed * 1664525 + 1013904223;
            unsigned other = i + (seed >> 8) % (round + 1);
            if (other >= CHUNKS)
                continue;
            unsigned swapped = order[i];
            order[i] = order[other];
            order[other] = swapped;
        }
        for (unsigned i = 0; i < CHUNKS; i++) {
            struct chunk *chunk;
            reorder_put(reorder, &chunks[order[i]]);
            while ((chunk = reorder_take_next(reorder)) != NULL)
                assert_int_equal(chunk->sequence, taken++);
        }
        assert_int_equal(taken, CHUNKS);
        reorder_free(reorder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reorder_gives_nothing_while_the_next_is_missing),
        cmocka_unit_test(reorder_takes_the_worst_order),
        cmocka_unit_test(reorder_sorts_any_order),
    };

    reorder_free(NULL);
    return cmocka_run_group_tests(tests, number_chunks, NULL);
}
