/* Which types' values mean the same in COPY's binary format on every server: those that consist of
 * nothing but built-in types whose binary form has not changed since version 11, and hold no OIDs
 * that a server has chosen itself. Pure. */
#ifndef PGFAST_SCHEMA_BINARY_FORM_H
#define PGFAST_SCHEMA_BINARY_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum type_kind {
    TYPE_ARRAY = 'a',
    TYPE_BASE = 'b',
    TYPE_COMPOSITE = 'c',
    TYPE_DOMAIN = 'd',
    TYPE_ENUM = 'e',
    TYPE_MULTIRANGE = 'm',
    TYPE_PSEUDO = 'p',
    TYPE_RANGE = 'r'
};

struct type {
    uint32_t oid;
    enum type_kind kind;
    uint32_t part; /* what an array, domain, range or multirange is made of; 0 for the others */
};

struct types {
    const struct type *items; /* by oid, ascending */
    size_t count;
};

/* What is not among `types` has no portable form, unless it is on the list of built-in ones. */
bool binary_form_is_portable(const struct types *types, uint32_t oid);

#endif
