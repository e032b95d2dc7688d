#include "engine/archive/entry_type.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Who has an owner statement, and how it names the object, is pg_restore's own list: its archives
 * were written for it. The rows of known kinds stand in the order of strcmp, as the enum does, for
 * the binary search. */
static const struct entry_type_facts facts_table[ENTRY_TYPE_COUNT] = {
    [ENTRY_UNKNOWN] = {.desc = "", .owner_naming = OWNER_UNKNOWN},
    [ENTRY_ACCESS_METHOD] = {.desc = "ACCESS METHOD"},
    [ENTRY_ACL] = {.desc = "ACL"},
    [ENTRY_ACL_LANGUAGE] = {.desc = "ACL LANGUAGE"},
    [ENTRY_AGGREGATE] = {.desc = "AGGREGATE", .owner_naming = OWNER_BY_DROP},
    [ENTRY_BLOB] = {.desc = "BLOB", .owner_naming = OWNER_LARGE_OBJECT},
    [ENTRY_BLOB_COMMENTS] = {.desc = "BLOB COMMENTS"},
    [ENTRY_BLOB_METADATA] = {.desc = "BLOB METADATA", .owner_naming = OWNER_LARGE_OBJECTS},
    [ENTRY_BLOBS] = {.desc = "BLOBS"},
    [ENTRY_CAST] = {.desc = "CAST"},
    [ENTRY_CHECK_CONSTRAINT] = {.desc = "CHECK CONSTRAINT"},
    [ENTRY_COLLATION] = {.desc = "COLLATION", .owner_naming = OWNER_BY_NAME},
    [ENTRY_COMMENT] = {.desc = "COMMENT"},
    [ENTRY_CONSTRAINT] = {.desc = "CONSTRAINT"},
    [ENTRY_CONVERSION] = {.desc = "CONVERSION", .owner_naming = OWNER_BY_NAME},
    [ENTRY_DATABASE] = {.desc = "DATABASE", .owner_naming = OWNER_BY_NAME},
    [ENTRY_DATABASE_PROPERTIES] = {.desc = "DATABASE PROPERTIES"},
    [ENTRY_DEFAULT] = {.desc = "DEFAULT"},
    [ENTRY_DEFAULT_ACL] = {.desc = "DEFAULT ACL"},
    [ENTRY_DOMAIN] = {.desc = "DOMAIN", .owner_naming = OWNER_BY_NAME},
    [ENTRY_ENCODING] = {.desc = "ENCODING", .is_special = true},
    [ENTRY_EVENT_TRIGGER] = {.desc = "EVENT TRIGGER", .owner_naming = OWNER_BY_NAME},
    [ENTRY_EXTENSION] = {.desc = "EXTENSION"},
    [ENTRY_FK_CONSTRAINT] = {.desc = "FK CONSTRAINT"},
    [ENTRY_FOREIGN_DATA_WRAPPER] = {.desc = "FOREIGN DATA WRAPPER", .owner_naming = OWNER_BY_NAME},
    [ENTRY_FOREIGN_TABLE] = {.desc = "FOREIGN TABLE", .owner_naming = OWNER_BY_NAME},
    [ENTRY_FUNCTION] = {.desc = "FUNCTION", .owner_naming = OWNER_BY_DROP},
    [ENTRY_INDEX] = {.desc = "INDEX"},
    [ENTRY_INDEX_ATTACH] = {.desc = "INDEX ATTACH"},
    [ENTRY_MATERIALIZED_VIEW] = {.desc = "MATERIALIZED VIEW", .owner_naming = OWNER_BY_NAME},
    [ENTRY_MATERIALIZED_VIEW_DATA] = {.desc = "MATERIALIZED VIEW DATA"},
    [ENTRY_OPERATOR] = {.desc = "OPERATOR", .owner_naming = OWNER_BY_DROP},
    [ENTRY_OPERATOR_CLASS] = {.desc = "OPERATOR CLASS", .owner_naming = OWNER_BY_DROP},
    [ENTRY_OPERATOR_FAMILY] = {.desc = "OPERATOR FAMILY", .owner_naming = OWNER_BY_DROP},
    [ENTRY_POLICY] = {.desc = "POLICY"},
    [ENTRY_PROCEDURAL_LANGUAGE] = {.desc = "PROCEDURAL LANGUAGE", .owner_naming = OWNER_BY_NAME},
    [ENTRY_PROCEDURE] = {.desc = "PROCEDURE", .owner_naming = OWNER_BY_DROP},
    [ENTRY_PUBLICATION] = {.desc = "PUBLICATION", .owner_naming = OWNER_BY_NAME},
    [ENTRY_PUBLICATION_TABLE] = {.desc = "PUBLICATION TABLE"},
    [ENTRY_PUBLICATION_TABLES_IN_SCHEMA] = {.desc = "PUBLICATION TABLES IN SCHEMA"},
    [ENTRY_ROW_SECURITY] = {.desc = "ROW SECURITY"},
    [ENTRY_RULE] = {.desc = "RULE"},
    [ENTRY_SCHEMA] = {.desc = "SCHEMA", .owner_naming = OWNER_BY_NAME},
    [ENTRY_SEARCHPATH] = {.desc = "SEARCHPATH", .is_special = true},
    [ENTRY_SECURITY_LABEL] = {.desc = "SECURITY LABEL"},
    [ENTRY_SEQUENCE] = {.desc = "SEQUENCE", .owner_naming = OWNER_BY_NAME},
    [ENTRY_SEQUENCE_OWNED_BY] = {.desc = "SEQUENCE OWNED BY"},
    [ENTRY_SEQUENCE_SET] = {.desc = "SEQUENCE SET"},
    [ENTRY_SERVER] = {.desc = "SERVER", .owner_naming = OWNER_BY_NAME},
    [ENTRY_SHELL_TYPE] = {.desc = "SHELL TYPE"},
    [ENTRY_STATISTICS] = {.desc = "STATISTICS", .owner_naming = OWNER_BY_NAME},
    [ENTRY_STATISTICS_DATA] = {.desc = "STATISTICS DATA"},
    [ENTRY_STDSTRINGS] = {.desc = "STDSTRINGS", .is_special = true},
    [ENTRY_SUBSCRIPTION] = {.desc = "SUBSCRIPTION", .owner_naming = OWNER_BY_NAME},
    [ENTRY_SUBSCRIPTION_TABLE] = {.desc = "SUBSCRIPTION TABLE"},
    [ENTRY_TABLE] = {.desc = "TABLE", .owner_naming = OWNER_BY_NAME},
    [ENTRY_TABLE_ATTACH] = {.desc = "TABLE ATTACH"},
    [ENTRY_TABLE_DATA] = {.desc = "TABLE DATA"},
    [ENTRY_TEXT_SEARCH_CONFIGURATION] = {.desc = "TEXT SEARCH CONFIGURATION",
                                         .owner_naming = OWNER_BY_NAME},
    [ENTRY_TEXT_SEARCH_DICTIONARY] = {.desc = "TEXT SEARCH DICTIONARY",
                                      .owner_naming = OWNER_BY_NAME},
    [ENTRY_TEXT_SEARCH_PARSER] = {.desc = "TEXT SEARCH PARSER"},
    [ENTRY_TEXT_SEARCH_TEMPLATE] = {.desc = "TEXT SEARCH TEMPLATE"},
    [ENTRY_TRANSFORM] = {.desc = "TRANSFORM"},
    [ENTRY_TRIGGER] = {.desc = "TRIGGER"},
    [ENTRY_TYPE] = {.desc = "TYPE", .owner_naming = OWNER_BY_NAME},
    [ENTRY_USER_MAPPING] = {.desc = "USER MAPPING"},
    [ENTRY_VIEW] = {.desc = "VIEW", .owner_naming = OWNER_BY_NAME},
    [ENTRY_WARNING] = {.desc = "WARNING"},
    [ENTRY_PG_LARGEOBJECT] = {.desc = "pg_largeobject"},
};

static int compare_desc(const void *desc, const void *row)
{
    return strcmp(desc, ((const struct entry_type_facts *)row)->desc);
}

enum entry_type entry_type_of(const char *desc)
{
    const struct entry_type_facts *row =
        bsearch(desc, facts_table + 1, ENTRY_TYPE_COUNT - 1, sizeof(facts_table[0]), compare_desc);
    return row ? (enum entry_type)(row - facts_table) : ENTRY_UNKNOWN;
}

const struct entry_type_facts *entry_type_facts(enum entry_type type)
{
    assert(type < ENTRY_TYPE_COUNT);
    return &facts_table[type];
}

bool entry_type_is_database(enum entry_type type)
{
    return type == ENTRY_DATABASE || type == ENTRY_DATABASE_PROPERTIES;
}
