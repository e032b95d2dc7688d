/* Tables whose new indexes were undone with the rest of a transaction.
 *
 * That a table has indexes the server notes in its row of pg_class in place, at once and for good,
 * whatever becomes of the index; but the news for other sessions it sends with the commit. So when
 * the index is undone, they go on with the row that they remember, which says that there are none.
 * The index is then made again, and changes nothing in that row, so again there are no news. The
 * next of those sessions that writes the row, to make a trigger for instance, writes back that the
 * table has no indexes: nobody uses them any more, nor puts new rows into them. Server 18 sends the
 * news at once; which minor releases of those before do is not asked. */
#ifndef PGFAST_RESTORE_UNDONE_INDEXES_H
#define PGFAST_RESTORE_UNDONE_INDEXES_H

#include "engine/restore/target.h"

/* After a transaction that defined these entries was undone, and before anybody else may work on
 * their tables: makes all sessions look at the rows of those tables again. */
void undone_indexes_tell(struct target *target, const struct toc_entry *const *entries,
                         size_t count);

#endif
