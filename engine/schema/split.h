/* Cutting one big table into pieces of about equal bytes, and how many pieces that should be. Pure.
 */
#ifndef PGFAST_SCHEMA_SPLIT_H
#define PGFAST_SCHEMA_SPLIT_H

#include <stddef.h>
#include <stdint.h>

/* Before 14, a condition on ctid scans the whole table. */
enum { TID_RANGE_SCAN_SERVER = 140000 };

/* The size of a piece when the user names none: small enough that all workers are busy to the end,
 * large enough that a piece is worth a file and a statement. */
uint64_t split_choose_bytes(uint64_t total_bytes, unsigned jobs);

/* How many pieces a table of `bytes` makes: 1 unless it is clearly larger than one piece; at most
 * one piece a block. */
unsigned split_count_pieces(uint64_t bytes, uint64_t piece_bytes, uint64_t blocks);

/* The first block of piece `index` of `pieces`; piece `pieces` would begin behind the last block.
 * Blocks are numbered with 32 bits. */
uint32_t split_first_block(uint64_t blocks, unsigned pieces, unsigned index);

#endif
