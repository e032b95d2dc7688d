#include "engine/archive/identity.h"

#include "engine/archive/data_reader.h"

#include <string.h>

enum { PIECE_BYTES = 64 * 1024 };

/* By its decoded bytes. */
static bool add_file(struct checksum *checksum, const struct archive *archive, const char *name,
                     struct error *error)
{
    unsigned char piece[PIECE_BYTES];
    struct data_reader *reader;
    size_t length = 0;
    bool is_read;

    if (!data_reader_open(&reader, archive, name, error))
        return false;
    while ((is_read = data_reader_read(reader, piece, sizeof piece, &length, error)) && length > 0)
        checksum_update(checksum, piece, length);
    data_reader_close(reader);
    return is_read;
}

static void add_sizes(struct checksum *checksum, const struct archive *archive)
{
    for (size_t i = 0; i < archive->toc->count; i++) {
        const struct toc_entry *entry = archive->toc->entries[i];
        uint64_t size = entry->has_data ? archive_entry_stored_bytes(archive, entry) : 0;

        checksum_update(checksum, &size, sizeof size);
    }
}

static bool digest_contents(const struct archive *archive, char text[CHECKSUM_TEXT_BYTES],
                            struct error *error)
{
    struct checksum *checksum = checksum_create();
    bool is_done = add_file(checksum, archive, "toc.dat", error);

    if (is_done)
        add_sizes(checksum, archive);
    checksum_end(checksum, text);
    checksum_free(checksum);
    return is_done;
}

bool archive_identify(const struct archive *archive, char text[CHECKSUM_TEXT_BYTES],
                      struct error *error)
{
    if (archive->manifest == NULL)
        return digest_contents(archive, text, error);
    memcpy(text, archive->manifest->seal, CHECKSUM_TEXT_BYTES);
    return true;
}
