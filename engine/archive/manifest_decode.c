#include "compress/codec.h"
#include "engine/archive/folder.h"
#include "engine/archive/manifest_layout.h"
#include "engine/base/arena.h"
#include "engine/base/memory.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MEMBERS_LONGEST = 1024 }; /* of one file, without its frames */

static bool damaged(struct error *error, const char *what)
{
    return error_set(error, ERROR_DAMAGED, "the manifest is damaged: %s", what);
}

/* Cuts the tail off, after having found that what it says is true. */
static bool check_seal(struct manifest *manifest, struct span *json, struct error *error)
{
    char tail[TAIL_LENGTH + 1];
    if (json->length < TAIL_LENGTH)
        return damaged(error, "it ends too early");
    struct span covered = {json->data, json->length - TAIL_LENGTH};
    checksum_text_of(covered.data, covered.length, manifest->seal);
    snprintf(tail, sizeof(tail), TAIL_BEGIN "%s" TAIL_END, manifest->seal);
    if (memcmp(covered.data + covered.length, tail, TAIL_LENGTH) != 0)
        return damaged(error, "its seal is not the digest of what stands before it");
    *json = covered;
    return true;
}

static bool check_requirement(const json_t *requirement, struct error *error)
{
    const char *wanted = json_string_value(requirement);
    if (!wanted)
        return damaged(error, "a required capability is no text");
    for (size_t i = 0; manifest_capabilities[i]; i++) {
        if (strcmp(wanted, manifest_capabilities[i]) == 0)
            return true;
    }
    struct text escaped;
    text_init(&escaped, 100);
    text_append_escaped(&escaped, wanted);
    error_set(error, ERROR_UNSUPPORTED, "the archive needs \"%s\", which this pgfast does not know",
              escaped.data);
    error_hint(error, "Use the pgfast that made it, or a newer one.");
    text_clear(&escaped);
    return false;
}

static bool check_format(const json_t *head, struct error *error)
{
    const json_t *format = json_object_get(head, "format");
    const json_t *requirements = json_object_get(head, "requires");
    if (!json_is_integer(format) || !json_is_array(requirements))
        return damaged(error, "it does not say its format");
    if (json_integer_value(format) != FORMAT_VERSION) {
        error_set(error, ERROR_UNSUPPORTED,
                  "the manifest has the format %" JSON_INTEGER_FORMAT ", only %d is supported",
                  json_integer_value(format), FORMAT_VERSION);
        error_hint(error, "Use the pgfast that made the archive, or a newer one.");
        return false;
    }
    for (size_t i = 0; i < json_array_size(requirements); i++) {
        if (!check_requirement(json_array_get(requirements, i), error))
            return false;
    }
    return true;
}

static const char **text_of(struct manifest *manifest, const struct head_member *member)
{
    return (const char **)(void *)((char *)manifest + member->offset);
}

static struct manifest_texts *list_of(struct manifest *manifest, const struct head_member *member)
{
    return (struct manifest_texts *)(void *)((char *)manifest + member->offset);
}

static bool read_texts(struct manifest *manifest, const json_t *head, struct error *error)
{
    for (const struct head_member *member = manifest_head_texts; member->key; member++) {
        const json_t *value = json_object_get(head, member->key);
        if (!json_is_string(value) && !json_is_null(value))
            return damaged(error, "a member is missing");
        *text_of(manifest, member) = arena_copy_text(manifest->arena, json_string_value(value));
    }
    return true;
}

static bool read_list(struct manifest *manifest, struct manifest_texts *texts, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (!text)
            return false;
        manifest_add_text(manifest, texts, text);
    }
    return json_is_array(list);
}

static bool read_lists(struct manifest *manifest, const json_t *head, struct error *error)
{
    for (const struct head_member *member = manifest_head_lists; member->key; member++) {
        if (!read_list(manifest, list_of(manifest, member), json_object_get(head, member->key)))
            return damaged(error, "a list of texts is missing");
    }
    return true;
}

/* Reads what stands before the files, and moves *json to the first of them. */
static bool read_head(struct manifest *manifest, struct span *json, struct error *error)
{
    const unsigned char *files =
        memmem(json->data, json->length, "\n" FILES_BEGIN, sizeof("\n" FILES_BEGIN) - 1);
    if (!files)
        return damaged(error, "it lists no files");
    struct span before = {json->data, (size_t)(files - json->data) + sizeof("\n" FILES_BEGIN) - 1};
    *json = (struct span){json->data + before.length, json->length - before.length};

    char *closed = memory_print("%.*s]}", (int)before.length, (const char *)before.data);
    json_t *head = json_loads(closed, JSON_REJECT_DUPLICATES, NULL);
    free(closed);
    bool is_read = json_is_object(head) || damaged(error, "it is no JSON");
    is_read = is_read && check_format(head, error) && read_texts(manifest, head, error) &&
              read_lists(manifest, head, error);
    json_decref(head);
    return is_read;
}

static bool read_number(const json_t *object, const char *key, uint64_t *number)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *number = (uint64_t)json_integer_value(value);
    return true;
}

static bool read_checksum(struct manifest *manifest, const json_t *object, const char **checksum)
{
    const char *digits = json_string_value(json_object_get(object, "sha256"));
    if (!digits || !checksum_text_is_valid(digits))
        return false;
    *checksum = arena_copy_text(manifest->arena, digits);
    return true;
}

static bool read_rows(const json_t *object, struct manifest_file *file)
{
    const char *sum = json_string_value(json_object_get(object, "row_sum"));
    file->has_rows = json_object_get(object, "rows") != NULL;
    if (!file->has_rows)
        return !sum;
    return read_number(object, "rows", &file->digest.rows) && sum &&
           row_digest_parse_sum(&file->digest, sum);
}

static bool has_codec_of_its_name(const json_t *object, const char *name)
{
    const char *codec = json_string_value(json_object_get(object, "codec"));
    return codec && strcmp(codec, codec_find_by_file_name(name)->name) == 0;
}

static bool read_file(struct manifest *manifest, const json_t *object,
                      const struct frame_index *frames)
{
    const char *name = json_string_value(json_object_get(object, "name"));
    struct manifest_file file = {.name = arena_copy_text(manifest->arena, name), .frames = *frames};
    if (!file.name || !folder_name_is_safe(file.name) ||
        !read_number(object, "size", &file.size_bytes) ||
        !read_number(object, "raw", &file.raw_bytes) ||
        !read_checksum(manifest, object, &file.checksum) ||
        !has_codec_of_its_name(object, file.name) || !read_rows(object, &file))
        return false;
    if (frames->count > 0 && (frame_index_stored_bytes(frames) != file.size_bytes ||
                              frame_index_raw_bytes(frames) != file.raw_bytes))
        return false;
    manifest_add_file(manifest, &file);
    return true;
}

/* What stands before the frames, and they: [[…]]} up to the end of the line. */
static bool read_frames(struct manifest *manifest, struct span *line, struct frame_index *frames)
{
    const size_t length = sizeof(FRAMES_BEGIN) - 1;
    const unsigned char *begin = memmem(line->data, line->length, FRAMES_BEGIN, length);

    *frames = (struct frame_index){.count = 0};
    if (!begin) {
        line->length--;
        return true;
    }
    struct span list = {begin + length, line->length - (size_t)(begin - line->data) - length - 1};
    line->length = (size_t)(begin - line->data);
    return frame_index_parse(frames, manifest->arena, list);
}

/* The members of an object without the bracket that closes it. */
static json_t *load_members(struct span members)
{
    char object[FILE_MEMBERS_LONGEST + 2];
    if (members.length > FILE_MEMBERS_LONGEST)
        return NULL;
    memcpy(object, members.data, members.length);
    object[members.length] = '}';
    return json_loadb(object, members.length + 1, JSON_REJECT_DUPLICATES, NULL);
}

static bool read_file_line(struct manifest *manifest, struct span line)
{
    struct frame_index frames;
    if (line.length > 0 && line.data[line.length - 1] == ',')
        line.length--;
    if (line.length < 2 || line.data[line.length - 1] != '}' ||
        !read_frames(manifest, &line, &frames))
        return false;
    json_t *object = load_members(line);
    bool is_read = object && read_file(manifest, object, &frames);
    json_decref(object);
    return is_read;
}

/* *json stands behind the bracket; each line begins with its line feed. */
static bool read_files(struct manifest *manifest, struct span json, struct error *error)
{
    while (json.length > sizeof(FILES_END) - 1 && json.data[0] == '\n') {
        const unsigned char *line = json.data + 1;
        const unsigned char *end = memchr(line, '\n', json.length - 1);
        if (!end)
            break;
        if (!read_file_line(manifest, (struct span){line, (size_t)(end - line)}))
            return damaged(error, "an entry of a file is not as it must be");
        json.length -= (size_t)(end - json.data);
        json.data = end;
    }
    if (json.length != sizeof(FILES_END) - 1 || memcmp(json.data, FILES_END, json.length) != 0)
        return damaged(error, "its list of files has no end");
    return true;
}

bool manifest_decode(struct manifest **manifest, struct span json, struct error *error)
{
    *manifest = manifest_create();
    if (check_seal(*manifest, &json, error) && read_head(*manifest, &json, error) &&
        read_files(*manifest, json, error) && manifest_sort(*manifest, error))
        return true;
    manifest_free(*manifest);
    *manifest = NULL;
    return false;
}
