#include "engine/archive/foreign_file.h"

#include <stdbool.h>
#include <string.h>

/* Custom archives and the toc.dat of folders begin alike; this byte of their headers differs. */
enum { FORMAT_OFFSET = 10, FORMAT_ANY = 0, FORMAT_FOLDER = 3 };

struct signature {
    size_t offset;
    struct span bytes;
    unsigned char format;
    struct foreign_file file;
};

#define BYTES(text)                                                                                \
    {                                                                                              \
        (const unsigned char *)(text), sizeof(text) - 1                                            \
    }
#define HINT_FOLDER "Only archives in directory format are read: give the folder."
#define HINT_UNPACK "Unpack it first; archives in directory format are folders."
#define HINT_RESTORE                                                                               \
    "Use pg_restore for it, or dump again in directory format (pgfast dump, pg_dump -Fd)."

/* clang-format off */
static const struct signature signatures[] = {
    {0, BYTES("PGDMP"), FORMAT_FOLDER,
     {"the table of contents of an archive", "Give the folder that it lies in."}},
    {0, BYTES("PGDMP"), FORMAT_ANY, {"an archive in custom format", HINT_RESTORE}},
    {257, BYTES("ustar"), FORMAT_ANY, {"a tar file", HINT_RESTORE}},
    {0, BYTES("--\n-- PostgreSQL database"), FORMAT_ANY, {"an SQL script", "Use psql -f for it."}},
    {0, BYTES("--\r\n-- PostgreSQL database"), FORMAT_ANY, {"an SQL script", "Use psql -f for it."}},
    {0, BYTES("\x1f\x8b"), FORMAT_ANY, {"a gzip file", HINT_UNPACK}},
    {0, BYTES("\x28\xb5\x2f\xfd"), FORMAT_ANY, {"a zstd file", HINT_UNPACK}},
    {0, BYTES("\x04\x22\x4d\x18"), FORMAT_ANY, {"an lz4 file", HINT_UNPACK}},
    {0, BYTES(""), FORMAT_ANY, {"a file", HINT_FOLDER}},
};
/* clang-format on */

static bool has_format(struct span head, unsigned char format)
{
    return format == FORMAT_ANY ||
           (head.length > FORMAT_OFFSET && head.data[FORMAT_OFFSET] == format);
}

static bool matches(const struct signature *signature, struct span head)
{
    struct span bytes = signature->bytes;
    return head.length >= signature->offset + bytes.length &&
           memcmp(head.data + signature->offset, bytes.data, bytes.length) == 0 &&
           has_format(head, signature->format);
}

const struct foreign_file *foreign_file_recognise(struct span head)
{
    const struct signature *signature = signatures;
    while (!matches(signature, head)) /* the last row matches everything */
        signature++;
    return &signature->file;
}
