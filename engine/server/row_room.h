/* The room that libpq takes for the rows of a session. It learns from a row's first bytes how long
 * it is, makes room for all of it by realloc(), reads the rest into that, and says none of this to
 * anyone. So realloc() is ours in this program: it does what the C library's does, but where libpq
 * asks it for a large row, the session gets the turn first (row_turn.h). In a build with
 * sanitizers, which have a realloc() of their own, rows are as large as they are. */
#ifndef PGFAST_SERVER_ROW_ROOM_H
#define PGFAST_SERVER_ROW_ROOM_H

#include "engine/flow/row_turn.h"

#include <stdbool.h>
#include <stddef.h>

struct row_room {
    struct row_turn *turn; /* NULL: rows may be as large as they are */
    bool has_turn;
    bool was_refused; /* the run was cancelled while it waited */
};

/* Once, before threads use rooms: memory of that size goes back to the machine when it is freed. */
void row_room_prepare(void);

/* From here to there this thread is in libpq, for rows of that session. */
void row_room_enter(struct row_room *room);
void row_room_leave(void);

/* What our realloc() asks before it gives this thread so much. False: not while the run is
 * cancelled. */
bool row_room_admit(size_t bytes) MUST_CHECK;

/* When the connection is closed, and its memory is free; or where others must not wait for that. */
void row_room_give_back(struct row_room *room);

#endif
