#include "engine/restore/check_files.h"

#include "engine/archive/blob_list_file.h"
#include "engine/archive/data_reader.h"
#include "engine/archive/label.h"
#include "engine/restore/plan_entry.h"

#include <stdlib.h>

static bool check_list(const struct archive *archive, const struct toc_entry *entry,
                       struct error *error)
{
    struct blob_file *files;
    size_t count;
    bool is_list =
        blob_list_read(archive, archive_blob_list_name(archive, entry), &files, &count, error);

    free(files);
    return is_list;
}

static bool check_file(const struct archive *archive, const struct toc_entry *entry,
                       struct error *error)
{
    struct data_reader *reader;

    if (!data_reader_open(&reader, archive, entry->file_name, error))
        return false;
    data_reader_close(reader);
    return true;
}

static bool check_place(const struct restore *restore, size_t place, struct error *error)
{
    const struct selected_entry *selected = &restore->selection.entries[place];

    switch (plan_entry_action(selected)) {
    case PLAN_LOAD_BLOBS:
        return check_list(restore->archive, selected->entry, error);
    case PLAN_LOAD_TABLE:
    case PLAN_LOAD_PAGES:
        return restore->stored_bytes[place] > 0 ||
               check_file(restore->archive, selected->entry, error);
    default:
        return true;
    }
}

bool check_files(const struct restore *restore, struct error *error)
{
    char label[LABEL_BYTES];

    for (size_t i = 0; i < restore->selection.count; i++) {
        if (check_place(restore, i, error) ||
            (restore->options->salvages && error->kind == ERROR_DAMAGED))
            continue;
        label_entry(label, restore->selection.entries[i].entry);
        error_prefix(error, "%s", label);
        return false;
    }
    return true;
}
