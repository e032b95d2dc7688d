#include "engine/server/row_room.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

/* Of this size and more, memory is mapped by itself. glibc raises the measure with each such block
 * that is freed, unless it has been set, and then keeps blocks. */
enum { MAPPED_BYTES = 1 << 20 };

static _Thread_local struct row_room *current; /* NULL: not in libpq, or for no rows */

void row_room_prepare(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);
}

void row_room_enter(struct row_room *room)
{
    current = room->turn ? room : NULL;
}

void row_room_leave(void)
{
    current = NULL;
}

void row_room_give_back(struct row_room *room)
{
    if (room->has_turn)
        row_turn_give_back(room->turn);
    room->has_turn = false;
}

bool row_room_admit(size_t bytes)
{
    struct row_room *room = current;

    if (!room || room->has_turn || bytes <= row_turn_own_bytes(room->turn))
        return true;
    room->has_turn = row_turn_take(room->turn);
    room->was_refused = !room->has_turn;
    return room->has_turn;
}

#if !defined(PGFAST_SANITIZED)

/* glibc's own, by the name that it keeps for those who put themselves in front. */
extern void *__libc_realloc(void *old, size_t bytes); // NOLINT(bugprone-reserved-identifier)

// NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name)
__attribute__((visibility("default"))) void *realloc(void *old, size_t bytes)
{
    if (row_room_admit(bytes))
        return __libc_realloc(old, bytes);
    errno = ENOMEM;
    return NULL;
}

#endif
