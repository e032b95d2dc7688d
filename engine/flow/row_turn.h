/* Large rows, one at a time. PostgreSQL sends a row whole, and libpq keeps the room that it took
 * for one as long as the connection lasts. So each session has room of some size to itself, and one
 * that needs more takes the turn, which it keeps until it is closed. Any thread. */
#ifndef PGFAST_FLOW_ROW_TURN_H
#define PGFAST_FLOW_ROW_TURN_H

#include "engine/flow/cancel.h"

#include <stdbool.h>
#include <stddef.h>

struct row_turn;

/* own_bytes: what each session may take without the turn. Once `cancel` is set nobody waits any
 * more; it has to forget the turn (cancel_forget_all) before that is freed. */
struct row_turn *row_turn_create(size_t own_bytes, struct cancel *cancel);
void row_turn_free(struct row_turn *turn); /* accepts NULL */

size_t row_turn_own_bytes(const struct row_turn *turn);
bool row_turn_take(struct row_turn *turn) MUST_CHECK; /* waits; false: cancelled */
void row_turn_give_back(struct row_turn *turn);
bool row_turn_was_awaited(const struct row_turn *turn); /* somebody found it taken */

#endif
