/* The kinds of TOC entries ("desc") and the facts that the stock tools attach to each, as one
 * table. */
#ifndef PGFAST_ARCHIVE_ENTRY_TYPE_H
#define PGFAST_ARCHIVE_ENTRY_TYPE_H

#include <stdbool.h>

enum entry_type {
    ENTRY_UNKNOWN = 0,
    ENTRY_ACCESS_METHOD,
    ENTRY_ACL,
    ENTRY_ACL_LANGUAGE,
    ENTRY_AGGREGATE,
    ENTRY_BLOB,
    ENTRY_BLOB_COMMENTS,
    ENTRY_BLOB_METADATA,
    ENTRY_BLOBS,
    ENTRY_CAST,
    ENTRY_CHECK_CONSTRAINT,
    ENTRY_COLLATION,
    ENTRY_COMMENT,
    ENTRY_CONSTRAINT,
    ENTRY_CONVERSION,
    ENTRY_DATABASE,
    ENTRY_DATABASE_PROPERTIES,
    ENTRY_DEFAULT,
    ENTRY_DEFAULT_ACL,
    ENTRY_DOMAIN,
    ENTRY_ENCODING,
    ENTRY_EVENT_TRIGGER,
    ENTRY_EXTENSION,
    ENTRY_FK_CONSTRAINT,
    ENTRY_FOREIGN_DATA_WRAPPER,
    ENTRY_FOREIGN_TABLE,
    ENTRY_FUNCTION,
    ENTRY_INDEX,
    ENTRY_INDEX_ATTACH,
    ENTRY_MATERIALIZED_VIEW,
    ENTRY_MATERIALIZED_VIEW_DATA,
    ENTRY_OPERATOR,
    ENTRY_OPERATOR_CLASS,
    ENTRY_OPERATOR_FAMILY,
    ENTRY_POLICY,
    ENTRY_PROCEDURAL_LANGUAGE,
    ENTRY_PROCEDURE,
    ENTRY_PUBLICATION,
    ENTRY_PUBLICATION_TABLE,
    ENTRY_PUBLICATION_TABLES_IN_SCHEMA,
    ENTRY_ROW_SECURITY,
    ENTRY_RULE,
    ENTRY_SCHEMA,
    ENTRY_SEARCHPATH,
    ENTRY_SECURITY_LABEL,
    ENTRY_SEQUENCE,
    ENTRY_SEQUENCE_OWNED_BY,
    ENTRY_SEQUENCE_SET,
    ENTRY_SERVER,
    ENTRY_SHELL_TYPE,
    ENTRY_STATISTICS,
    ENTRY_STATISTICS_DATA,
    ENTRY_STDSTRINGS,
    ENTRY_SUBSCRIPTION,
    ENTRY_SUBSCRIPTION_TABLE,
    ENTRY_TABLE,
    ENTRY_TABLE_ATTACH,
    ENTRY_TABLE_DATA,
    ENTRY_TEXT_SEARCH_CONFIGURATION,
    ENTRY_TEXT_SEARCH_DICTIONARY,
    ENTRY_TEXT_SEARCH_PARSER,
    ENTRY_TEXT_SEARCH_TEMPLATE,
    ENTRY_TRANSFORM,
    ENTRY_TRIGGER,
    ENTRY_TYPE,
    ENTRY_USER_MAPPING,
    ENTRY_VIEW,
    ENTRY_WARNING,
    ENTRY_PG_LARGEOBJECT,
    ENTRY_TYPE_COUNT
};

/* How `ALTER … OWNER TO` names the object. */
enum owner_naming {
    OWNER_NONE,          /* the type has no owner statement of its own */
    OWNER_BY_NAME,       /* desc and the qualified tag */
    OWNER_BY_DROP,       /* the text of the drop statement after "DROP " (signatures) */
    OWNER_LARGE_OBJECT,  /* LARGE OBJECT <oid> */
    OWNER_LARGE_OBJECTS, /* each oid of the metadata entry */
    OWNER_UNKNOWN /* an owner and a drop statement, but no rule: an error, as in the stock tool */
};

struct entry_type_facts {
    const char *desc;
    enum owner_naming owner_naming;
    bool is_special; /* ENCODING, STDSTRINGS, SEARCHPATH: session state, never restored */
};

enum entry_type entry_type_of(const char *desc);
const struct entry_type_facts *entry_type_facts(enum entry_type type);

/* The database that was dumped, or its properties. */
bool entry_type_is_database(enum entry_type type);

#endif
