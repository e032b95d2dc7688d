/* Brings the session to the state that an entry needs, with as few settings as possible. */
#ifndef PGFAST_SQL_SESSION_STATE_H
#define PGFAST_SQL_SESSION_STATE_H

#include "engine/sql/statement_builder.h"

/* NULL: the user that connected. */
void session_state_become(struct statement_builder *builder, const char *user);
/* Only with --use-set-session-authorization: elsewhere objects are given away after they are made.
 */
void session_state_become_owner(struct statement_builder *builder, const struct toc_entry *entry);
/* Only for archives without a search path of their own. */
void session_state_select_schema(struct statement_builder *builder, const char *schema);
void session_state_select_storage(struct statement_builder *builder, const struct toc_entry *entry);

#endif
