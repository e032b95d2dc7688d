/* Growing text with a maximum set at birth: what would grow beyond it is cut and remembered, so
 * that building a text needs one check at its end instead of one per piece. The text is always
 * NUL-terminated. */
#ifndef PGFAST_BASE_TEXT_H
#define PGFAST_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

struct text {
    char *data; /* never NULL after text_init */
    size_t length_bytes;
    size_t capacity_bytes;
    size_t maximum_bytes;
    bool is_cut;
    void (*drain)(void *context, const char *bytes, size_t length_bytes); /* or NULL */
    void *drain_context;
};

#define TEXT_MAXIMUM ((size_t)1 << 30) /* what one simple query may hold */

void text_init(struct text *text, size_t maximum_bytes);
/* For what is too long to be held: whenever TEXT_DRAIN_BYTES have gathered, they are given to
 * `drain`, and the text is empty again. It has no maximum. text_flush gives it the rest. */
enum { TEXT_DRAIN_BYTES = 1 << 18 };
void text_init_drained(struct text *text, void (*drain)(void *, const char *, size_t),
                       void *context);
void text_flush(struct text *text);
void text_clear(struct text *text);                         /* releases the memory */
void text_truncate(struct text *text, size_t length_bytes); /* to 0: a fresh start, is_cut too */
void text_append(struct text *text, const char *piece);
void text_append_bytes(struct text *text, const void *bytes, size_t length_bytes);
void text_append_char(struct text *text, char character);
/* For names in messages (text_escaped.c): control characters become \xNN, so that a name cannot
 * steer a terminal or fake a line; characters that turn the writing direction or break lines
 * \u{NNNN}, so that it cannot pass for another; and bytes that are no UTF-8 \xNN, so that all of it
 * is. */
void text_append_escaped(struct text *text, const char *piece);
void text_append_escaped_bytes(struct text *text, const char *bytes, size_t length_bytes);
/* For listings, which are to be those of pg_restore: the writing direction is left as it is. */
void text_append_listed(struct text *text, const char *bytes, size_t length_bytes);
void text_print(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *
text_take(struct text *text); /* the caller frees; the text is empty and initialised afterwards */

#endif
