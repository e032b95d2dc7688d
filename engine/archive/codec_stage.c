#include "engine/archive/codec_stage.h"

/* An empty chunk needs a frame only where it is the whole stream: a file of no bytes at all would
 * be no zstd file. */
static bool needs_frame(const struct chunk *raw)
{
    return raw->length_bytes > 0 || raw->sequence == 0;
}

static bool encode(const struct codec_stage *stage, struct codec_encoder *encoder,
                   const struct chunk *raw, struct chunk *frame, struct error *error)
{
    frame->stream = raw->stream;
    frame->sequence = raw->sequence;
    frame->flags = raw->flags;
    frame->rows = raw->rows;
    frame->raw_length_bytes = raw->length_bytes;
    if (!needs_frame(raw))
        return true;
    return stage->codec->encode_frame(encoder, (struct span){raw->data, raw->length_bytes},
                                      frame->data, frame->capacity_bytes, &frame->length_bytes,
                                      error);
}

static bool fail_cancelled(struct error *error)
{
    return error_set(error, ERROR_CANCELLED, "compression was cancelled");
}

bool codec_stage_encode(const struct codec_stage *stage, struct codec_encoder *encoder,
                        struct chunk *raw, struct chunk *frame, struct error *error)
{
    bool is_encoded = encode(stage, encoder, raw, frame, error);
    chunk_give(raw);
    if (is_encoded && queue_push(stage->frames, frame))
        return true;
    chunk_give(frame);
    return is_encoded ? fail_cancelled(error) : false;
}

static bool work_with(const struct codec_stage *stage, struct codec_encoder *encoder,
                      struct error *error)
{
    for (;;) {
        void *raw;
        struct chunk *frame = chunk_pool_take(stage->frame_pool);
        if (!frame)
            return fail_cancelled(error);
        if (!queue_pop(stage->raw, &raw)) {
            chunk_give(frame);
            return true;
        }
        if (!codec_stage_encode(stage, encoder, raw, frame, error))
            return false;
    }
}

bool codec_stage_work(const struct codec_stage *stage, struct error *error)
{
    struct codec_encoder *encoder;
    if (!stage->codec->encoder_open(&encoder, &stage->settings, error))
        return false;
    bool is_done = work_with(stage, encoder, error);
    stage->codec->encoder_close(encoder);
    return is_done;
}
