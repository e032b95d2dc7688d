#include "cli/archive_listing.h"

#include <errno.h>
#include <stdio.h>

static bool write_to_stdout(void *context, const char *bytes, size_t length)
{
    int *write_errno = context;

    if (fwrite(bytes, 1, length, stdout) == length && fflush(stdout) == 0)
        return true;
    *write_errno = errno;
    return false;
}

/* A reader that goes away, as head does, has read what it wanted. */
static bool check_write(int write_errno, struct error *error)
{
    if (write_errno != 0 && write_errno != EPIPE)
        return error_set_os(error, write_errno, "could not write to standard output");
    return true;
}

bool archive_listing_rehearse(const struct pgfast_restore_options *options, struct error *error)
{
    int write_errno = 0;

    return pgfast_rehearse(options, write_to_stdout, &write_errno, error) &&
           check_write(write_errno, error);
}

bool archive_listing_print(const char *path, const struct selection_arguments *arguments,
                           bool is_verbose, struct error *error)
{
    struct pgfast_selection selection = selection_lend(arguments);
    int write_errno = 0;

    return pgfast_list(path, &selection, is_verbose, write_to_stdout, &write_errno, error) &&
           check_write(write_errno, error);
}
