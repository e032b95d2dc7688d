#include "engine/archive/foreign_file.h"

#include <stdbool.h>
#include <string.h>

struct signature {
    size_t offset;
    struct span bytes;
    struct foreign_file file;
};

#define SIGNATURE(text)                                                                            \
    {                                                                                              \
        (const unsigned char *)(text), sizeof(text) - 1                                            \
    }
#define HINT_FOLDER "Only archives in directory format are read: give the folder."
#define HINT_UNPACK "Unpack it first; archives in directory format are folders."

static const struct signature signatures[] = {
    {0,
     SIGNATURE("PGDMP"),
     {"an archive in custom format",
      "Use pg_restore for it, or dump again in directory format (pgfast dump, pg_dump -Fd)."}},
    {257,
     SIGNATURE("ustar"),
     {"a tar file",
      "Use pg_restore for it, or dump again in directory format (pgfast dump, pg_dump -Fd)."}},
    {0, SIGNATURE("--\n-- PostgreSQL database"), {"an SQL script", "Use psql -f for it."}},
    {0, SIGNATURE("--\r\n-- PostgreSQL database"), {"an SQL script", "Use psql -f for it."}},
    {0, SIGNATURE("\x1f\x8b"), {"a gzip file", HINT_UNPACK}},
    {0, SIGNATURE("\x28\xb5\x2f\xfd"), {"a zstd file", HINT_UNPACK}},
    {0, SIGNATURE("\x04\x22\x4d\x18"), {"an lz4 file", HINT_UNPACK}},
    {0, SIGNATURE(""), {"a file", HINT_FOLDER}},
};

static bool matches(const struct signature *signature, struct span head)
{
    return head.length >= signature->offset + signature->bytes.length &&
           memcmp(head.data + signature->offset, signature->bytes.data, signature->bytes.length) ==
               0;
}

const struct foreign_file *foreign_file_recognise(struct span head)
{
    const struct signature *signature = signatures;
    while (signature->bytes.length > 0 && !matches(signature, head))
        signature++;
    return &signature->file;
}
