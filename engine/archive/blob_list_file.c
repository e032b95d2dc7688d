#include "engine/archive/blob_list_file.h"

#include "engine/archive/data_reader.h"
#include "engine/base/memory.h"

#include <stdlib.h>

/* About ten million objects. */
#define LIST_MAXIMUM_BYTES ((size_t)256 << 20)
#define PIECE_BYTES ((size_t)64 * 1024)

static bool read_text(const struct archive *archive, const char *name, struct text *text,
                      struct error *error)
{
    struct data_reader *reader;
    size_t length = 0;

    if (!data_reader_open(&reader, archive, name, error))
        return false;
    data_reader_expect_text(reader);
    unsigned char *piece = memory_allocate(PIECE_BYTES, 1);
    bool is_read;
    do {
        is_read = data_reader_read(reader, piece, PIECE_BYTES, &length, error);
        text_append_bytes(text, piece, is_read ? length : 0);
    } while (is_read && length > 0 && !text->is_cut);
    free(piece);
    data_reader_close(reader);
    return is_read && (!text->is_cut ||
                       error_set(error, ERROR_DAMAGED, "the list of large objects is too long"));
}

bool blob_list_read(const struct archive *archive, const char *name, struct blob_file **files,
                    size_t *count, struct error *error)
{
    struct text text;

    *files = NULL;
    text_init(&text, LIST_MAXIMUM_BYTES);
    bool is_read = read_text(archive, name, &text, error);
    if (is_read) {
        struct span bytes = {(const unsigned char *)text.data, text.length_bytes};
        is_read = blob_list_parse_files(bytes, files, count, error);
    }
    text_clear(&text);
    return is_read;
}
