/* Reads one data file of an archive as a stream of decoded bytes, whatever its codec, and vouches
 * for it: at the end the last frame must be complete, and where the archive has a manifest the size
 * and the checksum of the stored bytes must be the ones written. So the caller must not commit
 * before it has seen the end. One thread at a time. */
#ifndef PGFAST_ARCHIVE_DATA_READER_H
#define PGFAST_ARCHIVE_DATA_READER_H

#include "engine/archive/archive.h"
#include "engine/base/error.h"

#include <stddef.h>

struct data_reader;

/* `name` as the TOC has it, without suffix: the bare file first, then .gz, .lz4, .zst, as the stock
 * tools look. Where there is none of them, the bare name. The caller frees. */
char *data_reader_find_name(const struct archive *archive, const char *name);

bool data_reader_open(struct data_reader **reader, const struct archive *archive, const char *name,
                      struct error *error) MUST_CHECK;

/* Before the first read, for a large file: from here on it is read ahead, and decoded by so many
 * threads besides (frame_crew.h). */
bool data_reader_read_ahead(struct data_reader *reader, unsigned decoders,
                            struct error *error) MUST_CHECK;

/* For what is read into memory: it may grow no more than lists of names do (ERROR_HOSTILE). */
void data_reader_expect_text(struct data_reader *reader);

/* At most `room` bytes into buffer; *length 0 at the end, which has then been verified. */
bool data_reader_read(struct data_reader *reader, unsigned char *buffer, size_t room,
                      size_t *length, struct error *error) MUST_CHECK;

const char *data_reader_name(const struct data_reader *reader); /* with its suffix; lent */
uint64_t
data_reader_stored_bytes(const struct data_reader *reader); /* consumed so far, for progress */
uint64_t data_reader_raw_bytes(const struct data_reader *reader); /* given out so far */
const struct manifest_file *
data_reader_expectation(const struct data_reader *reader); /* NULL without manifest */
void data_reader_close(struct data_reader *reader);        /* accepts NULL */

#endif
