#include "engine/schema/binary_form.h"

#include <stdlib.h>

/* Up to here OIDs are the same on every server: they are assigned in PostgreSQL's sources. */
enum { LAST_FIXED_OID = 9999, DEEPEST_TYPE = 32 };

/* Ascending. Not here, though built in: money (means another amount where another lc_monetary
 * counts other decimals), xml (its binary form tells the client's encoding, and the server keeps
 * that), the reg… types (OIDs of objects), tsquery, int2vector and oidvector (servers refuse what
 * they send of an empty one), aclitem and others without a binary form. test_data_format.py sends
 * extremes of each of them from server to server. */
static const uint32_t built_in[] = {
    16,   /* boolean */
    17,   /* bytea */
    18,   /* "char" */
    19,   /* name */
    20,   /* bigint */
    21,   /* smallint */
    23,   /* integer */
    25,   /* text */
    26,   /* oid */
    27,   /* tid */
    28,   /* xid */
    29,   /* cid */
    114,  /* json */
    600,  /* point */
    601,  /* lseg */
    602,  /* path */
    603,  /* box */
    604,  /* polygon */
    628,  /* line */
    650,  /* cidr */
    700,  /* real */
    701,  /* double precision */
    718,  /* circle */
    774,  /* macaddr8 */
    829,  /* macaddr */
    869,  /* inet */
    1042, /* character */
    1043, /* character varying */
    1082, /* date */
    1083, /* time */
    1114, /* timestamp */
    1184, /* timestamp with time zone */
    1186, /* interval */
    1266, /* time with time zone */
    1560, /* bit */
    1562, /* bit varying */
    1700, /* numeric */
    1790, /* refcursor */
    2950, /* uuid */
    2970, /* txid_snapshot */
    3220, /* pg_lsn */
    3614, /* tsvector */
    3802, /* jsonb */
    4072, /* jsonpath */
    5038, /* pg_snapshot */
    5069, /* xid8 */
};

static int compare_oids(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;

    return (*a > *b) - (*a < *b);
}

static bool is_listed(uint32_t oid)
{
    return bsearch(&oid, built_in, sizeof built_in / sizeof built_in[0], sizeof built_in[0],
                   compare_oids) != NULL;
}

static int compare_types(const void *left, const void *right)
{
    const struct type *a = left, *b = right;

    return (a->oid > b->oid) - (a->oid < b->oid);
}

static const struct type *find(const struct types *types, uint32_t oid)
{
    const struct type wanted = {.oid = oid};

    if (types->count == 0)
        return NULL;
    return bsearch(&wanted, types->items, types->count, sizeof wanted, compare_types);
}

/* An array's values begin with the OID of their elements' type. */
static bool may_be_made_of(const struct type *type)
{
    switch (type->kind) {
    case TYPE_ARRAY:
        return type->part <= LAST_FIXED_OID;
    case TYPE_DOMAIN:
    case TYPE_RANGE:
    case TYPE_MULTIRANGE:
        return true;
    case TYPE_BASE:
    case TYPE_COMPOSITE:
    case TYPE_ENUM:
    case TYPE_PSEUDO:
        break;
    }
    return false;
}

bool binary_form_is_portable(const struct types *types, uint32_t oid)
{
    for (int depth = 0; depth < DEEPEST_TYPE && !is_listed(oid); depth++) {
        const struct type *type = find(types, oid);

        if (type && type->kind == TYPE_ENUM) /* travels as its label */
            return true;
        if (!type || !may_be_made_of(type))
            return false;
        oid = type->part;
    }
    return is_listed(oid);
}
