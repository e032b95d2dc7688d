#include "engine/dump/secret_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_all(int descriptor, const struct text *content, struct error *error)
{
    size_t done = 0;

    while (done < content->length_bytes) {
        ssize_t wrote = write(descriptor, content->data + done, content->length_bytes - done);

        if (wrote < 0 && errno != EINTR)
            return error_set_os(error, errno, "could not write to memory");
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    return true;
}

bool secret_file_open(struct secret_file *file, struct text *content, struct error *error)
{
    file->descriptor = memfd_create("pgfast", 0);
    if (file->descriptor < 0)
        return error_set_os(error, errno, "could not make a file in memory");
    snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", file->descriptor);

    /* libpq ignores a password file that others may read. */
    bool is_written = (fchmod(file->descriptor, 0600) == 0 ||
                       error_set_os(error, errno, "could not protect a file in memory")) &&
                      write_all(file->descriptor, content, error);

    explicit_bzero(content->data, content->length_bytes);
    if (!is_written)
        secret_file_close(file);
    return is_written;
}

void secret_file_close(struct secret_file *file)
{
    if (file->path[0] != '\0')
        close(file->descriptor);
    *file = (struct secret_file){0};
}
