#include "engine/archive/manifest.h"

#include "compress/codec.h"
#include "engine/archive/folder.h"
#include "engine/base/arena.h"
#include "engine/base/memory.h"

#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* The layout is fixed to the byte, so that the seal has a text to be of and a reader needs no more
 * memory than one line takes: members of the head, one file a line, and a tail of fixed length,
 * which all formats share. It is plain JSON for all others. */
enum { FORMAT_VERSION = 2 };
enum { FILE_MEMBERS_LONGEST = 1024 }; /* of one file, without its frames */
#define FILES_BEGIN "\"files\": ["
#define FILES_END "\n]"
#define FRAMES_BEGIN ", \"frames\": "
#define TAIL_BEGIN ",\n\"seal\": \""
#define TAIL_END "\"\n}\n"
#define TAIL_LENGTH (sizeof(TAIL_BEGIN) - 1 + CHECKSUM_TEXT_BYTES - 1 + sizeof(TAIL_END) - 1)

/* What a reader must know of to vouch for an archive. A reader that lacks one must not pretend. */
static const char *const capabilities[] = {"files.size", "files.sha256",  "files.raw",
                                           "files.rows", "files.row_sum", "files.frames"};
enum { CAPABILITY_COUNT = sizeof(capabilities) / sizeof(capabilities[0]) };

/* What a head may hold, by the field that holds it: texts (or null), and lists of texts. */
struct head_member {
    const char *key;
    size_t offset;
};

static const struct head_member head_members[] = {
    {"pgfast_version", offsetof(struct manifest, pgfast_version)},
    {"pg_dump_version", offsetof(struct manifest, pg_dump_version)},
    {"server_version", offsetof(struct manifest, server_version)},
    {"system_identifier", offsetof(struct manifest, system_identifier)},
    {"timeline", offsetof(struct manifest, timeline)},
    {"database", offsetof(struct manifest, database)},
    {"database_oid", offsetof(struct manifest, database_oid)},
    {"snapshot_lsn", offsetof(struct manifest, snapshot_lsn)},
    {"snapshot_time", offsetof(struct manifest, snapshot_time)},
    {"started_at", offsetof(struct manifest, started_at)},
    {"finished_at", offsetof(struct manifest, finished_at)},
    {"codec", offsetof(struct manifest, codec)},
    {"time_zone", offsetof(struct manifest, time_zone)},
    {"lc_monetary", offsetof(struct manifest, lc_monetary)},
};
enum { HEAD_MEMBER_COUNT = sizeof(head_members) / sizeof(head_members[0]) };

static const struct head_member head_lists[] = {
    {"options", offsetof(struct manifest, options)},
    {"warnings", offsetof(struct manifest, warnings)},
    {"losses", offsetof(struct manifest, losses)},
};
enum { HEAD_LIST_COUNT = sizeof(head_lists) / sizeof(head_lists[0]) };

static const char **text_of(struct manifest *manifest, const struct head_member *member)
{
    return (const char **)(void *)((char *)manifest + member->offset);
}

static const char *const_text_of(const struct manifest *manifest, const struct head_member *member)
{
    return *(const char *const *)(const void *)((const char *)manifest + member->offset);
}

static struct manifest_texts *list_of(struct manifest *manifest, const struct head_member *member)
{
    return (struct manifest_texts *)(void *)((char *)manifest + member->offset);
}

static const struct manifest_texts *const_list_of(const struct manifest *manifest,
                                                  const struct head_member *member)
{
    return (const struct manifest_texts *)(const void *)((const char *)manifest + member->offset);
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
    manifest->files[manifest->count++] = *file;
    manifest->is_sorted = false;
}

void manifest_add_text(struct manifest *manifest, struct manifest_texts *texts, const char *text)
{
    if (texts->count == texts->capacity) {
        size_t capacity = texts->capacity ? 2 * texts->capacity : 16;
        const char **items = arena_allocate(manifest->arena, capacity, sizeof(*items));
        if (texts->count > 0)
            memcpy(items, texts->items, texts->count * sizeof(*items));
        texts->items = items;
        texts->capacity = capacity;
    }
    texts->items[texts->count++] = arena_copy_text(manifest->arena, text);
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

bool manifest_check_rows(const struct manifest_file *expected, const struct row_digest *digest,
                         struct error *error)
{
    if (!expected || row_digest_is_equal(digest, &expected->digest))
        return true;
    if (digest->rows != expected->digest.rows)
        return error_set(error, ERROR_DAMAGED,
                         "file \"%s\" is damaged: it holds %" PRIu64 " rows, but %" PRIu64
                         " were written",
                         expected->name, digest->rows, expected->digest.rows);
    return error_set(error, ERROR_DAMAGED,
                     "file \"%s\" is damaged: its rows are not those that were dumped",
                     expected->name);
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

static void append_list(struct text *json, const struct manifest_texts *texts)
{
    text_append_char(json, '[');
    for (size_t i = 0; i < texts->count; i++) {
        text_append(json, i == 0 ? "" : ", ");
        append_value(json, texts->items[i]);
    }
    text_append_char(json, ']');
}

static void append_head(struct text *json, const struct manifest *manifest)
{
    text_print(json, "{\n\"format\": %d,\n\"requires\": [", FORMAT_VERSION);
    for (size_t i = 0; i < CAPABILITY_COUNT; i++)
        text_print(json, "%s\"%s\"", i == 0 ? "" : ", ", capabilities[i]);
    text_append(json, "],\n");
    for (size_t i = 0; i < HEAD_MEMBER_COUNT; i++) {
        text_print(json, "\"%s\": ", head_members[i].key);
        append_value(json, const_text_of(manifest, &head_members[i]));
        text_append(json, ",\n");
    }
    for (size_t i = 0; i < HEAD_LIST_COUNT; i++) {
        text_print(json, "\"%s\": ", head_lists[i].key);
        append_list(json, const_list_of(manifest, &head_lists[i]));
        text_append(json, ",\n");
    }
}

static void append_rows(struct text *json, const struct row_digest *digest)
{
    char sum[ROW_SUM_TEXT_BYTES];
    row_digest_print_sum(digest, sum);
    text_print(json, ", \"rows\": %" PRIu64 ", \"row_sum\": \"%s\"", digest->rows, sum);
}

/* Names are safe ones and so need no escapes. The frames stand last, so that they can be parsed
 * apart. */
static bool append_file(struct text *json, const struct manifest_file *file, struct error *error)
{
    if (!folder_name_is_safe(file->name))
        return error_set(error, ERROR_INTERNAL, "\"%s\" is no name for a file of an archive",
                         file->name);
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

bool manifest_encode_body(const struct manifest *manifest, struct text *json, struct error *error)
{
    append_head(json, manifest);
    text_append(json, FILES_BEGIN);
    for (size_t i = 0; i < manifest->count; i++) {
        if (!append_file(json, &manifest->files[i], error))
            return false;
        if (i + 1 < manifest->count)
            text_append_char(json, ',');
    }
    text_append(json, FILES_END);
    return true;
}

void manifest_encode_seal(struct text *json, const char *seal)
{
    text_print(json, TAIL_BEGIN "%s" TAIL_END, seal);
}

bool manifest_encode(const struct manifest *manifest, struct text *json, struct error *error)
{
    char seal[CHECKSUM_TEXT_BYTES];
    assert(json->length_bytes == 0);
    if (!manifest_encode_body(manifest, json, error))
        return false;
    checksum_text_of(json->data, json->length_bytes, seal);
    manifest_encode_seal(json, seal);
    return !json->is_cut || error_set(error, ERROR_UNSUPPORTED,
                                      "the manifest is larger than %zu bytes", json->maximum_bytes);
}

/* Reading */

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

static bool read_texts(struct manifest *manifest, const json_t *head, struct error *error)
{
    for (size_t i = 0; i < HEAD_MEMBER_COUNT; i++) {
        const json_t *value = json_object_get(head, head_members[i].key);
        if (!json_is_string(value) && !json_is_null(value))
            return damaged(error, "a member is missing");
        *text_of(manifest, &head_members[i]) =
            arena_copy_text(manifest->arena, json_string_value(value));
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
    for (size_t i = 0; i < HEAD_LIST_COUNT; i++) {
        if (!read_list(manifest, list_of(manifest, &head_lists[i]),
                       json_object_get(head, head_lists[i].key)))
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
    if (check_seal(*manifest, &json, error) && read_head(*manifest, &json, error) &&
        read_files(*manifest, json, error) && sort_files(*manifest, error))
        return true;
    manifest_free(*manifest);
    *manifest = NULL;
    return false;
}
