/* What a restore has done, as numbers: one for each piece of work that is committed as a whole. A
 * key names the entry by its dump id, and says which part of the work on it is meant; it does not
 * depend on how many sessions there are, so that another run may go on. Pure. */
#ifndef PGFAST_RESTORE_JOURNAL_KEYS_H
#define PGFAST_RESTORE_JOURNAL_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum journal_kind {
    JOURNAL_CLEANED = 1, /* of no entry: everything that was to be dropped has had its try */
    JOURNAL_DROPPED,
    JOURNAL_DEFINED,    /* also by the second of two halves */
    JOURNAL_FLAWED,     /* defined, but something about it (its owner) failed, and was told */
    JOURNAL_FIRST_HALF, /* of a definition that comes in two; taken back, its key goes */
    JOURNAL_ROWS,       /* all of the entry's rows, or of a file of large objects */
    JOURNAL_SHARE,      /* one session's share of them: without JOURNAL_ROWS the table is emptied */
    JOURNAL_OBJECTS,    /* a batch of large objects; piece: the place of its first in the list */
    JOURNAL_TRIGGERS_OFF, /* of the table whose first data entry it is */
    JOURNAL_TRIGGERS_ON,
    JOURNAL_ANALYZED /* the relations of a group, whose first the entry names */
};

#define JOURNAL_MOST_PIECES (UINT32_C(1) << 28)

/* Positive as the bigint that it is in the database. */
uint64_t journal_key(enum journal_kind kind, int dump_id, uint32_t piece);
int journal_key_dump_id(uint64_t key);
enum journal_kind journal_key_kind(uint64_t key);

/* A set. All zero is an empty one. */
struct journal_keys {
    uint64_t *items; /* in order once sealed */
    size_t count, capacity;
};

void journal_keys_clear(struct journal_keys *keys);
void journal_keys_add(struct journal_keys *keys, uint64_t key);
/* An array as the server writes it: {1,2}. False: that is not what it is. */
bool journal_keys_add_array(struct journal_keys *keys, const char *array);
void journal_keys_seal(struct journal_keys *keys); /* after the last add, before the first look */
bool journal_keys_have(const struct journal_keys *keys, uint64_t key);

#endif
