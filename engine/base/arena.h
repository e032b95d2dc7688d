/* Memory for things that live and die together: a table of contents, a schema, a plan. Nothing is
 * freed alone. One thread builds; once building has ended, any number may read. */
#ifndef PGFAST_BASE_ARENA_H
#define PGFAST_BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_create(void);
void arena_free(struct arena *arena); /* accepts NULL */

/* Zeroed and aligned for any type; ends the program when memory runs out (see base/memory.h). */
void *arena_allocate(struct arena *arena, size_t count, size_t size);
char *arena_copy_text(struct arena *arena, const char *text); /* NULL stays NULL */
char *arena_copy_bytes(struct arena *arena, const void *bytes,
                       size_t length); /* adds a final NUL */
char *arena_print(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
