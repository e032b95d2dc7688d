#include "engine/archive/text_file.h"

#include <unistd.h>

static void write_on(void *context, const char *bytes, size_t length)
{
    struct text_file *file = context;
    const struct span span = {(const unsigned char *)bytes, length};

    file->size_bytes += length;
    if (file->checksum)
        checksum_update(file->checksum, bytes, length);
    if (!file->has_failed &&
        !folder_append_file(file->folder, file->name, file->descriptor, span, &file->error))
        file->has_failed = true;
}

bool text_file_begin(struct text_file *file, struct folder *folder, const char *name,
                     struct error *error)
{
    *file = (struct text_file){.folder = folder, .name = name};
    if (!folder_create_file(folder, name, &file->descriptor, error))
        return false;
    file->checksum = checksum_create();
    text_init_drained(&file->text, write_on, file);
    return true;
}

void text_file_digest(struct text_file *file, char checksum[CHECKSUM_TEXT_BYTES])
{
    text_flush(&file->text);
    checksum_end(file->checksum, checksum);
    checksum_free(file->checksum);
    file->checksum = NULL;
}

bool text_file_end(struct text_file *file, struct error *error)
{
    text_flush(&file->text);
    text_clear(&file->text);
    checksum_free(file->checksum);
    if (!file->has_failed)
        return folder_finish_file(file->folder, file->name, file->descriptor, error);
    close(file->descriptor);
    *error = file->error;
    return false;
}
