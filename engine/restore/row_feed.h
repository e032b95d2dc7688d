/* The rows of one data file on their way to several sessions. A thread of its own reads and decodes
 * the file, and hands whole rows to whichever session asks for more; so sessions may join when they
 * come free, and the fast ones get more. Memory is bounded by a pool.
 *
 * All or nothing: nobody is told to commit before the file has been vouched for to its end, the
 * server has taken the rows of every session, and what the sessions have digested of them adds up
 * to the digest in the manifest (so it is they, and not the one reader, who do the hashing). Reader
 * and sessions share queues and nothing else; each session reports to the reader and waits for its
 * verdict, twice: */
#ifndef PGFAST_RESTORE_ROW_FEED_H
#define PGFAST_RESTORE_ROW_FEED_H

#include "engine/archive/archive.h"
#include "engine/archive/row_digest.h"
#include "engine/flow/chunk.h"
#include "engine/flow/watch.h"

#include <stdbool.h>
#include <stdint.h>

struct row_feed;
struct row_feed_member; /* a session's end of it */

enum row_feed_verdict {
    /* on the COPY: */
    ROW_FEED_COMMIT,
    ROW_FEED_ROLLBACK, /* also on the commit: then others failed, and the table is emptied */
    ROW_FEED_BLAME,    /* the same, for what went wrong here: to be told */
    /* on the commit: */
    ROW_FEED_KEEP, /* all have committed */
    ROW_FEED_EMPTY /* others could not commit: the table has to be emptied */
};

struct row_feed_report {
    bool is_done;             /* nothing went wrong here */
    bool is_lost;             /* the session can be of no more use */
    uint64_t rows;            /* that the server took from this session */
    struct row_digest digest; /* of those that it was sent; means nothing without a manifest */
    enum error_kind kind;     /* of what went wrong */
    bool cleans_up;           /* when it is to blame: nobody else has to empty the table */
};

struct row_feed_source {
    const struct archive *archive;
    const char *file_name;
    enum row_form form;
    unsigned decoders;   /* besides the reader (streams.h) */
    struct watch *watch; /* counts what is read; its cancel ends the reading */
};

/* Costs next to nothing until the first session joins. The source is copied. */
struct row_feed *row_feed_create(const struct row_feed_source *source, unsigned sessions_at_most);
void row_feed_free(struct row_feed *feed); /* accepts NULL; when all sessions have left */

/* NULL: all rows are on their way already, and there is nothing to do. The first to come leads: its
 * join starts the reader, or fails to, which the first verdict tells. */
struct row_feed_member *row_feed_join(struct row_feed *feed);
bool row_feed_is_leader(const struct row_feed_member *member);

/* False: there are no more, because all were given out (whole) or because the load has failed. */
bool row_feed_take(struct row_feed_member *member, struct chunk **rows) MUST_CHECK;
bool row_feed_is_whole(const struct row_feed_member *member); /* after the last take */
void row_feed_give_back(struct row_feed_member *member, struct chunk *rows);

/* Ends the reading early. The member goes on taking (and giving back at once) to the end. */
void row_feed_fail(struct row_feed_member *member);

/* Blocks until all others have reported, too. */
enum row_feed_verdict row_feed_report(struct row_feed_member *member,
                                      const struct row_feed_report *report);

/* The leader's last call, after its last verdict: false, where the reading itself went wrong. */
bool row_feed_finish(struct row_feed_member *leader, struct error *error) MUST_CHECK;
uint64_t
row_feed_raw_bytes(const struct row_feed *feed); /* after row_feed_finish, as stored bytes */
uint64_t row_feed_stored_bytes(const struct row_feed *feed);

#endif
