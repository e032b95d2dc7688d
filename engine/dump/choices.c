#include "engine/dump/choices.h"

#include "engine/archive/toc_version.h"

#include <string.h>

static const char default_compression[] = "zstd:1";

static bool choose_codec(struct dump_choices *choices, const struct dump_options *options,
                         struct error *error)
{
    choices->compression = options->compression ? options->compression : default_compression;
    return codec_parse_specification(choices->compression, &choices->codec,
                                     &choices->codec_settings, error);
}

static bool choose_engine(struct dump_choices *choices, const struct dump_options *options,
                          struct error *error)
{
    const char *name = options->io_engine ? options->io_engine : "auto";

    choices->engine = io_engine_choose(name);
    if (choices->engine)
        return true;
    return error_set(error, ERROR_USAGE, "unknown I/O engine \"%s\" (auto, uring, threads or sync)",
                     name);
}

static bool choose_sync(struct dump_choices *choices, const struct dump_options *options,
                        struct error *error)
{
    static const struct {
        const char *name;
        enum sync_method method;
    } methods[] = {{"auto", SYNC_AUTO}, {"fsync", SYNC_EACH_FILE}, {"syncfs", SYNC_FILE_SYSTEM}};
    const char *name = options->sync_method ? options->sync_method : "auto";

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (strcmp(name, methods[i].name) != 0)
            continue;
        choices->sync = options->no_sync ? SYNC_NOTHING : methods[i].method;
        return true;
    }
    return error_set(error, ERROR_USAGE, "unknown sync method \"%s\" (auto, fsync or syncfs)",
                     name);
}

static bool choose_direct_io(struct dump_choices *choices, const struct dump_options *options,
                             struct error *error)
{
    static const struct {
        const char *name;
        enum direct_io choice;
    } words[] = {{"auto", DIRECT_AUTO}, {"on", DIRECT_ON}, {"off", DIRECT_OFF}};
    const char *name = options->direct_io ? options->direct_io : "auto";

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        choices->direct_io = words[i].choice;
        if (strcmp(name, words[i].name) == 0)
            return true;
    }
    return error_set(error, ERROR_USAGE, "unknown choice of direct I/O \"%s\" (auto, on or off)",
                     name);
}

/* The archive version that pg_restore `reader` reads: 16 brought codecs, 17 groups of large
 * objects. */
static bool choose_version(struct dump_choices *choices, const struct dump_options *options,
                           struct error *error)
{
    int reader = options->reader_version;
    int needed = toc_version_for_codec((int)choices->codec->id);

    choices->version = needed;
    if (reader >= 17)
        choices->version = TOC_VERSION_GROUPED_BLOBS;
    if (reader == 0 || reader >= 16 || needed <= TOC_VERSION_TABLEAM)
        return true;
    error_set(error, ERROR_USAGE, "pg_restore %d does not read %s, only none and gzip", reader,
              choices->codec->name);
    error_hint(error, "Choose -Z gzip, or a reader of version 16 or later.");
    return false;
}

bool choices_make(struct dump_choices *choices, const struct dump_options *options,
                  struct error *error)
{
    return formats_parse(options->data_format, &choices->data_format, error) &&
           choose_codec(choices, options, error) && choose_engine(choices, options, error) &&
           choose_sync(choices, options, error) && choose_direct_io(choices, options, error) &&
           choose_version(choices, options, error);
}
