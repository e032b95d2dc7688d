#include "engine/archive/blob_list.h"

#include "engine/archive/folder.h"
#include "engine/base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_BYTES_SHOWN 255
#define OBJECT_WORDS "LARGE OBJECT "

static bool is_digit(unsigned char character)
{
    return character >= '0' && character <= '9';
}

/* Takes a number that is an oid, and not 0, from the front. */
static bool take_oid(struct span *bytes, uint32_t *oid)
{
    uint64_t value = 0;
    size_t digits = 0;
    while (digits < bytes->length && is_digit(bytes->data[digits]) && value <= UINT32_MAX)
        value = 10 * value + (uint64_t)(bytes->data[digits++] - '0');
    if (value == 0 || value > UINT32_MAX)
        return false;
    bytes->data += digits;
    bytes->length -= digits;
    *oid = (uint32_t)value;
    return true;
}

static bool take_character(struct span *bytes, unsigned char character)
{
    if (bytes->length == 0 || bytes->data[0] != character)
        return false;
    bytes->data++;
    bytes->length--;
    return true;
}

static size_t count_lines(struct span bytes)
{
    size_t lines = 0;
    for (size_t i = 0; i < bytes.length; i++)
        lines += bytes.data[i] == '\n';
    return lines;
}

/* Nothing is taken but a whole line: so there is never more taken than lines were counted. */
static bool take_oid_line(struct span *bytes, uint32_t *oid)
{
    struct span rest = *bytes;
    if (!take_oid(&rest, oid) || !take_character(&rest, '\n'))
        return false;
    *bytes = rest;
    return true;
}

bool blob_list_parse_oids(const char *definition, uint32_t **oids, size_t *count,
                          struct error *error)
{
    const char *lines = definition ? definition : "";
    struct span bytes = {(const unsigned char *)lines, strlen(lines)};
    uint32_t oid;
    *count = 0;
    *oids = memory_allocate(count_lines(bytes), sizeof(uint32_t));
    while (take_oid_line(&bytes, &oid))
        (*oids)[(*count)++] = oid;
    if (bytes.length == 0 && *count > 0)
        return true;
    free(*oids);
    *oids = NULL;
    return error_set(error, ERROR_DAMAGED, "a list of large objects is damaged at number %zu",
                     *count + 1);
}

int blob_list_compare_oids(const void *one, const void *other)
{
    uint32_t one_oid = *(const uint32_t *)one;
    uint32_t other_oid = *(const uint32_t *)other;
    return (one_oid > other_oid) - (one_oid < other_oid);
}

const char *blob_file_usual_name(uint32_t oid, char room[BLOB_FILE_NAME_BYTES])
{
    snprintf(room, BLOB_FILE_NAME_BYTES, "blob_%" PRIu32 ".dat", oid);
    return room;
}

const char *blob_file_name(const struct blob_file *file, char room[BLOB_FILE_NAME_BYTES])
{
    return file->odd_name ? file->odd_name : blob_file_usual_name(file->oid, room);
}

/* The rest of the line, if an archive may have a file of that name. */
static bool take_file_name(struct span *bytes, char name[BLOB_FILE_NAME_BYTES])
{
    const unsigned char *end = memchr(bytes->data, '\n', bytes->length);
    size_t length = end ? (size_t)(end - bytes->data) : bytes->length;
    if (length >= BLOB_FILE_NAME_BYTES || memchr(bytes->data, '\0', length))
        return false;
    memcpy(name, bytes->data, length);
    name[length] = '\0';
    bytes->data += length;
    bytes->length -= length;
    return folder_name_is_safe(name);
}

/* Odd names are put where *odd_names points to, which moves on. */
static bool take_file_line(struct span *bytes, struct blob_file *file, char **odd_names)
{
    struct span rest = *bytes;
    char name[BLOB_FILE_NAME_BYTES], usual_name[BLOB_FILE_NAME_BYTES];
    *file = (struct blob_file){.odd_name = NULL};
    if (!take_oid(&rest, &file->oid) || !take_character(&rest, ' ') ||
        !take_file_name(&rest, name) || !take_character(&rest, '\n'))
        return false;
    if (strcmp(name, blob_file_usual_name(file->oid, usual_name)) != 0) {
        size_t length = strlen(name) + 1;
        file->odd_name = memcpy(*odd_names, name, length);
        *odd_names += length;
    }
    *bytes = rest;
    return true;
}

static bool leads_elsewhere(const unsigned char *name, const unsigned char *end)
{
    return name < end && (*name == '.' || memchr(name, '/', (size_t)(end - name)) != NULL);
}

/* The line is one of a list, but for the name in it. */
static bool names_another_place(struct span bytes, struct error *error)
{
    const unsigned char *end = memchr(bytes.data, '\n', bytes.length);
    uint32_t oid;
    if (!end || memchr(bytes.data, '\0', (size_t)(end - bytes.data)) || !take_oid(&bytes, &oid) ||
        !take_character(&bytes, ' ') || !leads_elsewhere(bytes.data, end))
        return false;
    struct text name;
    text_init(&name, NAME_BYTES_SHOWN);
    text_append_escaped_bytes(&name, (const char *)bytes.data, (size_t)(end - bytes.data));
    error_set(error, ERROR_HOSTILE,
              "a list of large objects names the file \"%s\", which may not be one of the archive",
              name.data);
    text_clear(&name);
    return true;
}

bool blob_list_parse_files(struct span bytes, struct blob_file **files, size_t *count,
                           struct error *error)
{
    struct blob_file file;
    size_t room = count_lines(bytes) * sizeof(struct blob_file);
    /* Behind the files, all of their names together are not longer than their lines. */
    *files = memory_allocate(room + bytes.length, 1);
    char *odd_names = (char *)*files + room;
    *count = 0;
    while (take_file_line(&bytes, &file, &odd_names))
        (*files)[(*count)++] = file;
    if (bytes.length == 0)
        return true;
    free(*files);
    *files = NULL;
    if (names_another_place(bytes, error))
        return false;
    return error_set(error, ERROR_DAMAGED, "a list of large objects is damaged at line %zu",
                     *count + 1);
}

void blob_list_acl_for(struct text *text, const char *acl, uint32_t oid)
{
    bool is_quoted = false;
    while (*acl != '\0') {
        if (!is_quoted && strncmp(acl, OBJECT_WORDS, sizeof(OBJECT_WORDS) - 1) == 0) {
            acl += sizeof(OBJECT_WORDS) - 1;
            acl += strspn(acl, "0123456789");
            text_print(text, OBJECT_WORDS "%" PRIu32, oid);
            continue;
        }
        if (*acl == '"')
            is_quoted = !is_quoted;
        text_append_char(text, *acl++);
    }
}
