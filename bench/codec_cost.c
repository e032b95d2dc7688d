/* Processor seconds of a codec over bytes in memory: codec_cost CODEC[:LEVEL] < BYTES. The floor of
 * a dump is this and the server's own work, shared out to all processors (see floor.py). Frames are
 * as large as a dump's. */
#include "compress/codec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { FRAME_BYTES = 512 << 10 };

struct cost {
    double cpu_seconds;
    unsigned long long raw_bytes, frame_bytes;
};

static double thread_cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* As much as there is, up to `room`; 0 at the end. */
static size_t read_fully(unsigned char *buffer, size_t room)
{
    size_t length = 0;
    while (length < room) {
        ssize_t got = read(STDIN_FILENO, buffer + length, room - length);
        if (got < 0 && errno != EINTR) {
            perror("codec_cost: read");
            exit(1);
        }
        if (got == 0)
            break;
        length += got > 0 ? (size_t)got : 0;
    }
    return length;
}

static bool measure(const struct codec *codec, const struct codec_settings *settings,
                    struct cost *cost, struct error *error)
{
    bool is_done = false;
    struct codec_encoder *encoder = NULL;
    size_t room = codec->frame_bound(FRAME_BYTES, settings), frame_length, length;
    unsigned char *raw = malloc(FRAME_BYTES), *frame = malloc(room);
    if (!raw || !frame) {
        error_set(error, ERROR_INTERNAL, "out of memory");
        goto end;
    }
    if (!codec->encoder_open(&encoder, settings, error))
        goto end;
    while ((length = read_fully(raw, FRAME_BYTES)) > 0) {
        double began = thread_cpu_seconds();
        if (!codec->encode_frame(encoder, (struct span){raw, length}, frame, room, &frame_length,
                                 error))
            goto end;
        cost->cpu_seconds += thread_cpu_seconds() - began;
        cost->raw_bytes += length;
        cost->frame_bytes += frame_length;
    }
    is_done = true;
end:
    codec->encoder_close(encoder);
    free(raw);
    free(frame);
    return is_done;
}

int main(int argc, char **argv)
{
    const struct codec *codec;
    struct codec_settings settings;
    struct cost cost = {0};
    struct error error = {0};
    if (argc != 2) {
        fputs("usage: codec_cost CODEC[:LEVEL] < BYTES\n", stderr);
        return 2;
    }
    if (!codec_parse_specification(argv[1], &codec, &settings, &error) ||
        !measure(codec, &settings, &cost, &error)) {
        fprintf(stderr, "codec_cost: %s\n", error.message);
        return 1;
    }
    printf("{\"cpu_seconds\": %.3f, \"raw_bytes\": %llu, \"frame_bytes\": %llu}\n",
           cost.cpu_seconds, cost.raw_bytes, cost.frame_bytes);
    return 0;
}
