/* What the words of a dump's options choose. No server and no folder is looked at. */
#ifndef PGFAST_DUMP_CHOICES_H
#define PGFAST_DUMP_CHOICES_H

#include "compress/codec.h"
#include "engine/archive/sync_policy.h"
#include "engine/dump/formats.h"
#include "engine/dump/run.h"
#include "io/io_engine.h"

enum direct_io { DIRECT_AUTO, DIRECT_ON, DIRECT_OFF };

struct dump_choices {
    const char *compression; /* the specification of codec and settings; lent by the options */
    const struct codec *codec;
    struct codec_settings codec_settings;
    enum data_format data_format;
    const struct io_engine_ops *engine;
    enum sync_method sync;
    enum direct_io direct_io;
    int version; /* minor one, of the archive */
};

/* ERROR_USAGE: a word that means nothing, or words that do not go together. */
bool choices_make(struct dump_choices *choices, const struct dump_options *options,
                  struct error *error) MUST_CHECK;

#endif
