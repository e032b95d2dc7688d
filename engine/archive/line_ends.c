#include "engine/archive/line_ends.h"

#include "engine/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In fewer it may be by chance. */
enum { LEAST_LINES = 4, BEGINNING_BYTES = 64 * 1024 };

bool line_ends_are_translated(struct span beginning)
{
    const unsigned char *end = beginning.data + beginning.length;
    const unsigned char *at = beginning.data;
    size_t lines = 0;

    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        if (at == beginning.data || at[-1] != '\r')
            return false;
        lines++;
        at++;
    }
    return lines >= LEAST_LINES;
}

static bool is_translated(const struct folder *folder, const char *name)
{
    struct error unused;
    uint64_t size_bytes;
    int descriptor;

    if (!folder_open_file(folder, name, &descriptor, &size_bytes, &unused))
        return false;

    unsigned char *beginning = memory_allocate(BEGINNING_BYTES, 1);
    ssize_t length = pread(descriptor, beginning, BEGINNING_BYTES, 0);
    bool is_translated =
        length > 0 && line_ends_are_translated((struct span){beginning, (size_t)length});

    free(beginning);
    close(descriptor);
    return is_translated;
}

bool line_ends_explain(const struct folder *folder, const char *name, struct error *error)
{
    size_t length = strlen(error->message);

    if (error->kind != ERROR_DAMAGED || !is_translated(folder, name))
        return false;
    snprintf(error->message + length, sizeof error->message - length,
             "; each of its line feeds has become CR LF");
    error_hint(error, "It was transferred in text mode (ASCII): transfer the archive again, in "
                      "binary mode.");
    return false;
}
