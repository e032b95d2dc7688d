#include "engine/backups/verify.h"

#include "engine/archive/copy_binary.h"
#include "engine/archive/manifest.h"
#include "engine/archive/toc_codec.h"

#include "tests/unit/engine/archive/scratch_folder.h"

/* An archive made by hand: two tables and a large object, all files bare. */

#define ORDERS "1\ta\n2\tb\n\\.\n\n\n"
#define LINES "\n\n\n\\.\n\n\n"
#define LIST "7 blob_7.dat\n"
#define OBJECT "picture"

static void add_table(struct toc *toc, int dump_id, const char *tag, const char *copy_statement,
                      const char *file_name)
{
    *toc_add_entry(toc) = (struct toc_entry){.dump_id = dump_id,
                                             .has_data = true,
                                             .type = ENTRY_TABLE_DATA,
                                             .section = SECTION_DATA,
                                             .schema = "public",
                                             .tag = tag,
                                             .desc = "TABLE DATA",
                                             .copy_statement = copy_statement,
                                             .file_name = file_name};
}

static void add_large_object(struct toc *toc)
{
    *toc_add_entry(toc) = (struct toc_entry){.dump_id = 3,
                                             .oid = 7,
                                             .type = ENTRY_BLOB,
                                             .section = SECTION_PRE_DATA,
                                             .tag = "7",
                                             .desc = "BLOB"};
    *toc_add_entry(toc) = (struct toc_entry){.dump_id = 4,
                                             .has_data = true,
                                             .type = ENTRY_BLOBS,
                                             .section = SECTION_DATA,
                                             .tag = "BLOBS",
                                             .desc = "BLOBS",
                                             .file_name = "blobs.toc"};
}

static void write_toc(void **state, const char *copy_statement, const char *file_of_lines)
{
    struct toc *toc = toc_create();
    struct error error;
    struct text bytes;

    toc->header.version_minor = 14;
    add_table(toc, 1, "orders", copy_statement, "1.dat");
    add_table(toc, 2, "lines", "COPY public.lines  FROM stdin;\n", file_of_lines);
    add_large_object(toc);
    assert_true(toc_seal(toc, &error));
    text_init(&bytes, TEXT_MAXIMUM);
    assert_true(toc_encode(toc, &bytes, &error));
    toc_free(toc);
    scratch_write(*state, "toc.dat", bytes.data, bytes.length_bytes);
    text_clear(&bytes);
}

static void write_text(void **state, const char *name, const char *text)
{
    scratch_write(*state, name, text, strlen(text));
}

static void write_stock_archive(void **state)
{
    write_toc(state, "COPY public.orders (id, name) FROM stdin;\n", "2.dat");
    write_text(state, "1.dat", ORDERS);
    write_text(state, "2.dat", LINES);
    write_text(state, "blobs.toc", LIST);
    write_text(state, "blob_7.dat", OBJECT);
}

static struct row_digest digest_of(const char *bytes, size_t length)
{
    bool is_binary = bytes[0] == 'P';
    struct row_digester digester;
    struct row_digest digest;
    struct error error;

    row_digester_init(&digester, is_binary ? ROW_FORM_BINARY : ROW_FORM_TEXT);
    assert_true(row_digester_update(&digester, bytes,
                                    is_binary ? length : length - strlen("\\.\n\n\n"), &error));
    assert_true(row_digester_finish(&digester, &digest, &error));
    return digest;
}

static const char *digits_of(struct manifest *manifest, const char *bytes, size_t length)
{
    char digits[CHECKSUM_TEXT_BYTES];

    checksum_text_of(bytes, length, digits);
    return arena_copy_text(manifest->arena, digits);
}

static void list_file(void **state, struct manifest *manifest, const char *name, uint64_t rows)
{
    char *path = scratch_path(state, name);
    char bytes[4096];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t length = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    free(path);

    struct manifest_file listed = {.name = arena_copy_text(manifest->arena, name),
                                   .size_bytes = length,
                                   .raw_bytes = length,
                                   .has_rows = rows > 0};
    if (listed.has_rows)
        listed.digest = digest_of(bytes, length);
    listed.digest.rows = rows;
    listed.checksum = digits_of(manifest, bytes, length);
    manifest_add_file(manifest, &listed);
}

static void list_files(void **state, struct manifest *manifest, uint64_t rows_of_orders)
{
    list_file(state, manifest, "toc.dat", 0);
    list_file(state, manifest, "1.dat", rows_of_orders);
    list_file(state, manifest, "2.dat", 3);
    list_file(state, manifest, "blobs.toc", 0);
    list_file(state, manifest, "blob_7.dat", 0);
}

static void write_and_free(void **state, struct manifest *manifest)
{
    struct error error;
    struct text json;

    text_init(&json, TEXT_MAXIMUM);
    assert_true(manifest_encode(manifest, &json, &error));
    scratch_write(*state, MANIFEST_FILE_NAME, json.data, json.length_bytes);
    text_clear(&json);
    manifest_free(manifest);
}

static void write_manifest(void **state, uint64_t rows_of_orders)
{
    struct manifest *manifest = manifest_create();

    list_files(state, manifest, rows_of_orders);
    write_and_free(state, manifest);
}

static void write_archive(void **state)
{
    write_stock_archive(state);
    write_manifest(state, 2);
}

/* What verifying says of it. */

enum depth { QUICK, DEEP };

struct answer {
    bool is_whole;
    struct verify_totals totals;
    struct error error;
    char faults[2048];  /* a line each */
    char warning[1024]; /* the last */
};

static void collect_faults(struct answer *answer, struct event_stream *events)
{
    struct event event;
    bool is_open = true;

    event_stream_close(events);
    while (is_open) {
        if (!event_stream_next(events, 0, &event, &is_open))
            continue;
        if (event.kind == EVENT_WARNING)
            snprintf(answer->warning, sizeof answer->warning, "%s", event.message);
        if (event.kind != EVENT_OBJECT_FAILED)
            continue;
        size_t length = strlen(answer->faults);
        snprintf(answer->faults + length, sizeof answer->faults - length, "%s: %s\n", event.object,
                 event.error.message);
    }
}

static struct answer ask(void **state, enum depth depth)
{
    const struct verify_options options = {
        .input_path = *state, .jobs = 3, .is_deep = depth == DEEP};
    struct watch *watch = aligned_alloc(_Alignof(struct watch), sizeof *watch);
    struct answer answer = {.faults = ""};

    memset(watch, 0, sizeof *watch);
    assert_true(cancel_create(&watch->cancel, &answer.error));
    watch->events = event_stream_create();
    answer.is_whole = verify_run(&options, watch, &answer.totals, &answer.error);
    collect_faults(&answer, watch->events);
    event_stream_free(watch->events);
    cancel_free(watch->cancel);
    free(watch);
    return answer;
}

static void expect_whole(void **state, enum depth depth, uint64_t files, uint64_t rows)
{
    struct answer answer = ask(state, depth);

    if (!answer.is_whole)
        fail_msg("%s\n%s", answer.error.message, answer.faults);
    assert_string_equal(answer.faults, "");
    assert_int_equal(answer.totals.files, files);
    assert_int_equal(answer.totals.rows, rows);
}

static void expect_faults(void **state, enum depth depth, const char *faults)
{
    struct answer answer = ask(state, depth);

    assert_false(answer.is_whole);
    assert_int_equal(answer.error.kind, ERROR_DAMAGED);
    assert_string_equal(answer.faults, faults);
}

static void expect_faults_at_any_depth(void **state, const char *faults)
{
    expect_faults(state, QUICK, faults);
    expect_faults(state, DEEP, faults);
}

static void every_file_of_a_whole_archive_is_counted(void **state)
{
    write_archive(state);
    expect_whole(state, QUICK, 5, 0);
    expect_whole(state, DEEP, 5, 5);
}

static void without_a_manifest_it_is_always_read_through(void **state)
{
    write_stock_archive(state);
    expect_whole(state, QUICK, 5, 5);
    struct answer answer = ask(state, QUICK);
    assert_false(answer.totals.has_manifest);
    assert_true(answer.totals.has_counted_rows);
}

static void a_file_of_another_size_or_content_is_damaged(void **state)
{
    write_archive(state);
    write_text(state, "1.dat", "1\ta\n2\tc\n\\.\n\n\n");
    expect_faults_at_any_depth(
        state, "1.dat (TABLE public.orders): it does not have the checksum it was written with\n");
    write_text(state, "1.dat", ORDERS);
    write_text(state, "blob_7.dat", "pic");
    expect_faults_at_any_depth(
        state, "blob_7.dat (LARGE OBJECT 7): it has 3 bytes, but was written with 7\n");
}

static void a_missing_file_is_told_of_once(void **state)
{
    write_archive(state);
    char *path = scratch_path(state, "2.dat");
    unlink(path);
    free(path);
    expect_faults_at_any_depth(state, "2.dat (TABLE public.lines): is missing\n");
}

static void rows_are_held_against_the_manifest(void **state)
{
    write_stock_archive(state);
    write_manifest(state, 4);
    expect_whole(state, QUICK, 5, 0);
    expect_faults(state, DEEP,
                  "1.dat (TABLE public.orders): it holds 2 rows, but 4 were written\n");
}

/* As many rows, of as many bytes, with a manifest that vouches for the file: only what was hashed
 * as the rows came from the server tells. */
static void rows_are_those_that_came_from_the_server(void **state)
{
    struct manifest *manifest = manifest_create();

    write_stock_archive(state);
    write_text(state, "1.dat", "1\ta\n2\tc\n\\.\n\n\n");
    list_files(state, manifest, 2);
    manifest->files[1].digest = digest_of(ORDERS, strlen(ORDERS));
    write_and_free(state, manifest);
    expect_whole(state, QUICK, 5, 0);
    expect_faults(state, DEEP,
                  "1.dat (TABLE public.orders): its rows are not those that were dumped\n");
}

static void rows_have_an_end_and_nothing_behind_it(void **state)
{
    write_stock_archive(state);
    write_text(state, "1.dat", "1\ta\n2\tb\n");
    expect_faults_at_any_depth(
        state, "1.dat (TABLE public.orders): data does not end with the line \"\\.\"\n");
    write_text(state, "1.dat", ORDERS ORDERS);
    expect_faults_at_any_depth(
        state, "1.dat (TABLE public.orders): data does not end where its last line \"\\.\" says\n");
}

static void statements_are_whole(void **state)
{
    write_stock_archive(state);
    write_toc(state, "", "2.dat");
    write_text(state, "1.dat", "INSERT INTO public.orders VALUES (1, 'a;b');\n\n\n");
    expect_whole(state, QUICK, 5, 3);
    write_text(state, "1.dat", "INSERT INTO public.orders VALUES (1, 'a;");
    expect_faults_at_any_depth(state, "1.dat (TABLE public.orders): it ends inside a statement\n");
}

static void what_lies_in_the_way_of_a_file_is_not_taken_for_it(void **state)
{
    write_stock_archive(state);
    char *bare = scratch_path(state, "2.dat"), *compressed = scratch_path(state, "2.dat.gz");
    write_manifest(state, 2);
    write_text(state, "2.dat.gz", "not looked at: the bare file comes first");
    expect_whole(state, DEEP, 5, 5);
    assert_int_equal(rename(bare, compressed), 0);
    expect_faults_at_any_depth(
        state, "2.dat.gz (TABLE public.lines): the manifest does not know it\n2.dat: is missing\n");
    free(bare);
    free(compressed);
}

static void files_that_do_not_belong_to_it_are_a_warning(void **state)
{
    write_archive(state);
    assert_string_equal(ask(state, QUICK).warning, "");
    write_text(state, "notes\n.txt", "made on Monday");
    struct answer answer = ask(state, QUICK);
    assert_true(answer.is_whole);
    assert_string_equal(answer.warning, "file \"notes\\x0a.txt\" does not belong to the archive");
    write_text(state, "3.dat", ORDERS);
    assert_non_null(strstr(ask(state, DEEP).warning, "2 files do not belong to the archive"));
}

static void two_tables_cannot_share_a_file(void **state)
{
    write_stock_archive(state);
    write_toc(state, "COPY public.orders (id, name) FROM stdin;\n", "1.dat");
    expect_faults_at_any_depth(
        state, "1.dat (TABLE public.lines): it is named as the file of something else, too\n");
}

static void large_objects_have_an_entry_and_data(void **state)
{
    write_stock_archive(state);
    write_text(state, "blobs.toc", "");
    expect_faults_at_any_depth(
        state, "large objects: 1 of them have an entry but no data, the first is 7\n");
    write_text(state, "blob_8.dat", "");
    write_text(state, "blobs.toc", "7 blob_7.dat\n8 blob_8.dat\n");
    expect_faults_at_any_depth(state,
                               "large objects: 1 of them have data but no entry, the first is 8\n");
}

static void a_damaged_list_of_large_objects_is_told_of_once(void **state)
{
    write_stock_archive(state);
    write_text(state, "blobs.toc", "7 blob 7\n");
    expect_faults_at_any_depth(
        state, "blobs.toc (BLOBS BLOBS): a list of large objects is damaged at line 1\n");
}

static void a_name_may_not_lead_out_of_the_folder(void **state)
{
    write_stock_archive(state);
    write_toc(state, "COPY public.orders (id, name) FROM stdin;\n", "../2.dat");
    struct answer answer = ask(state, QUICK);
    assert_int_equal(answer.error.kind, ERROR_HOSTILE);
}

static void nor_that_of_a_large_object(void **state)
{
    write_stock_archive(state);
    write_text(state, "blobs.toc", "7 ../secret\n");
    struct answer answer = ask(state, QUICK);
    assert_int_equal(answer.error.kind, ERROR_HOSTILE);
}

static void what_is_no_archive_has_no_faults(void **state)
{
    struct answer answer = ask(state, QUICK);

    assert_false(answer.is_whole);
    assert_int_equal(answer.error.kind, ERROR_DAMAGED);
    assert_string_equal(answer.faults, "");
    assert_int_equal(answer.totals.files, 0);
}

/* One table in binary format, with two rows. */
static void write_binary_archive(void **state, size_t length)
{
    static const char rows[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"
                               "\0\1\0\0\0\1a"
                               "\0\1\377\377\377\377"
                               "\377\377";

    write_stock_archive(state);
    write_toc(state, "COPY public.orders (id) FROM stdin WITH (FORMAT binary);\n", "2.dat");
    scratch_write(*state, "1.dat", rows, length < sizeof rows ? length : sizeof rows - 1);
}

static void rows_in_binary_format_are_counted(void **state)
{
    write_binary_archive(state, SIZE_MAX);
    expect_whole(state, DEEP, 5, 5);
    write_manifest(state, 2);
    expect_whole(state, QUICK, 5, 0);
    expect_whole(state, DEEP, 5, 5);
    write_manifest(state, 3);
    expect_faults(state, DEEP,
                  "1.dat (TABLE public.orders): it holds 2 rows, but 3 were written\n");
}

static void rows_in_binary_format_need_their_end(void **state)
{
    write_binary_archive(state, COPY_BINARY_HEADER_BYTES + 7);
    expect_faults_at_any_depth(
        state, "1.dat (TABLE public.orders): binary data ends before its rows do\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(every_file_of_a_whole_archive_is_counted),
        scratch_test(without_a_manifest_it_is_always_read_through),
        scratch_test(a_file_of_another_size_or_content_is_damaged),
        scratch_test(a_missing_file_is_told_of_once),
        scratch_test(rows_are_held_against_the_manifest),
        scratch_test(rows_are_those_that_came_from_the_server),
        scratch_test(rows_have_an_end_and_nothing_behind_it),
        scratch_test(statements_are_whole),
        scratch_test(what_lies_in_the_way_of_a_file_is_not_taken_for_it),
        scratch_test(files_that_do_not_belong_to_it_are_a_warning),
        scratch_test(two_tables_cannot_share_a_file),
        scratch_test(large_objects_have_an_entry_and_data),
        scratch_test(a_damaged_list_of_large_objects_is_told_of_once),
        scratch_test(a_name_may_not_lead_out_of_the_folder),
        scratch_test(nor_that_of_a_large_object),
        scratch_test(what_is_no_archive_has_no_faults),
        scratch_test(rows_in_binary_format_are_counted),
        scratch_test(rows_in_binary_format_need_their_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
