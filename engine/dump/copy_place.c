#include "engine/dump/copy_place.h"

void copy_place_begin(const struct copy_place *place, struct stream *stream, const char *name)
{
    stream_begin(stream, place->pipeline, place->lane, place->arena,
                 place->prefix ? place->prefix : "", name);
    stream->file->final_name = place->prefix ? name : NULL;
}
