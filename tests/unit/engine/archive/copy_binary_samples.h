/* Pieces of what COPY sends in binary format, as texts to be put one behind the other. */
#ifndef PGFAST_TESTS_COPY_BINARY_SAMPLES_H
#define PGFAST_TESTS_COPY_BINARY_SAMPLES_H

#include <stddef.h>

#define HEADER "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"
#define END "\377\377"
/* (1, NULL, 'ab') and (NULL, '', 'c') */
#define ONE_ROW "\0\3\0\0\0\4\0\0\0\1\377\377\377\377\0\0\0\2ab"
#define OTHER_ROW "\0\3\377\377\377\377\0\0\0\0\0\0\0\1c"

struct sample {
    const char *bytes;
    size_t length;
};
#define SAMPLE(text) ((struct sample){text, sizeof(text) - 1})

#endif
