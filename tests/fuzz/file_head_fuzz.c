/* What a file is by its beginning, where it is not what it should be. */
#include "engine/archive/foreign_file.h"
#include "engine/archive/line_ends.h"
#include "tests/fuzz/fuzz_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span head = {data, size};
    const struct foreign_file *file = foreign_file_recognise(head);

    expect(file != NULL && file->what != NULL && file->hint != NULL, "every file is something");
    expect(!line_ends_are_translated(head) || memmem(data, size, "\r\n", 2) != NULL,
           "line ends that were translated are there");
    return 0;
}
