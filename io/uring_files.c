#include "io/uring_files.h"

#include "engine/base/fault.h"

#include <assert.h>
#include <sys/resource.h>

enum { FREE = -1 };

/* A table may not be larger than the limit of open files, which liburing would raise for the whole
 * process. */
static bool is_within_limit(void)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= URING_FILES_MAXIMUM;
}

/* A table of nothing but -1 is older (Linux 5.5) than the kernel's own word for an empty one. */
void uring_files_init(struct uring_files *files, struct io_uring *ring)
{
    *files = (struct uring_files){.ring = ring};
    for (unsigned i = 0; i < URING_FILES_MAXIMUM; i++)
        files->descriptors[i] = FREE;
    if (!is_within_limit())
        return;

    int result = FAULT_OR("uring.register_files", -errno,
                          io_uring_register_files(ring, files->descriptors, URING_FILES_MAXIMUM));

    files->room = result == 0 ? URING_FILES_MAXIMUM : 0;
}

/* A ring that is closed lets its files go some time later; here they go now. */
void uring_files_clear(struct uring_files *files)
{
    if (files->room > 0)
        io_uring_unregister_files(files->ring);
}

unsigned uring_files_add(struct uring_files *files, int fd)
{
    unsigned place = 0;

    while (place < files->room && files->descriptors[place] != FREE)
        place++;
    if (place == files->room)
        return 0;

    int result = FAULT_OR("uring.lend_file", -errno,
                          io_uring_register_files_update(files->ring, place, &fd, 1));

    if (result != 1)
        return 0;
    files->descriptors[place] = fd;
    return place + 1;
}

/* Where the kernel has no memory to forget a file, the next one in its place makes it do so. */
void uring_files_remove(struct uring_files *files, unsigned lent_file)
{
    assert(lent_file > 0 && lent_file <= files->room);

    int *descriptor = &files->descriptors[lent_file - 1];

    assert(*descriptor != FREE);
    *descriptor = FREE;
    (void)io_uring_register_files_update(files->ring, lent_file - 1, descriptor, 1);
}

/* A number that is out of date would lead into another file. */
void uring_files_prepare(const struct uring_files *files, const struct io_request *request,
                         struct io_uring_sqe *entry)
{
    if (request->lent_file == 0)
        return;
    assert(request->lent_file <= files->room &&
           files->descriptors[request->lent_file - 1] == request->fd);
    entry->fd = (int)request->lent_file - 1;
    io_uring_sqe_set_flags(entry, IOSQE_FIXED_FILE);
}
