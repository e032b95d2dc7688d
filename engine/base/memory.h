/* Memory for small metadata: a failed allocation ends the program with one clear line, because
 * nothing sensible can be done about it and no caller could test its answer. Large buffers are not
 * taken here: chunk pools and I/O buffers are allocated at the start of a run, where failing is an
 * ordinary error. */
#ifndef PGFAST_BASE_MEMORY_H
#define PGFAST_BASE_MEMORY_H

#include <stddef.h>

/* What the program ends with then, past all who could say it better: exit_code_of(ERROR_RESOURCE).
 */
enum { MEMORY_EXIT_CODE = 22 };

/* For memory that a library failed to get for itself. */
_Noreturn void memory_end_program(void);

/* Zeroed; free() releases. count × size is checked for overflow. */
void *memory_allocate(size_t count, size_t size);
void *memory_resize(void *old, size_t count, size_t size);
char *memory_copy_text(const char *text);
char *memory_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
