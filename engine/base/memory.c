#include "engine/base/memory.h"

#include "engine/base/fault.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The only place below cli/ that prints: with no memory left there is no one to hand an error to.
 * write() needs no memory of its own, as stdio might. */
_Noreturn void memory_end_program(void)
{
    static const char line[] = "pgfast: error: out of memory\n";

    ssize_t ignored = write(STDERR_FILENO, line, sizeof line - 1);
    (void)ignored;
    _exit(MEMORY_EXIT_CODE);
}

void *memory_allocate(size_t count, size_t size)
{
    /* calloc(0) may answer NULL, which would look like a failure. */
    void *memory =
        FAULT_OR("memory.allocate", NULL, calloc(count == 0 ? 1 : count, size == 0 ? 1 : size));
    if (memory == NULL)
        memory_end_program();
    return memory;
}

void *memory_resize(void *old, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        memory_end_program();
    void *memory = FAULT_OR("memory.resize", NULL, realloc(old, bytes == 0 ? 1 : bytes));
    if (memory == NULL)
        memory_end_program();
    return memory;
}

char *memory_copy_text(const char *text)
{
    size_t bytes = strlen(text) + 1;

    return memcpy(memory_allocate(bytes, 1), text, bytes);
}

char *memory_print(const char *format, ...)
{
    char *printed;
    va_list arguments;

    va_start(arguments, format);
    int length = vasprintf(&printed, format, arguments);
    va_end(arguments);
    if (length < 0)
        memory_end_program();
    return printed;
}
