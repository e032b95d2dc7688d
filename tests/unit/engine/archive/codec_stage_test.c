/* The codec threads between makers and writer: the whole way of a dump's bytes, with threads. */
#include "engine/archive/codec_stage.h"

#include "engine/archive/data_reader.h"
#include "engine/archive/data_writer.h"
#include "engine/base/crew.h"

#include "scratch_folder.h"

enum { MAKERS = 3, CODEC_THREADS = 3, FILES_A_MAKER = 5, RAW_BYTES = 3000, QUEUE_CAPACITY = 4 };

struct flow {
    const struct codec *codec;
    struct codec_settings settings;
    struct folder *folder;
    struct chunk_pool *raw_pool;
    struct chunk_pool *frame_pool;
    struct queue *raw;
    struct queue *frames;
    struct data_writer *writer;
    struct data_file files[MAKERS * FILES_A_MAKER];
    struct error codec_errors[CODEC_THREADS];
    struct error writer_error;
    bool are_coded[CODEC_THREADS];
    bool is_written;
};

/* What file `number` holds: files differ in length, the first of each maker is empty. */
static size_t raw_length_of(unsigned number)
{
    return (size_t)(number % FILES_A_MAKER) * 2345;
}

static unsigned char raw_byte_of(unsigned number, size_t place)
{
    return (unsigned char)(place * 7 / 5 + number * 31 + place / 300);
}

static struct chunk *fill_chunk(struct chunk *chunk, unsigned number, size_t *place)
{
    size_t length = raw_length_of(number);
    while (chunk->length_bytes < chunk->capacity_bytes && *place < length)
        chunk->data[chunk->length_bytes++] = raw_byte_of(number, (*place)++);
    if (*place == length)
        chunk->flags |= CHUNK_LAST;
    return chunk;
}

static void make_file(struct flow *flow, unsigned number)
{
    struct data_file *file = &flow->files[number];
    snprintf(file->name, sizeof(file->name), "%u.dat%s", number, flow->codec->suffix);
    size_t place = 0;
    unsigned flags = 0;
    for (uint64_t sequence = 0; !(flags & CHUNK_LAST); sequence++) {
        struct chunk *chunk = chunk_pool_take(flow->raw_pool);
        chunk->stream = file;
        chunk->sequence = sequence;
        flags = fill_chunk(chunk, number, &place)->flags;
        if (!queue_push(flow->raw, chunk))
            abort();
    }
}

static void make_files(void *context, unsigned index)
{
    for (unsigned i = 0; i < FILES_A_MAKER; i++)
        make_file(context, index * FILES_A_MAKER + i);
}

static void code(void *context, unsigned index)
{
    struct flow *flow = context;
    struct codec_stage stage = {.codec = flow->codec,
                                .settings = flow->settings,
                                .raw = flow->raw,
                                .frames = flow->frames,
                                .frame_pool = flow->frame_pool};
    flow->are_coded[index] = codec_stage_work(&stage, &flow->codec_errors[index]);
}

static void write_files(void *context, unsigned index)
{
    struct flow *flow = context;
    (void)index;
    flow->is_written = data_writer_work(flow->writer, &flow->writer_error);
}

static void give_up(void *context)
{
    (void)context;
    abort();
}

static void flow_open(struct flow *flow, void **state, const struct codec *codec)
{
    struct error error;
    char *path = scratch_path(state, codec->name);
    *flow = (struct flow){.codec = codec,
                          .settings = {.level = codec->level_default},
                          .raw = queue_create(QUEUE_CAPACITY),
                          .frames = queue_create(QUEUE_CAPACITY)};
    size_t frame_bytes = codec->frame_bound(RAW_BYTES, &flow->settings);
    assert_true(folder_create(&flow->folder, path, &error));
    assert_true(chunk_pool_create(&flow->raw_pool, MAKERS + CODEC_THREADS + QUEUE_CAPACITY,
                                  RAW_BYTES, &error));
    assert_true(chunk_pool_create(&flow->frame_pool, CODEC_THREADS + QUEUE_CAPACITY + 3,
                                  frame_bytes, &error));
    struct data_writer_options options = {
        .folder = flow->folder, .frames = flow->frames, .engine = &io_engine_threads, .depth = 2};
    assert_true(data_writer_create(&flow->writer, &options, &error));
    free(path);
}

static void flow_run(struct flow *flow)
{
    struct crew *makers;
    struct crew *coders;
    struct crew *writers;
    struct error error;
    assert_true(crew_start(&writers, "writer", 1, write_files, give_up, flow, &error));
    assert_true(crew_start(&coders, "coder", CODEC_THREADS, code, give_up, flow, &error));
    assert_true(crew_start(&makers, "maker", MAKERS, make_files, give_up, flow, &error));
    crew_join(makers);
    queue_close(flow->raw);
    crew_join(coders);
    queue_close(flow->frames);
    crew_join(writers);
}

static void flow_close(struct flow *flow)
{
    data_writer_free(flow->writer);
    queue_free(flow->frames);
    queue_free(flow->raw);
    chunk_pool_free(flow->frame_pool);
    chunk_pool_free(flow->raw_pool);
    folder_discard(flow->folder);
    folder_close(flow->folder);
}

static void assert_file_reads_back(const struct archive *archive, unsigned number)
{
    struct data_reader *reader;
    struct error error;
    unsigned char buffer[777];
    size_t length;
    size_t place = 0;
    char name[32];
    snprintf(name, sizeof(name), "%u.dat", number);
    if (!data_reader_open(&reader, archive, name, &error))
        fail_msg("%s", error.message);
    do {
        if (!data_reader_read(reader, buffer, sizeof(buffer), &length, &error))
            fail_msg("%s", error.message);
        for (size_t i = 0; i < length; i++)
            assert_int_equal(buffer[i], raw_byte_of(number, place++));
    } while (length > 0);
    assert_int_equal(place, raw_length_of(number));
    data_reader_close(reader);
}

static void what_goes_through_the_stages_can_be_read(void **state)
{
    const struct codec *codec;
    for (unsigned i = 0; (codec = codec_at(i)) != NULL; i++) {
        struct flow flow;
        flow_open(&flow, state, codec);
        flow_run(&flow);
        if (!flow.is_written)
            fail_msg("%s", flow.writer_error.message);
        for (unsigned thread = 0; thread < CODEC_THREADS; thread++)
            assert_true(flow.are_coded[thread]);
        assert_int_equal(data_writer_count(flow.writer), MAKERS * FILES_A_MAKER);
        struct archive archive = {.folder = flow.folder};
        for (unsigned number = 0; number < MAKERS * FILES_A_MAKER; number++)
            assert_file_reads_back(&archive, number);
        flow_close(&flow);
    }
}

static void a_closed_pool_ends_the_stage_as_cancelled(void **state)
{
    struct flow flow;
    flow_open(&flow, state, &codec_zstd);
    chunk_pool_close(flow.frame_pool);
    code(&flow, 0);
    assert_false(flow.are_coded[0]);
    assert_int_equal(flow.codec_errors[0].kind, ERROR_CANCELLED);
    flow_close(&flow);
}

static void a_closed_queue_of_frames_ends_the_stage_as_cancelled(void **state)
{
    struct flow flow;
    flow_open(&flow, state, &codec_zstd);
    assert_true(queue_push(flow.raw, chunk_pool_take(flow.raw_pool)));
    queue_close(flow.frames);
    code(&flow, 0);
    assert_false(flow.are_coded[0]);
    assert_int_equal(flow.codec_errors[0].kind, ERROR_CANCELLED);
    flow_close(&flow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(what_goes_through_the_stages_can_be_read),
        scratch_test(a_closed_pool_ends_the_stage_as_cancelled),
        scratch_test(a_closed_queue_of_frames_ends_the_stage_as_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
