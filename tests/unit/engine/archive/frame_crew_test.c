/* Through the reader of data files, which decodes what the crew hands on as it is stored. */
#include "engine/archive/data_reader.h"

#include "compress/codec.h"
#include "engine/base/arena.h"

#include "scratch_folder.h"

enum { MEBIBYTE = 1 << 20 };

/* A file being made: what is stored, and what it decodes to. */
struct made_file {
    const struct codec *codec;
    struct text stored, raw;
    struct frame_index frames;
    unsigned seed;
};

static void file_init(struct made_file *file, const struct codec *codec, unsigned seed)
{
    *file = (struct made_file){.codec = codec, .seed = seed};
    text_init(&file->stored, TEXT_MAXIMUM);
    text_init(&file->raw, TEXT_MAXIMUM);
}

static void file_clear(struct made_file *file)
{
    text_clear(&file->stored);
    text_clear(&file->raw);
    frame_index_clear(&file->frames);
}

/* `kinds` of bytes: 1 shrinks to nothing, 256 not at all. */
static void append_frame(struct made_file *file, size_t length, unsigned kinds)
{
    struct codec_settings settings = {.level = 1};
    struct codec_encoder *encoder;
    struct error error;
    unsigned char *raw = memory_allocate(length + 1, 1);
    size_t room = file->codec->frame_bound(length, &settings);
    unsigned char *frame = memory_allocate(room + 1, 1);
    size_t stored;

    for (size_t i = 0; i < length; i++)
        raw[i] = (unsigned char)((unsigned)rand_r(&file->seed) % kinds);
    assert_true(file->codec->encoder_open(&encoder, &settings, &error));
    assert_true(file->codec->encode_frame(encoder, (struct span){raw, length}, frame, room, &stored,
                                          &error));
    file->codec->encoder_close(encoder);
    text_append_bytes(&file->stored, (const char *)frame, stored);
    frame_index_add(&file->frames, stored, length);
    text_append_bytes(&file->raw, (const char *)raw, length);
    free(frame);
    free(raw);
}

static void append_frames(struct made_file *file, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        unsigned kinds = (unsigned)rand_r(&file->seed) % 256 + 1;
        append_frame(file, (size_t)rand_r(&file->seed) % (600 * 1024), kinds);
    }
}

static struct archive *open_archive(void **state, const struct made_file *file, const char *name)
{
    struct archive *archive = memory_allocate(1, sizeof(*archive));
    struct error error;

    scratch_write(*state, name, file->stored.data, file->stored.length_bytes);
    assert_true(folder_open(&archive->folder, *state, &error));
    return archive;
}

static bool read_with(struct archive *archive, const char *name, unsigned decoders,
                      struct text *raw, struct error *error)
{
    static unsigned char buffer[77777];
    struct data_reader *reader;
    size_t length = 1;
    bool is_read = true;

    text_init(raw, TEXT_MAXIMUM);
    assert_true(data_reader_open(&reader, archive, name, error));
    assert_true(data_reader_read_ahead(reader, decoders, error));
    while (length > 0 &&
           (is_read = data_reader_read(reader, buffer, sizeof buffer, &length, error)))
        text_append_bytes(raw, (const char *)buffer, length);
    data_reader_close(reader);
    return is_read;
}

static void assert_reads(void **state, const struct made_file *file)
{
    char *name = memory_print("1.dat%s", file->codec->suffix);
    struct archive *archive = open_archive(state, file, name);
    struct error error;
    struct text raw;

    for (unsigned decoders = 1; decoders <= 3; decoders++) {
        assert_true(read_with(archive, name, decoders, &raw, &error));
        assert_int_equal(raw.length_bytes, file->raw.length_bytes);
        assert_memory_equal(raw.data, file->raw.data, raw.length_bytes);
        text_clear(&raw);
    }
    archive_close(archive);
    free(name);
}

static void the_bytes_of_many_frames_come_in_order(void **state)
{
    const struct codec *codec;

    for (unsigned i = 0; (codec = codec_at(i)) != NULL; i++) {
        struct made_file file;
        file_init(&file, codec, i);
        append_frames(&file, 20);
        append_frame(&file, 0, 1);
        append_frame(&file, 1, 1);
        append_frames(&file, 5);
        assert_reads(state, &file);
        file_clear(&file);
    }
}

static void frames_of_any_size_are_read(void **state)
{
    const struct codec *codec;

    for (unsigned i = 0; (codec = codec_at(i)) != NULL; i++) {
        struct made_file file;
        file_init(&file, codec, 100 + i);
        append_frames(&file, 3);
        append_frame(&file, 3 * MEBIBYTE, 1); /* decodes to more than a chunk holds */
        append_frames(&file, 3);
        append_frame(&file, 3 * MEBIBYTE, 256); /* is stored in more than a chunk */
        append_frames(&file, 3);
        assert_reads(state, &file);
        file_clear(&file);
    }
}

static void an_empty_file_is_empty(void **state)
{
    struct made_file file;

    file_init(&file, &codec_zstd, 0);
    text_append(&file.stored, "");
    text_append(&file.raw, "");
    assert_reads(state, &file);
    file_clear(&file);
}

/* With a manifest that tells the frames. */
static bool read_indexed(void **state, const struct made_file *file, struct text *raw,
                         struct error *error)
{
    struct archive *archive = open_archive(state, file, "1.dat.gz");
    char digits[CHECKSUM_TEXT_BYTES];
    struct manifest_file entry = {
        .name = "1.dat.gz",
        .checksum = digits,
        .size_bytes = file->stored.length_bytes,
        .raw_bytes = file->raw.length_bytes,
        .frames = file->frames,
    };

    checksum_text_of(file->stored.data, file->stored.length_bytes, digits);
    archive->manifest = manifest_create();
    manifest_add_file(archive->manifest, &entry);
    bool is_read = read_with(archive, "1.dat.gz", 2, raw, error);
    archive_close(archive);
    return is_read;
}

static void the_manifest_tells_where_frames_end_that_do_not_tell_it_themselves(void **state)
{
    struct made_file file;
    struct error error;
    struct text raw;

    file_init(&file, &codec_gzip, 3);
    append_frames(&file, 15);
    assert_true(read_indexed(state, &file, &raw, &error));
    assert_int_equal(raw.length_bytes, file.raw.length_bytes);
    assert_memory_equal(raw.data, file.raw.data, raw.length_bytes);
    text_clear(&raw);
    file.frames.frames[7].stored_bytes -= 9;
    file.frames.frames[8].stored_bytes += 9;
    assert_false(read_indexed(state, &file, &raw, &error));
    assert_int_equal(error.kind, ERROR_DAMAGED);
    assert_non_null(strstr(error.message, "1.dat.gz"));
    text_clear(&raw);
    file_clear(&file);
}

/* There is no manifest here, and the tables of a zstd frame have bits that mean nothing: what is
 * decoded to the same bytes all the same has not been damaged. */
static void damage_is_found_and_named(void **state)
{
    unsigned harmless = 0;
    struct made_file file;
    struct archive *archive;
    struct error error;
    struct text raw;

    file_init(&file, &codec_zstd, 5);
    append_frames(&file, 12);
    for (unsigned flip = 0; flip < 12; flip++) {
        size_t place = (file.stored.length_bytes - 1) / 12 * (flip + 1);
        file.stored.data[place] ^= 0x10;
        archive = open_archive(state, &file, "1.dat.zst");
        if (read_with(archive, "1.dat.zst", 2, &raw, &error)) {
            harmless++;
            assert_int_equal(raw.length_bytes, file.raw.length_bytes);
            assert_memory_equal(raw.data, file.raw.data, raw.length_bytes);
        } else {
            assert_int_equal(error.kind, ERROR_DAMAGED);
            assert_non_null(strstr(error.message, "1.dat.zst"));
        }
        text_clear(&raw);
        archive_close(archive);
        file.stored.data[place] ^= 0x10;
    }
    assert_in_range(harmless, 0, 1);
    file_clear(&file);
}

static void a_file_that_is_cut_off_is_damaged(void **state)
{
    const struct codec *codec;

    for (unsigned i = 1; (codec = codec_at(i)) != NULL; i++) {
        struct made_file file;
        struct error error;
        struct text raw;
        char *name = memory_print("1.dat%s", codec->suffix);
        file_init(&file, codec, i);
        append_frames(&file, 4);
        file.stored.length_bytes -= 5;
        struct archive *archive = open_archive(state, &file, name);
        assert_false(read_with(archive, name, 2, &raw, &error));
        assert_int_equal(error.kind, ERROR_DAMAGED);
        text_clear(&raw);
        archive_close(archive);
        file_clear(&file);
        free(name);
    }
}

static void it_can_be_left_at_any_time(void **state)
{
    struct made_file file;
    struct error error;
    unsigned char buffer[1000];
    size_t length;

    file_init(&file, &codec_lz4, 9);
    append_frames(&file, 30);
    struct archive *archive = open_archive(state, &file, "1.dat.lz4");
    for (unsigned reads = 0; reads < 40; reads++) {
        struct data_reader *reader;
        assert_true(data_reader_open(&reader, archive, "1.dat.lz4", &error));
        assert_true(data_reader_read_ahead(reader, 3, &error));
        for (unsigned i = 0; i < reads; i++)
            assert_true(data_reader_read(reader, buffer, sizeof buffer, &length, &error));
        data_reader_close(reader);
    }
    archive_close(archive);
    file_clear(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(the_bytes_of_many_frames_come_in_order),
        scratch_test(frames_of_any_size_are_read),
        scratch_test(an_empty_file_is_empty),
        scratch_test(the_manifest_tells_where_frames_end_that_do_not_tell_it_themselves),
        scratch_test(damage_is_found_and_named),
        scratch_test(a_file_that_is_cut_off_is_damaged),
        scratch_test(it_can_be_left_at_any_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
