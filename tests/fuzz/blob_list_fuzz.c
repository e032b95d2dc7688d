#include "engine/archive/blob_list.h"
#include "engine/archive/folder.h"
#include "tests/fuzz/fuzz_target.h"

static void try_files(struct span bytes)
{
    struct blob_file *files;
    size_t count;
    struct error error;
    if (!blob_list_parse_files(bytes, &files, &count, &error))
        return;
    for (size_t i = 0; i < count; i++) {
        char room[BLOB_FILE_NAME_BYTES];
        expect(files[i].oid != 0 && folder_name_is_safe(blob_file_name(&files[i], room)),
               "only oids and safe names come through");
    }
    free(files);
}

static void try_oids(const char *text)
{
    uint32_t *oids;
    size_t count;
    struct error error;
    if (!blob_list_parse_oids(text, &oids, &count, &error))
        return;
    expect(count > 0, "a list of oids is not empty");
    for (size_t i = 0; i < count; i++)
        expect(oids[i] != 0, "0 is no oid");
    free(oids);
}

static void try_acl(const char *acl)
{
    struct text once;
    struct text twice;
    text_init(&once, TEXT_MAXIMUM);
    text_init(&twice, TEXT_MAXIMUM);
    blob_list_acl_for(&once, acl, 4294967295U);
    blob_list_acl_for(&twice, once.data, 4294967295U);
    expect(strcmp(once.data, twice.data) == 0,
           "a number that stands there already changes nothing");
    text_clear(&twice);
    text_clear(&once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = copy_as_text(data, size);
    try_files((struct span){data, size});
    try_oids(text);
    try_acl(text);
    free(text);
    return 0;
}
