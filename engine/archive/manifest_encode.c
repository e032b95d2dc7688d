#include "compress/codec.h"
#include "engine/archive/folder.h"
#include "engine/archive/manifest_layout.h"
#include "engine/base/memory.h"

#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

/* A database may have a name in any encoding, JSON only knows one: what is not UTF-8 becomes
 * question marks. */
static json_t *string_of_bytes(const char *bytes)
{
    json_t *string = json_string(bytes);
    if (string)
        return string;
    char *readable = memory_copy_text(bytes);
    for (char *c = readable; *c != '\0'; c++) {
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    }
    string = json_string(readable);
    free(readable);
    return string;
}

static void append_value(struct text *json, const char *value)
{
    json_t *string = value ? string_of_bytes(value) : json_null();
    char *dumped = json_dumps(string, JSON_ENCODE_ANY);
    if (!string || !dumped)
        memory_end_program();
    text_append(json, dumped);
    free(dumped);
    json_decref(string);
}

static void append_list(struct text *json, const struct manifest_texts *texts)
{
    text_append_char(json, '[');
    for (size_t i = 0; i < texts->count; i++) {
        text_append(json, i == 0 ? "" : ", ");
        append_value(json, texts->items[i]);
    }
    text_append_char(json, ']');
}

static const char *text_of(const struct manifest *manifest, const struct head_member *member)
{
    return *(const char *const *)(const void *)((const char *)manifest + member->offset);
}

static const struct manifest_texts *list_of(const struct manifest *manifest,
                                            const struct head_member *member)
{
    return (const struct manifest_texts *)(const void *)((const char *)manifest + member->offset);
}

void manifest_encode_head(const struct manifest *manifest, struct text *json)
{
    text_print(json, "{\n\"format\": %d,\n\"requires\": [", FORMAT_VERSION);
    for (size_t i = 0; manifest_capabilities[i]; i++)
        text_print(json, "%s\"%s\"", i == 0 ? "" : ", ", manifest_capabilities[i]);
    text_append(json, "],\n");
    for (const struct head_member *member = manifest_head_texts; member->key; member++) {
        text_print(json, "\"%s\": ", member->key);
        append_value(json, text_of(manifest, member));
        text_append(json, ",\n");
    }
    for (const struct head_member *member = manifest_head_lists; member->key; member++) {
        text_print(json, "\"%s\": ", member->key);
        append_list(json, list_of(manifest, member));
        text_append(json, ",\n");
    }
    text_append(json, FILES_BEGIN);
}

static void append_rows(struct text *json, const struct row_digest *digest)
{
    char sum[ROW_SUM_TEXT_BYTES];
    row_digest_print_sum(digest, sum);
    text_print(json, ", \"rows\": %" PRIu64 ", \"row_sum\": \"%s\"", digest->rows, sum);
}

/* Names are safe ones and so need no escapes. The frames stand last, so that they can be parsed
 * apart. */
bool manifest_encode_file(const struct manifest_file *file, bool is_first, struct text *json,
                          struct error *error)
{
    if (!folder_name_is_safe(file->name))
        return error_set(error, ERROR_INTERNAL, "\"%s\" is no name for a file of an archive",
                         file->name);
    text_append(json, is_first ? "" : ",");
    text_print(json,
               "\n{\"name\": \"%s\", \"size\": %" PRIu64
               ", \"sha256\": \"%s\", \"codec\": \"%s\", \"raw\": %" PRIu64,
               file->name, file->size_bytes, file->checksum,
               codec_find_by_file_name(file->name)->name, file->raw_bytes);
    if (file->has_rows)
        append_rows(json, &file->digest);
    if (file->frames.count > 0) {
        text_append(json, FRAMES_BEGIN);
        frame_index_print(&file->frames, json);
    }
    text_append_char(json, '}');
    return true;
}

void manifest_encode_end_of_files(struct text *json)
{
    text_append(json, FILES_END);
}

void manifest_encode_seal(struct text *json, const char *seal)
{
    text_print(json, TAIL_BEGIN "%s" TAIL_END, seal);
}

bool manifest_encode(const struct manifest *manifest, struct text *json, struct error *error)
{
    char seal[CHECKSUM_TEXT_BYTES];
    assert(json->length_bytes == 0);
    manifest_encode_head(manifest, json);
    for (size_t i = 0; i < manifest->count; i++)
        if (!manifest_encode_file(&manifest->files[i], i == 0, json, error))
            return false;
    manifest_encode_end_of_files(json);
    checksum_text_of(json->data, json->length_bytes, seal);
    manifest_encode_seal(json, seal);
    return !json->is_cut || error_set(error, ERROR_UNSUPPORTED,
                                      "the manifest is larger than %zu bytes", json->maximum_bytes);
}
