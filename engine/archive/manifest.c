#include "engine/archive/manifest.h"

#include "engine/archive/folder.h"
#include "engine/base/arena.h"
#include "engine/base/memory.h"

#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The layout is fixed to the byte, so that the checksum has a text to be of and a reader needs no
 * more memory than one line takes: members of the head, one file a line, and a tail of fixed
 * length. It is plain JSON for all others. */
enum { FORMAT_VERSION = 1 };
#define FILES_BEGIN "\"files\": ["
#define FILES_END "\n]"
#define TAIL_BEGIN ",\n\"self\": \""
#define TAIL_END "\"\n}\n"
#define TAIL_LENGTH (sizeof(TAIL_BEGIN) - 1 + CHECKSUM_TEXT_BYTES - 1 + sizeof(TAIL_END) - 1)

/* What a reader must know of to vouch for an archive. A reader that lacks one must not pretend. */
static const char *const capabilities[] = {"files.size", "files.rows", "files.xxh3_128"};
enum { CAPABILITY_COUNT = sizeof(capabilities) / sizeof(capabilities[0]) };

struct head_member {
    const char *key;
    size_t offset;
};

static const struct head_member head_members[] = {
    {"pgfast_version", offsetof(struct manifest, pgfast_version)},
    {"pg_dump_version", offsetof(struct manifest, pg_dump_version)},
    {"server_version", offsetof(struct manifest, server_version)},
    {"database", offsetof(struct manifest, database)},
    {"system_identifier", offsetof(struct manifest, system_identifier)},
    {"snapshot_lsn", offsetof(struct manifest, snapshot_lsn)},
    {"started_at", offsetof(struct manifest, started_at)},
    {"finished_at", offsetof(struct manifest, finished_at)},
    {"codec", offsetof(struct manifest, codec)},
};
enum { HEAD_MEMBER_COUNT = sizeof(head_members) / sizeof(head_members[0]) };

static const char **member_of(struct manifest *manifest, const struct head_member *member)
{
    return (const char **)(void *)((char *)manifest + member->offset);
}

struct manifest *manifest_create(void)
{
    struct manifest *manifest = memory_allocate(1, sizeof(*manifest));
    manifest->arena = arena_create();
    return manifest;
}

void manifest_free(struct manifest *manifest)
{
    if (!manifest)
        return;
    free(manifest->files);
    arena_free(manifest->arena);
    free(manifest);
}

void manifest_add_file(struct manifest *manifest, const struct manifest_file *file)
{
    if (manifest->count == manifest->capacity) {
        manifest->capacity = manifest->capacity ? 2 * manifest->capacity : 64;
        manifest->files =
            memory_resize(manifest->files, manifest->capacity, sizeof(struct manifest_file));
    }
    struct manifest_file *added = &manifest->files[manifest->count++];
    *added = *file;
    added->name = arena_copy_text(manifest->arena, file->name);
    manifest->is_sorted = false;
}

static int compare_files(const void *one, const void *other)
{
    return strcmp(((const struct manifest_file *)one)->name,
                  ((const struct manifest_file *)other)->name);
}

const struct manifest_file *manifest_find(const struct manifest *manifest, const char *name)
{
    const struct manifest_file wanted = {.name = name};
    if (manifest->is_sorted)
        return manifest->count == 0 ? NULL
                                    : bsearch(&wanted, manifest->files, manifest->count,
                                              sizeof(wanted), compare_files);
    for (size_t i = 0; i < manifest->count; i++) {
        if (strcmp(manifest->files[i].name, name) == 0)
            return &manifest->files[i];
    }
    return NULL;
}

/* Writing */

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

static void append_head(struct text *json, const struct manifest *manifest)
{
    text_print(json, "{\n\"format\": %d,\n\"requires\": [", FORMAT_VERSION);
    for (size_t i = 0; i < CAPABILITY_COUNT; i++)
        text_print(json, "%s\"%s\"", i == 0 ? "" : ", ", capabilities[i]);
    text_append(json, "],\n");
    for (size_t i = 0; i < HEAD_MEMBER_COUNT; i++) {
        text_print(json, "\"%s\": ", head_members[i].key);
        append_value(json, *(const char *const *)((const char *)manifest + head_members[i].offset));
        text_append(json, ",\n");
    }
}

/* Names are safe ones and so need no escapes. */
static bool append_file(struct text *json, const struct manifest_file *file, struct error *error)
{
    if (!folder_name_is_safe(file->name))
        return error_set(error, ERROR_INTERNAL, "\"%s\" is no name for a file of an archive",
                         file->name);
    text_print(json,
               "\n{\"name\": \"%s\", \"size\": %" PRIu64 ", \"raw\": %" PRIu64
               ", \"rows\": %" PRIu64 ", \"frames\": %" PRIu64 ", \"xxh3_128\": \"%s\"}",
               file->name, file->size_bytes, file->raw_bytes, file->rows, file->frames,
               file->checksum);
    return true;
}

static void checksum_of(struct span bytes, char checksum_hex[CHECKSUM_TEXT_BYTES])
{
    struct checksum *checksum = checksum_create();
    checksum_update(checksum, bytes.data, bytes.length);
    checksum_text(checksum, checksum_hex);
    checksum_free(checksum);
}

bool manifest_encode(const struct manifest *manifest, struct text *json, struct error *error)
{
    char self[CHECKSUM_TEXT_BYTES];
    assert(json->length_bytes == 0);
    append_head(json, manifest);
    text_append(json, FILES_BEGIN);
    for (size_t i = 0; i < manifest->count; i++) {
        if (!append_file(json, &manifest->files[i], error))
            return false;
        if (i + 1 < manifest->count)
            text_append_char(json, ',');
    }
    text_append(json, FILES_END);
    checksum_of((struct span){(const unsigned char *)json->data, json->length_bytes}, self);
    text_print(json, TAIL_BEGIN "%s" TAIL_END, self);
    return !json->is_cut || error_set(error, ERROR_UNSUPPORTED,
                                      "the manifest is larger than %zu bytes", json->maximum_bytes);
}

/* Reading */

static bool damaged(struct error *error, const char *what)
{
    return error_set(error, ERROR_DAMAGED, "the manifest is damaged: %s", what);
}

/* Cuts the tail off, after having found that what it says is true. */
static bool check_self(struct span *json, struct error *error)
{
    char self[CHECKSUM_TEXT_BYTES];
    char tail[TAIL_LENGTH + 1];
    if (json->length < TAIL_LENGTH)
        return damaged(error, "it ends too early");
    struct span covered = {json->data, json->length - TAIL_LENGTH};
    checksum_of(covered, self);
    snprintf(tail, sizeof(tail), TAIL_BEGIN "%s" TAIL_END, self);
    if (memcmp(covered.data + covered.length, tail, TAIL_LENGTH) != 0)
        return damaged(error, "it does not have its own checksum");
    *json = covered;
    return true;
}

static bool check_requirement(const json_t *requirement, struct error *error)
{
    const char *wanted = json_string_value(requirement);
    if (!wanted)
        return damaged(error, "a required capability is no text");
    for (size_t i = 0; i < CAPABILITY_COUNT; i++) {
        if (strcmp(wanted, capabilities[i]) == 0)
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

static bool read_head_members(struct manifest *manifest, const json_t *head, struct error *error)
{
    for (size_t i = 0; i < HEAD_MEMBER_COUNT; i++) {
        const json_t *value = json_object_get(head, head_members[i].key);
        if (!json_is_string(value) && !json_is_null(value))
            return damaged(error, "a member is missing");
        *member_of(manifest, &head_members[i]) =
            arena_copy_text(manifest->arena, json_string_value(value));
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
    is_read = is_read && check_format(head, error) && read_head_members(manifest, head, error);
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

static bool read_checksum(const json_t *object, char checksum[CHECKSUM_TEXT_BYTES])
{
    const char *digits = json_string_value(json_object_get(object, "xxh3_128"));
    if (!digits || strlen(digits) != CHECKSUM_TEXT_BYTES - 1 ||
        strspn(digits, "0123456789abcdef") != CHECKSUM_TEXT_BYTES - 1)
        return false;
    memcpy(checksum, digits, CHECKSUM_TEXT_BYTES);
    return true;
}

static bool read_file(struct manifest *manifest, const json_t *object)
{
    struct manifest_file file = {.name = json_string_value(json_object_get(object, "name"))};
    if (!file.name || !folder_name_is_safe(file.name) ||
        !read_number(object, "size", &file.size_bytes) ||
        !read_number(object, "raw", &file.raw_bytes) || !read_number(object, "rows", &file.rows) ||
        !read_number(object, "frames", &file.frames) || !read_checksum(object, file.checksum))
        return false;
    manifest_add_file(manifest, &file);
    return true;
}

static bool read_file_line(struct manifest *manifest, struct span line)
{
    if (line.length > 0 && line.data[line.length - 1] == ',')
        line.length--;
    json_t *object = json_loadb((const char *)line.data, line.length, JSON_REJECT_DUPLICATES, NULL);
    bool is_read = object && read_file(manifest, object);
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

static bool sort_files(struct manifest *manifest, struct error *error)
{
    if (manifest->count > 0)
        qsort(manifest->files, manifest->count, sizeof(struct manifest_file), compare_files);
    for (size_t i = 1; i < manifest->count; i++) {
        if (compare_files(&manifest->files[i - 1], &manifest->files[i]) == 0)
            return error_set(error, ERROR_DAMAGED, "the manifest is damaged: it lists \"%s\" twice",
                             manifest->files[i].name);
    }
    manifest->is_sorted = true;
    return true;
}

bool manifest_decode(struct manifest **manifest, struct span json, struct error *error)
{
    *manifest = manifest_create();
    if (check_self(&json, error) && read_head(*manifest, &json, error) &&
        read_files(*manifest, json, error) && sort_files(*manifest, error))
        return true;
    manifest_free(*manifest);
    *manifest = NULL;
    return false;
}
