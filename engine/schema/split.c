#include "engine/schema/split.h"

enum { PIECES_PER_JOB = 6, MOST_PIECES = 10000 };

static const uint64_t smallest_piece_bytes = 16 << 20;
static const uint64_t largest_piece_bytes = (uint64_t)1 << 30;

uint64_t split_choose_bytes(uint64_t total_bytes, unsigned jobs)
{
    /* One worker gains nothing from pieces when it dumps; but whoever restores may have many. */
    uint64_t wanted = total_bytes / ((uint64_t)(jobs ? jobs : 1) * PIECES_PER_JOB);

    if (jobs <= 1 || wanted > largest_piece_bytes)
        return largest_piece_bytes;
    return wanted < smallest_piece_bytes ? smallest_piece_bytes : wanted;
}

unsigned split_count_pieces(uint64_t bytes, uint64_t piece_bytes, uint64_t blocks)
{
    if (piece_bytes == 0 || blocks < 2 || bytes / 3 * 2 < piece_bytes)
        return 1;

    uint64_t pieces = bytes / piece_bytes + (bytes % piece_bytes != 0);

    if (pieces > blocks)
        pieces = blocks;
    return pieces > MOST_PIECES ? MOST_PIECES : (unsigned)pieces;
}

uint32_t split_first_block(uint64_t blocks, unsigned pieces, unsigned index)
{
    /* blocks < 2^32 and pieces ≤ MOST_PIECES, so the product fits 64 bits. */
    return (uint32_t)(blocks * index / pieces);
}
