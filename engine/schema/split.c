#include "engine/schema/split.h"

enum { MOST_ROUNDS = 8, MOST_PIECES = 10000 };

static const uint64_t smallest_piece_bytes = 4 << 20;
static const uint64_t largest_piece_bytes = (uint64_t)1 << 30;

/* Rounds: how often each worker comes for a piece. Whole rounds, so that one big table keeps all
 * workers busy to the same end; more than one, because pieces and servers are not quite even. */
uint64_t split_choose_bytes(uint64_t total_bytes, unsigned jobs)
{
    /* One worker gains nothing from pieces when it dumps; but whoever restores may have many. */
    if (jobs <= 1)
        return largest_piece_bytes;

    uint64_t share = total_bytes / jobs, rounds = share / smallest_piece_bytes;

    if (rounds == 0)
        return smallest_piece_bytes;
    if (rounds > MOST_ROUNDS)
        rounds = MOST_ROUNDS;
    if (share / rounds > largest_piece_bytes)
        rounds = share / largest_piece_bytes + 1;
    return total_bytes / (jobs * rounds);
}

unsigned split_count_pieces(uint64_t bytes, uint64_t piece_bytes, uint64_t blocks)
{
    if (piece_bytes == 0 || blocks < 2 || bytes / 3 * 2 < piece_bytes)
        return 1;

    uint64_t pieces = bytes / piece_bytes + (bytes % piece_bytes > piece_bytes / 2);

    if (pieces < 2)
        pieces = 2;
    if (pieces > blocks)
        pieces = blocks;
    return pieces > MOST_PIECES ? MOST_PIECES : (unsigned)pieces;
}

uint32_t split_first_block(uint64_t blocks, unsigned pieces, unsigned index)
{
    /* blocks < 2^32 and pieces ≤ MOST_PIECES, so the product fits 64 bits. */
    return (uint32_t)(blocks * index / pieces);
}
