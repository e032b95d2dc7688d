#include "engine/archive/data_reader.h"

#include "compress/codec.h"
#include "engine/base/arena.h"

#include "scratch_folder.h"

#define RAW_BYTES ((size_t)700000) /* more than two pieces of a stored file */

static unsigned char *create_raw(void)
{
    unsigned char *raw = memory_allocate(RAW_BYTES, 1);
    unsigned seed = 7;
    for (size_t i = 0; i < RAW_BYTES; i++)
        raw[i] = (unsigned char)(rand_r(&seed) % 100);
    return raw;
}

/* Appends the raw bytes as one frame. */
static void append_frame(struct text *file, const struct codec *codec, struct span raw)
{
    struct codec_settings settings = {.level = codec->level_default};
    struct codec_encoder *encoder;
    struct error error;
    size_t room = codec->frame_bound(raw.length, &settings);
    unsigned char *frame = memory_allocate(room, 1);
    size_t length;
    assert_true(codec->encoder_open(&encoder, &settings, &error));
    assert_true(codec->encode_frame(encoder, raw, frame, room, &length, &error));
    codec->encoder_close(encoder);
    text_append_bytes(file, frame, length);
    free(frame);
}

/* RAW_BYTES as several frames, an empty one among them. */
static struct text create_stored(const struct codec *codec, const unsigned char *raw)
{
    const size_t third = RAW_BYTES / 3;
    struct text file;
    text_init(&file, TEXT_MAXIMUM);
    append_frame(&file, codec, (struct span){raw, third});
    append_frame(&file, codec, (struct span){raw, 0});
    append_frame(&file, codec, (struct span){raw + third, RAW_BYTES - third});
    return file;
}

static struct archive *open_bare_archive(void **state)
{
    struct archive *archive = memory_allocate(1, sizeof(*archive));
    struct error error;
    assert_true(folder_open(&archive->folder, *state, &error));
    return archive;
}

static void expect_file(struct archive *archive, const char *name, const struct text *stored,
                        uint64_t raw_bytes)
{
    struct manifest_file file = {
        .name = name, .size_bytes = stored->length_bytes, .raw_bytes = raw_bytes};
    char digits[CHECKSUM_TEXT_BYTES];
    checksum_text_of(stored->data, stored->length_bytes, digits);
    if (!archive->manifest)
        archive->manifest = manifest_create();
    file.checksum = arena_copy_text(archive->manifest->arena, digits);
    manifest_add_file(archive->manifest, &file);
}

/* Reads with a room that fits nothing; true when the end was reached and verified. */
static bool read_whole(struct data_reader *reader, struct text *raw, struct error *error)
{
    unsigned char buffer[8191];
    size_t length;
    do {
        if (!data_reader_read(reader, buffer, sizeof(buffer), &length, error))
            return false;
        text_append_bytes(raw, buffer, length);
    } while (length > 0);
    return true;
}

static bool open_and_read(const struct archive *archive, const char *name, struct text *raw,
                          struct error *error)
{
    struct data_reader *reader;
    text_init(raw, TEXT_MAXIMUM);
    if (!data_reader_open(&reader, archive, name, error))
        return false;
    bool is_read = read_whole(reader, raw, error);
    data_reader_close(reader);
    return is_read;
}

static void every_codec_is_read_by_its_suffix(void **state)
{
    const struct codec *codec;
    unsigned char *raw = create_raw();
    for (unsigned i = 0; (codec = codec_at(i)) != NULL; i++) {
        struct archive *archive = open_bare_archive(state);
        struct text stored = create_stored(codec, raw);
        struct text got;
        struct error error;
        char *bare = memory_print("%u.dat", i);
        char *name = memory_print("%s%s", bare, codec->suffix);
        scratch_write(*state, name, stored.data, stored.length_bytes);
        assert_true(open_and_read(archive, bare, &got, &error));
        assert_int_equal(got.length_bytes, RAW_BYTES);
        assert_memory_equal(got.data, raw, RAW_BYTES);
        text_clear(&got);
        assert_true(open_and_read(archive, name, &got, &error));
        assert_int_equal(got.length_bytes, RAW_BYTES);
        text_clear(&got);
        text_clear(&stored);
        free(name);
        free(bare);
        archive_close(archive);
    }
    free(raw);
}

static void the_bare_name_comes_first(void **state)
{
    struct archive *archive = open_bare_archive(state);
    struct text got;
    struct error error;
    scratch_write(*state, "1.dat", "plain", 5);
    scratch_write(*state, "1.dat.zst", "junk", 4);
    assert_true(open_and_read(archive, "1.dat", &got, &error));
    assert_string_equal(got.data, "plain");
    text_clear(&got);
    assert_false(open_and_read(archive, "1.dat.zst", &got, &error));
    assert_int_equal(error.kind, ERROR_DAMAGED);
    text_clear(&got);
    archive_close(archive);
}

static void a_missing_file_is_damage(void **state)
{
    struct archive *archive = open_bare_archive(state);
    struct data_reader *reader;
    struct error error;
    assert_false(data_reader_open(&reader, archive, "1.dat", &error));
    assert_null(reader);
    assert_int_equal(error.kind, ERROR_DAMAGED);
    assert_non_null(strstr(error.message, "1.dat\" is missing"));
    archive_close(archive);
}

static void an_empty_file_is_read_as_nothing(void **state)
{
    struct archive *archive = open_bare_archive(state);
    struct text got;
    struct error error;
    scratch_write(*state, "1.dat.zst", "", 0);
    assert_true(open_and_read(archive, "1.dat", &got, &error));
    assert_int_equal(got.length_bytes, 0);
    text_clear(&got);
    archive_close(archive);
}

static void a_cut_frame_is_found_without_a_manifest(void **state)
{
    unsigned char *raw = create_raw();
    const struct codec *codec;
    for (unsigned i = 1; (codec = codec_at(i)) != NULL; i++) {
        struct archive *archive = open_bare_archive(state);
        struct text stored = create_stored(codec, raw);
        struct text got;
        struct error error;
        char *name = memory_print("1.dat%s", codec->suffix);
        for (size_t lost = 1; lost < 4; lost++) {
            scratch_write(*state, name, stored.data, stored.length_bytes - lost);
            assert_false(open_and_read(archive, name, &got, &error));
            assert_int_equal(error.kind, ERROR_DAMAGED);
            text_clear(&got);
        }
        free(name);
        text_clear(&stored);
        archive_close(archive);
    }
    free(raw);
}

static void with_a_manifest_every_change_is_found(void **state)
{
    const struct codec *codec;
    unsigned char *raw = create_raw();
    for (unsigned i = 0; (codec = codec_at(i)) != NULL; i++) {
        struct archive *archive = open_bare_archive(state);
        struct text stored = create_stored(codec, raw);
        struct text got;
        struct error error;
        unsigned seed = i;
        char *bare = memory_print("%u.dat", i);
        char *name = memory_print("%s%s", bare, codec->suffix);
        expect_file(archive, name, &stored, RAW_BYTES);
        scratch_write(*state, name, stored.data, stored.length_bytes);
        assert_true(open_and_read(archive, bare, &got, &error));
        text_clear(&got);
        for (int flip = 0; flip < 50; flip++) {
            size_t place = (size_t)rand_r(&seed) % stored.length_bytes;
            stored.data[place] ^= 4;
            scratch_write(*state, name, stored.data, stored.length_bytes);
            assert_false(open_and_read(archive, bare, &got, &error));
            assert_int_equal(error.kind, ERROR_DAMAGED);
            text_clear(&got);
            stored.data[place] ^= 4;
        }
        scratch_write(*state, name, stored.data, stored.length_bytes - 1);
        assert_false(open_and_read(archive, bare, &got, &error));
        assert_int_equal(error.kind, ERROR_DAMAGED);
        text_clear(&got);
        free(name);
        free(bare);
        text_clear(&stored);
        archive_close(archive);
    }
    free(raw);
}

/* The stored sizes of create_stored's frames, found by making them again. */
static void index_stored(struct frame_sizes sizes[3], const struct codec *codec,
                         const unsigned char *raw)
{
    const size_t third = RAW_BYTES / 3;
    const struct span frames[] = {{raw, third}, {raw, 0}, {raw + third, RAW_BYTES - third}};

    for (size_t i = 0; i < 3; i++) {
        struct text frame;

        text_init(&frame, TEXT_MAXIMUM);
        append_frame(&frame, codec, frames[i]);
        sizes[i] = (struct frame_sizes){(uint32_t)frame.length_bytes, (uint32_t)frames[i].length};
        text_clear(&frame);
    }
}

static bool read_with_index(void **state, const struct codec *codec, const struct text *stored,
                            const struct frame_index *index, unsigned decoders, struct error *error)
{
    struct archive *archive = open_bare_archive(state);
    char *name = memory_print("7%u.dat%s", codec->id, codec->suffix);
    struct data_reader *reader;
    struct text got;

    expect_file(archive, name, stored, RAW_BYTES);
    archive->manifest->files[0].frames = *index;
    text_init(&got, TEXT_MAXIMUM);
    assert_true(data_reader_open(&reader, archive, name, error));
    if (decoders > 0)
        assert_true(data_reader_read_ahead(reader, decoders, error));
    bool is_read = read_whole(reader, &got, error);
    assert_true(!is_read || got.length_bytes == RAW_BYTES);
    data_reader_close(reader);
    text_clear(&got);
    free(name);
    archive_close(archive);
    return is_read;
}

static void frames_lie_where_the_manifest_says(void **state)
{
    const struct codec *codec;
    unsigned char *raw = create_raw();
    struct error error;

    /* The first, none, has no frames that anybody could see. */
    for (unsigned i = 1; (codec = codec_at(i)) != NULL; i++) {
        struct frame_sizes sizes[3];
        const struct frame_index index = {sizes, 3, 3};
        struct text stored = create_stored(codec, raw);
        char *name = memory_print("7%u.dat%s", codec->id, codec->suffix);

        index_stored(sizes, codec, raw);
        scratch_write(*state, name, stored.data, stored.length_bytes);
        for (unsigned decoders = 0; decoders < 3; decoders++) {
            if (!read_with_index(state, codec, &stored, &index, decoders, &error))
                fail_msg("%s: %s", codec->name, error.message);
            for (int change = -1; change <= 1; change += 2) {
                sizes[0].raw_bytes += (uint32_t)change;
                sizes[2].raw_bytes -= (uint32_t)change;
                assert_false(read_with_index(state, codec, &stored, &index, decoders, &error));
                assert_non_null(strstr(error.message, "a frame is not where the manifest says"));
                sizes[0].raw_bytes -= (uint32_t)change;
                sizes[2].raw_bytes += (uint32_t)change;
                sizes[0].stored_bytes += (uint32_t)change;
                sizes[2].stored_bytes -= (uint32_t)change;
                assert_false(read_with_index(state, codec, &stored, &index, decoders, &error));
                assert_int_equal(error.kind, ERROR_DAMAGED);
                sizes[0].stored_bytes -= (uint32_t)change;
                sizes[2].stored_bytes += (uint32_t)change;
            }
        }
        text_clear(&stored);
        free(name);
    }
    free(raw);
}

static void with_a_manifest_a_stray_file_is_not_read(void **state)
{
    struct archive *archive = open_bare_archive(state);
    struct text got;
    struct error error;
    archive->manifest = manifest_create();
    scratch_write(*state, "1.dat", "x", 1);
    assert_false(open_and_read(archive, "1.dat", &got, &error));
    assert_int_equal(error.kind, ERROR_DAMAGED);
    text_clear(&got);
    archive_close(archive);
}

static void a_file_that_decodes_to_more_than_was_written_is_stopped_at_once(void **state)
{
    enum { BOMB_BYTES = 50 << 20 };
    struct archive *archive = open_bare_archive(state);
    struct data_reader *reader;
    struct error error;
    unsigned char *zeros = memory_allocate(BOMB_BYTES, 1);
    unsigned char buffer[4096];
    size_t length;
    struct text stored;
    text_init(&stored, TEXT_MAXIMUM);
    append_frame(&stored, &codec_zstd, (struct span){zeros, BOMB_BYTES});
    expect_file(archive, "1.dat.zst", &stored, 5000);
    scratch_write(*state, "1.dat.zst", stored.data, stored.length_bytes);
    assert_true(data_reader_open(&reader, archive, "1.dat", &error));
    assert_true(data_reader_read(reader, buffer, sizeof(buffer), &length, &error));
    assert_false(data_reader_read(reader, buffer, sizeof(buffer), &length, &error));
    assert_non_null(strstr(error.message, "more than what was written"));
    data_reader_close(reader);
    text_clear(&stored);
    free(zeros);
    archive_close(archive);
}

static void a_file_that_decodes_to_less_than_was_written_is_damaged(void **state)
{
    struct archive *archive = open_bare_archive(state);
    struct text stored;
    struct text got;
    struct error error;
    text_init(&stored, TEXT_MAXIMUM);
    text_append(&stored, "12345");
    expect_file(archive, "1.dat", &stored, 6);
    scratch_write(*state, "1.dat", stored.data, stored.length_bytes);
    assert_false(open_and_read(archive, "1.dat", &got, &error));
    assert_non_null(strstr(error.message, "less than what was written"));
    text_clear(&got);
    text_clear(&stored);
    archive_close(archive);
}

static void progress_and_expectation_are_told(void **state)
{
    struct archive *archive = open_bare_archive(state);
    struct data_reader *reader;
    struct text stored;
    struct text got;
    struct error error;
    text_init(&stored, TEXT_MAXIMUM);
    text_init(&got, TEXT_MAXIMUM);
    text_append(&stored, "12345");
    expect_file(archive, "1.dat", &stored, 5);
    scratch_write(*state, "1.dat", stored.data, stored.length_bytes);
    assert_true(data_reader_open(&reader, archive, "1.dat", &error));
    assert_int_equal(data_reader_stored_bytes(reader), 0);
    assert_string_equal(data_reader_expectation(reader)->name, "1.dat");
    assert_true(read_whole(reader, &got, &error));
    assert_int_equal(data_reader_stored_bytes(reader), 5);
    data_reader_close(reader);
    text_clear(&got);
    text_clear(&stored);
    archive_close(archive);
}

/* A frame of zstd that says 128 KiB of zeros in twelve bytes. */
static void append_zeros(struct text *file)
{
    static const unsigned char frame[] = {0x28, 0xB5, 0x2F, 0xFD, 0xA0, 0x00, 0x00,
                                          0x02, 0x00, 0x03, 0x00, 0x10, 0x00};
    text_append_bytes(file, frame, sizeof(frame));
}

/* The kind of error that reading ends with; the bytes that came before it. */
static enum error_kind read_ending(const struct archive *archive, const char *name, bool is_text,
                                   uint64_t *raw_bytes)
{
    static unsigned char buffer[1 << 18];
    struct data_reader *reader;
    struct error error = {.kind = ERROR_NONE};
    size_t length = 0;
    *raw_bytes = 0;
    assert_true(data_reader_open(&reader, archive, name, &error));
    if (is_text)
        data_reader_expect_text(reader);
    while (data_reader_read(reader, buffer, sizeof(buffer), &length, &error) && length > 0)
        *raw_bytes += length;
    data_reader_close(reader);
    return error.kind;
}

static void what_grows_beyond_measure_is_refused(void **state)
{
    enum { FRAMES = 1000 };
    struct archive *archive = open_bare_archive(state);
    struct text bomb;
    uint64_t raw_bytes;
    text_init(&bomb, TEXT_MAXIMUM);
    for (int i = 0; i < FRAMES; i++)
        append_zeros(&bomb);
    scratch_write(*state, "1.dat.zst", bomb.data, bomb.length_bytes);
    assert_int_equal(read_ending(archive, "1.dat", false, &raw_bytes), ERROR_NONE);
    assert_int_equal(raw_bytes, (uint64_t)FRAMES << 17);
    assert_int_equal(read_ending(archive, "1.dat", true, &raw_bytes), ERROR_HOSTILE);
    assert_true(raw_bytes <= (16 << 20) + 100 * bomb.length_bytes);
    folder_distrust(archive->folder);
    assert_int_equal(read_ending(archive, "1.dat", false, &raw_bytes), ERROR_HOSTILE);
    assert_true(raw_bytes <= (64 << 20) + 1032 * bomb.length_bytes);
    text_clear(&bomb);
    archive_close(archive);
}

static void frames_that_hold_nothing_do_not_go_on_for_ever(void **state)
{
    const struct codec *codec;
    for (unsigned i = 1; (codec = codec_at(i)) != NULL; i++) {
        struct archive *archive = open_bare_archive(state);
        struct text once, flood;
        uint64_t raw_bytes;
        text_init(&once, TEXT_MAXIMUM);
        text_init(&flood, TEXT_MAXIMUM);
        append_frame(&once, codec, (struct span){(const unsigned char *)"", 0});
        while (flood.length_bytes < (20 << 20))
            text_append_bytes(&flood, once.data, once.length_bytes);
        char *name = memory_print("1.dat%s", codec->suffix);
        scratch_write(*state, name, flood.data, flood.length_bytes);
        assert_int_equal(read_ending(archive, name, false, &raw_bytes), ERROR_HOSTILE);
        assert_int_equal(raw_bytes, 0);
        free(name);
        text_clear(&flood);
        text_clear(&once);
        archive_close(archive);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(every_codec_is_read_by_its_suffix),
        scratch_test(the_bare_name_comes_first),
        scratch_test(what_grows_beyond_measure_is_refused),
        scratch_test(frames_that_hold_nothing_do_not_go_on_for_ever),
        scratch_test(a_missing_file_is_damage),
        scratch_test(an_empty_file_is_read_as_nothing),
        scratch_test(a_cut_frame_is_found_without_a_manifest),
        scratch_test(with_a_manifest_every_change_is_found),
        scratch_test(frames_lie_where_the_manifest_says),
        scratch_test(with_a_manifest_a_stray_file_is_not_read),
        scratch_test(a_file_that_decodes_to_more_than_was_written_is_stopped_at_once),
        scratch_test(a_file_that_decodes_to_less_than_was_written_is_damaged),
        scratch_test(progress_and_expectation_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
