#include "engine/archive/manifest.h"

#include "engine/base/arena.h"
#include "engine/base/memory.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define DIGITS "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct frame_sizes frames[] = {{70, 524288}, {80, 5}};

static struct manifest *create_sample(void)
{
    struct manifest *manifest = manifest_create();
    manifest->pgfast_version = "0.1.0";
    manifest->pg_dump_version = "18.6 (Debian 18.6-3)";
    manifest->server_version = "15.20";
    manifest->database = "odd \" name\n\"files\": [";
    manifest->started_at = "2026-11-20T02:00:00Z";
    manifest->finished_at = "2026-11-20T02:00:01Z";
    manifest->codec = "zstd:1";
    manifest_add_file(manifest, &(struct manifest_file){.name = "toc.dat", .checksum = DIGITS});
    manifest_add_file(manifest, &(struct manifest_file){.name = "12.dat.zst",
                                                        .size_bytes = 150,
                                                        .raw_bytes = 524293,
                                                        .has_rows = true,
                                                        .digest = {3, 0x1234, UINT64_MAX},
                                                        .frames = {frames, 2, 2},
                                                        .checksum = DIGITS});
    manifest_add_file(manifest, &(struct manifest_file){.name = "13.dat",
                                                        .size_bytes = INT64_MAX,
                                                        .raw_bytes = INT64_MAX,
                                                        .has_rows = true,
                                                        .checksum = DIGITS});
    manifest_add_text(manifest, &manifest->options, "--jobs=8");
    manifest_add_text(manifest, &manifest->options, "--table=\"odd\nname\"");
    manifest_add_text(manifest, &manifest->warnings, "caf\xe9");
    return manifest;
}

static void encode(const struct manifest *manifest, struct text *json)
{
    struct error error;
    text_init(json, TEXT_MAXIMUM);
    if (!manifest_encode(manifest, json, &error))
        fail_msg("%s", error.message);
}

static struct span span_of(const struct text *text)
{
    return (struct span){(const unsigned char *)text->data, text->length_bytes};
}

static void what_was_encoded_is_what_is_decoded(void **state)
{
    (void)state;
    struct manifest *manifest = create_sample();
    struct manifest *again;
    struct text json;
    struct error error;
    encode(manifest, &json);
    if (!manifest_decode(&again, span_of(&json), &error))
        fail_msg("%s\n%s", error.message, json.data);
    assert_string_equal(again->database, manifest->database);
    assert_string_equal(again->codec, "zstd:1");
    assert_null(again->snapshot_lsn);
    assert_int_equal(again->options.count, 2);
    assert_string_equal(again->options.items[1], "--table=\"odd\nname\"");
    assert_int_equal(again->warnings.count, 1);
    assert_string_equal(again->warnings.items[0], "caf?");
    assert_int_equal(again->count, 3);
    const struct manifest_file *file = manifest_find(again, "12.dat.zst");
    assert_non_null(file);
    assert_int_equal(file->size_bytes, 150);
    assert_int_equal(file->raw_bytes, 524293);
    assert_true(file->has_rows);
    assert_true(row_digest_is_equal(&file->digest, &(struct row_digest){3, 0x1234, UINT64_MAX}));
    assert_int_equal(file->frames.count, 2);
    assert_memory_equal(file->frames.frames, frames, sizeof frames);
    assert_string_equal(file->checksum, DIGITS);
    file = manifest_find(again, "13.dat");
    assert_true(file->size_bytes == INT64_MAX);
    assert_true(file->has_rows);
    assert_int_equal(file->frames.count, 0);
    assert_false(manifest_find(again, "toc.dat")->has_rows);
    assert_null(manifest_find(again, "13.dat.zst"));
    manifest_free(again);
    manifest_free(manifest);
    text_clear(&json);
}

static void a_manifest_without_files_is_a_manifest(void **state)
{
    (void)state;
    struct manifest *manifest = manifest_create();
    struct manifest *again;
    struct text json;
    struct error error;
    encode(manifest, &json);
    assert_true(manifest_decode(&again, span_of(&json), &error));
    assert_int_equal(again->count, 0);
    assert_true(checksum_text_is_valid(again->seal));
    assert_non_null(strstr(json.data, again->seal));
    assert_null(manifest_find(again, "toc.dat"));
    manifest_free(again);
    manifest_free(manifest);
    text_clear(&json);
}

static void the_text_is_json_for_everybody(void **state)
{
    (void)state;
    struct manifest *manifest = create_sample();
    struct text json;
    encode(manifest, &json);
    json_t *root = json_loads(json.data, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    assert_int_equal(json_array_size(json_object_get(root, "files")), 3);
    assert_string_equal(json_string_value(json_object_get(root, "database")), manifest->database);
    json_decref(root);
    manifest_free(manifest);
    text_clear(&json);
}

static void names_that_are_not_utf8_become_readable(void **state)
{
    (void)state;
    struct manifest *manifest = create_sample();
    struct manifest *again;
    struct text json;
    struct error error;
    manifest->database = "caf\xe9";
    encode(manifest, &json);
    assert_true(manifest_decode(&again, span_of(&json), &error));
    assert_string_equal(again->database, "caf?");
    manifest_free(again);
    manifest_free(manifest);
    text_clear(&json);
}

static void find_works_while_files_are_added(void **state)
{
    (void)state;
    struct manifest *manifest = create_sample();
    assert_int_equal(manifest_find(manifest, "12.dat.zst")->digest.rows, 3);
    assert_null(manifest_find(manifest, "none"));
    manifest_free(manifest);
}

static void decode_finds_every_change_and_every_truncation(void **state)
{
    (void)state;
    struct manifest *manifest = create_sample();
    struct manifest *again;
    struct text json;
    struct error error;
    encode(manifest, &json);
    for (size_t i = 0; i < json.length_bytes; i++) {
        json.data[i] ^= 1;
        assert_false(manifest_decode(&again, span_of(&json), &error));
        assert_int_equal(error.kind, ERROR_DAMAGED);
        json.data[i] ^= 1;
        struct span part = {(const unsigned char *)json.data, i};
        assert_false(manifest_decode(&again, part, &error));
        assert_int_equal(error.kind, ERROR_DAMAGED);
    }
    manifest_free(manifest);
    text_clear(&json);
}

/* A text of one's own with the right seal, to get behind that guard. */
static bool decode_sealed(struct manifest **manifest, const char *before, struct error *error)
{
    char seal[CHECKSUM_TEXT_BYTES];
    checksum_text_of(before, strlen(before), seal);
    char *json = memory_print("%s,\n\"seal\": \"%s\"\n}\n", before, seal);
    struct span bytes = {(const unsigned char *)json, strlen(json)};
    bool is_decoded = manifest_decode(manifest, bytes, error);
    free(json);
    return is_decoded;
}

static void decode_forged(const char *before, enum error_kind kind, const char *part_of_message)
{
    struct manifest *manifest;
    struct error error;
    assert_false(decode_sealed(&manifest, before, &error));
    assert_null(manifest);
    if (error.kind != kind || !strstr(error.message, part_of_message))
        fail_msg("kind %d: %s", error.kind, error.message);
}

#define MEMBERS                                                                                    \
    "\"pgfast_version\": null, \"pg_dump_version\": null, \"server_version\": null, "              \
    "\"system_identifier\": null, \"timeline\": null, \"database\": null, "                        \
    "\"database_oid\": null, \"snapshot_lsn\": null, \"snapshot_time\": null, "                    \
    "\"started_at\": null, \"finished_at\": null, \"codec\": null, "                               \
    "\"time_zone\": null, \"lc_monetary\": null, "
#define LISTS "\"options\": [], \"warnings\": [], \"losses\": [],\n"
#define HEAD "{\n\"format\": 2,\n\"requires\": [\"files.size\"],\n" MEMBERS LISTS "\"files\": ["
#define FILE_OF(name, size, more)                                                                  \
    "\n{\"name\": \"" name "\", \"size\": " size ", \"sha256\": \"" DIGITS                         \
    "\", \"codec\": \"none\", \"raw\": 9" more "}"
#define FILE_LINE(name, size) FILE_OF(name, size, "")
#define SUM "0123456789abcdef0123456789abcdef"

static void decode_refuses_forged_heads(void **state)
{
    (void)state;
    decode_forged("", ERROR_DAMAGED, "no files");
    decode_forged("{\n\"files\": [\n]", ERROR_DAMAGED, "format");
    decode_forged("nonsense\n\"files\": [\n]", ERROR_DAMAGED, "no JSON");
    decode_forged("{\n\"format\": 1, \"requires\": [],\n" MEMBERS LISTS "\"files\": [\n]",
                  ERROR_UNSUPPORTED, "format 1");
    decode_forged("{\n\"format\": 3, \"requires\": [],\n" MEMBERS LISTS "\"files\": [\n]",
                  ERROR_UNSUPPORTED, "format 3");
    decode_forged("{\n\"format\": 2, \"requires\": [\"encryption\"],\n" MEMBERS LISTS
                  "\"files\": [\n]",
                  ERROR_UNSUPPORTED, "encryption");
    decode_forged("{\n\"format\": 2, \"requires\": [7],\n" MEMBERS LISTS "\"files\": [\n]",
                  ERROR_DAMAGED, "no text");
    decode_forged("{\n\"format\": 2, \"format\": 2, \"requires\": [],\n" MEMBERS LISTS
                  "\"files\": [\n]",
                  ERROR_DAMAGED, "no JSON");
    decode_forged("{\n\"format\": 2, \"requires\": [],\n" LISTS "\"files\": [\n]", ERROR_DAMAGED,
                  "member");
    decode_forged("{\n\"format\": 2, \"requires\": [],\n" MEMBERS
                  "\"options\": [],\n\"files\": [\n]",
                  ERROR_DAMAGED, "list of texts");
    decode_forged("{\n\"format\": 2, \"requires\": [],\n" MEMBERS
                  "\"options\": [1], \"warnings\": [], \"losses\": [],\n\"files\": [\n]",
                  ERROR_DAMAGED, "list of texts");
}

static void decode_forged_file(const char *lines)
{
    char *before = memory_print(HEAD "%s\n]", lines);
    decode_forged(before, ERROR_DAMAGED, "entry of a file");
    free(before);
}

static void decode_refuses_forged_files(void **state)
{
    struct manifest *manifest;
    struct error error;
    (void)state;
    /* What the others are changed from. */
    assert_true(decode_sealed(&manifest,
                              HEAD FILE_OF("x", "1",
                                           ", \"rows\": 1, \"row_sum\": \"" SUM
                                           "\", \"frames\": [[1,9]]") "\n]",
                              &error));
    manifest_free(manifest);
    decode_forged_file(FILE_LINE("../x", "1"));
    decode_forged_file(FILE_LINE("x", "-1"));
    decode_forged_file(FILE_LINE("x", "1e5"));
    decode_forged_file(FILE_LINE("x", "99999999999999999999"));
    decode_forged_file(FILE_LINE("x", "1, \"size\": 2"));
    decode_forged_file(FILE_LINE("x.zst", "1"));
    decode_forged_file(FILE_OF("x", "1", ", \"rows\": 1"));
    decode_forged_file(FILE_OF("x", "1", ", \"row_sum\": \"" SUM "\""));
    decode_forged_file(FILE_OF("x", "1", ", \"rows\": 1, \"row_sum\": \"7\""));
    decode_forged_file(FILE_OF("x", "1", ", \"rows\": -1, \"row_sum\": \"" SUM "\""));
    decode_forged_file(FILE_OF("x", "1", ", \"frames\": [[1,8]]"));
    decode_forged_file(FILE_OF("x", "1", ", \"frames\": [[2,9]]"));
    decode_forged_file(FILE_OF("x", "1", ", \"frames\": [[1,9],]"));
    decode_forged_file(FILE_OF("x", "1", ", \"frames\": [[1,9]], \"more\": 1"));
    decode_forged_file("\n{\"name\": \"x\"}");
    decode_forged_file("\n{}");
    decode_forged_file("\n");
    decode_forged(HEAD FILE_LINE("x", "1") "," FILE_LINE("x", "2") "\n]", ERROR_DAMAGED, "twice");
    decode_forged(HEAD FILE_LINE("x", "1"), ERROR_DAMAGED, "no end");
    decode_forged(HEAD FILE_LINE("x", "1") "\n]]", ERROR_DAMAGED, "no end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_encoded_is_what_is_decoded),
        cmocka_unit_test(a_manifest_without_files_is_a_manifest),
        cmocka_unit_test(the_text_is_json_for_everybody),
        cmocka_unit_test(names_that_are_not_utf8_become_readable),
        cmocka_unit_test(find_works_while_files_are_added),
        cmocka_unit_test(decode_finds_every_change_and_every_truncation),
        cmocka_unit_test(decode_refuses_forged_heads),
        cmocka_unit_test(decode_refuses_forged_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
