#include "engine/restore/selection.h"

#include "engine/archive/copy_statement.h"
#include "engine/archive/large_object_pages.h"
#include "engine/restore/use_list.h"

#include <string.h>

/* Names that were asked for, and which of them something in the archive had. */
struct wanted_names {
    const char *noun;
    struct name_list names;
    bool *is_matched;
};

struct selector {
    const struct selection_options *options;
    const struct toc *toc;
    struct arena *arena;
    struct wanted_names schemas, excluded_schemas, tables, indexes, functions, triggers;
    unsigned kinds;                  /* WANT_… that the options ask for at all */
    const struct use_list *use_list; /* NULL: all entries are listed */
    unsigned *wanted_by_dump_id;     /* so far */
};

static bool refuse_pair(struct error *error, const char *first, const char *second)
{
    return error_set(error, ERROR_USAGE, "options %s and %s cannot be used together", first,
                     second);
}

static bool check_options(const struct selection_options *options, struct error *error)
{
    static const char schema_only[] = "-s/--schema-only", data_only[] = "-a/--data-only",
                      statistics_only[] = "--statistics-only";
    if (options->data_only && options->schema_only)
        return refuse_pair(error, schema_only, data_only);
    if (options->schema_only && options->statistics_only)
        return refuse_pair(error, schema_only, statistics_only);
    if (options->data_only && options->statistics_only)
        return refuse_pair(error, data_only, statistics_only);
    if (options->schema_only && options->no_schema)
        return refuse_pair(error, schema_only, "--no-schema");
    if (options->data_only && options->no_data)
        return refuse_pair(error, data_only, "--no-data");
    if (options->statistics_only && options->no_statistics)
        return refuse_pair(error, statistics_only, "--no-statistics");
    return true;
}

static unsigned kinds_asked_for(const struct selection_options *options)
{
    unsigned kinds = WANT_SCHEMA | WANT_DATA | WANT_STATISTICS;
    if (options->data_only)
        kinds = WANT_DATA;
    if (options->schema_only)
        kinds = WANT_SCHEMA;
    if (options->statistics_only)
        kinds = WANT_STATISTICS;
    if (options->no_data)
        kinds &= ~(unsigned)WANT_DATA;
    if (options->no_schema)
        kinds &= ~(unsigned)WANT_SCHEMA;
    if (options->no_statistics)
        kinds &= ~(unsigned)WANT_STATISTICS;
    return kinds;
}

static struct wanted_names names_of(struct arena *arena, const char *noun, struct name_list names)
{
    return (struct wanted_names){
        .noun = noun, .names = names, .is_matched = arena_allocate(arena, names.count + 1, 1)};
}

static bool names_are_given(const struct wanted_names *wanted)
{
    return wanted->names.count > 0;
}

static bool names_match(struct wanted_names *wanted, const char *name)
{
    bool has_matched = false;
    for (size_t i = 0; name && i < wanted->names.count; i++) {
        if (strcmp(wanted->names.items[i], name) != 0)
            continue;
        wanted->is_matched[i] = true;
        has_matched = true;
    }
    return has_matched;
}

static bool has_tag_prefix(const struct toc_entry *entry, const char *prefix)
{
    return entry->tag && strncmp(entry->tag, prefix, strlen(prefix)) == 0;
}

static bool is_remark_on(const struct toc_entry *entry, const char *what)
{
    return (entry->type == ENTRY_COMMENT || entry->type == ENTRY_SECURITY_LABEL) &&
           has_tag_prefix(entry, what);
}

static bool is_privilege(enum entry_type type)
{
    return type == ENTRY_ACL || type == ENTRY_ACL_LANGUAGE || type == ENTRY_DEFAULT_ACL;
}

static bool is_publication_part(enum entry_type type)
{
    return type == ENTRY_PUBLICATION || type == ENTRY_PUBLICATION_TABLE ||
           type == ENTRY_PUBLICATION_TABLES_IN_SCHEMA;
}

static bool is_subscription_part(enum entry_type type)
{
    return type == ENTRY_SUBSCRIPTION || type == ENTRY_SUBSCRIPTION_TABLE;
}

/* The --no-… options that leave out a class of objects, with the remarks on them. */
static bool is_class_left_out(const struct selection_options *options,
                              const struct toc_entry *entry)
{
    enum entry_type type = entry->type;
    if (options->no_privileges && is_privilege(type))
        return true;
    if (options->no_comments && type == ENTRY_COMMENT)
        return true;
    if (options->no_policies && (type == ENTRY_POLICY || type == ENTRY_ROW_SECURITY ||
                                 (type == ENTRY_COMMENT && has_tag_prefix(entry, "POLICY"))))
        return true;
    if (options->no_publications &&
        (is_publication_part(type) || is_remark_on(entry, "PUBLICATION")))
        return true;
    if (options->no_security_labels && type == ENTRY_SECURITY_LABEL)
        return true;
    return options->no_subscriptions &&
           (is_subscription_part(type) || is_remark_on(entry, "SUBSCRIPTION"));
}

static bool is_section_wanted(const struct selection_options *options, enum toc_section section)
{
    if (options->sections == 0)
        return true;
    switch (section) {
    case SECTION_PRE_DATA:
        return options->sections & SELECT_PRE_DATA;
    case SECTION_DATA:
        return options->sections & SELECT_DATA;
    case SECTION_POST_DATA:
        return options->sections & SELECT_POST_DATA;
    case SECTION_NONE:
        break;
    }
    return false;
}

static bool selects_by_type(const struct selector *selector)
{
    return names_are_given(&selector->tables) || names_are_given(&selector->indexes) ||
           names_are_given(&selector->functions) || names_are_given(&selector->triggers);
}

static bool is_list_or_type_selective(const struct selector *selector)
{
    return names_are_given(&selector->schemas) || names_are_given(&selector->excluded_schemas) ||
           selects_by_type(selector);
}

/* A column's ACL depends on the table's ACL too, for the order only. */
static bool depends_on_wanted_object(const struct selector *selector, const struct toc_entry *entry)
{
    for (size_t i = 0; i < entry->dependency_count; i++) {
        const struct toc_entry *on = toc_find(selector->toc, entry->dependencies[i]);
        if (on && on->type != ENTRY_ACL && selector->wanted_by_dump_id[on->dump_id] != 0)
            return true;
    }
    return false;
}

/* ACL, COMMENT and SECURITY LABEL go with their object. */
static bool is_remark_wanted(const struct selector *selector, const struct toc_entry *entry)
{
    if (has_tag_prefix(entry, "DATABASE "))
        return selector->options->create;
    return !is_list_or_type_selective(selector) || depends_on_wanted_object(selector, entry);
}

static bool are_statistics_of_named_relation(struct selector *selector,
                                             const struct toc_entry *entry)
{
    for (size_t i = 0; i < entry->dependency_count; i++) {
        const struct toc_entry *on = toc_find(selector->toc, entry->dependencies[i]);
        if (!on)
            continue;
        switch (on->type) {
        case ENTRY_TABLE:
        case ENTRY_VIEW:
        case ENTRY_FOREIGN_TABLE:
        case ENTRY_MATERIALIZED_VIEW:
            if (names_match(&selector->tables, on->tag))
                return true;
            break;
        case ENTRY_INDEX:
            if (names_match(&selector->indexes, on->tag))
                return true;
            break;
        default:
            break;
        }
    }
    return false;
}

/* With -t, -I, -P or -T only what they name: not what depends on it. */
static bool is_type_wanted(struct selector *selector, const struct toc_entry *entry)
{
    if (!selects_by_type(selector))
        return true;
    switch (entry->type) {
    case ENTRY_TABLE:
    case ENTRY_TABLE_DATA:
    case ENTRY_VIEW:
    case ENTRY_FOREIGN_TABLE:
    case ENTRY_MATERIALIZED_VIEW:
    case ENTRY_MATERIALIZED_VIEW_DATA:
    case ENTRY_SEQUENCE:
    case ENTRY_SEQUENCE_SET:
        return names_match(&selector->tables, entry->tag);
    case ENTRY_INDEX:
        return names_match(&selector->indexes, entry->tag);
    case ENTRY_FUNCTION:
    case ENTRY_AGGREGATE:
    case ENTRY_PROCEDURE:
        return names_match(&selector->functions, entry->tag);
    case ENTRY_TRIGGER:
        return names_match(&selector->triggers, entry->tag);
    case ENTRY_STATISTICS_DATA:
        return are_statistics_of_named_relation(selector, entry);
    default:
        return false;
    }
}

/* Large objects are in no schema, also where their pages are rows of a table. */
static bool is_object_wanted(struct selector *selector, const struct toc_entry *entry)
{
    bool is_pages = large_object_pages_is_entry(entry);
    bool has_schema = entry->schema && *entry->schema && !is_pages;
    if (names_are_given(&selector->schemas) &&
        !(has_schema && names_match(&selector->schemas, entry->schema)))
        return false;
    if (has_schema && names_match(&selector->excluded_schemas, entry->schema))
        return false;
    return is_pages ? !selects_by_type(selector) : is_type_wanted(selector, entry);
}

static bool is_remark(enum entry_type type)
{
    return type == ENTRY_ACL || type == ENTRY_COMMENT || type == ENTRY_SECURITY_LABEL;
}

/* Entries without a file that are data all the same. */
static bool is_data_by_statement(const struct toc_entry *entry)
{
    return entry->type == ENTRY_SEQUENCE_SET || entry->type == ENTRY_BLOB ||
           entry->type == ENTRY_BLOB_METADATA ||
           (is_remark(entry->type) && has_tag_prefix(entry, "LARGE OBJECT"));
}

static bool has_definition(const struct toc_entry *entry)
{
    return entry->definition && *entry->definition &&
           strncmp(entry->definition, LOAD_VIA_ROOT_MARKER, strlen(LOAD_VIA_ROOT_MARKER)) != 0;
}

/* Which parts an entry consists of. */
static unsigned parts_of(const struct toc_entry *entry)
{
    if (strcmp(entry->desc, "<Init>") == 0 && has_tag_prefix(entry, "Max OID"))
        return 0;
    if (entry->type == ENTRY_STATISTICS_DATA)
        return WANT_STATISTICS;
    unsigned parts = WANT_SCHEMA | WANT_DATA;
    if (!entry->has_data)
        parts = is_data_by_statement(entry) ? WANT_DATA : WANT_SCHEMA;
    if (!has_definition(entry))
        parts &= ~(unsigned)WANT_SCHEMA;
    return parts;
}

static unsigned wanted_parts(struct selector *selector, const struct toc_entry *entry,
                             enum toc_section section)
{
    const struct selection_options *options = selector->options;
    if (entry_type_facts(entry->type)->is_special)
        return WANT_SPECIAL;
    if (entry_type_is_database(entry->type))
        return options->create ? WANT_SCHEMA : 0;
    if (is_class_left_out(options, entry) || !is_section_wanted(options, section))
        return 0;
    if (selector->use_list && !selector->use_list->is_listed[entry->dump_id])
        return 0;
    if (is_remark(entry->type) ? !is_remark_wanted(selector, entry)
                               : !is_object_wanted(selector, entry))
        return 0;
    return parts_of(entry) & selector->kinds;
}

static bool check_all_matched(const struct wanted_names *wanted, struct error *error)
{
    for (size_t i = 0; i < wanted->names.count; i++)
        if (!wanted->is_matched[i])
            return error_set(error, ERROR_USAGE, "%s \"%s\" not found", wanted->noun,
                             wanted->names.items[i]);
    return true;
}

static bool check_names(const struct selector *selector, struct error *error)
{
    return check_all_matched(&selector->schemas, error) &&
           check_all_matched(&selector->tables, error) &&
           check_all_matched(&selector->indexes, error) &&
           check_all_matched(&selector->functions, error) &&
           check_all_matched(&selector->triggers, error);
}

static void add_entry(struct selection *selection, const struct toc_entry *entry)
{
    selection->entries[selection->count++].entry = entry;
}

/* The listed entries come behind all others, as the stock tool moves them. */
static void put_in_order(struct selection *selection, const struct toc *toc,
                         const struct use_list *use_list)
{
    for (size_t i = 0; i < toc->count; i++)
        if (!use_list || !use_list->is_listed[toc->entries[i]->dump_id])
            add_entry(selection, toc->entries[i]);
    for (size_t i = 0; use_list && i < use_list->count; i++)
        add_entry(selection, use_list->entries[i]);
}

/* Sections are taken in restore order: an entry of none belongs to what stands before it there. */
static void mark_entries(struct selection *selection, struct selector *selector)
{
    enum toc_section section = SECTION_PRE_DATA;
    for (size_t i = 0; i < selection->count; i++) {
        struct selected_entry *selected = &selection->entries[i];
        if (selected->entry->section != SECTION_NONE)
            section = selected->entry->section;
        selected->section = section;
        selected->wanted = wanted_parts(selector, selected->entry, section);
        selector->wanted_by_dump_id[selected->entry->dump_id] = selected->wanted;
    }
}

bool selection_make(struct selection *selection, struct arena *arena, const struct toc *toc,
                    const struct selection_options *options, struct error *error)
{
    *selection = (struct selection){
        .entries = arena_allocate(arena, toc->count + 1, sizeof(*selection->entries))};
    if (!check_options(options, error))
        return false;

    struct use_list use_list;
    if (options->use_list) {
        if (!use_list_parse(&use_list, arena, toc, options->use_list, error))
            return false;
        selection->warnings = use_list.warnings;
        selection->warning_count = use_list.warning_count;
    }
    struct selector selector = {
        .options = options,
        .toc = toc,
        .arena = arena,
        .schemas = names_of(arena, "schema", options->schemas),
        .excluded_schemas = names_of(arena, "schema", options->excluded_schemas),
        .tables = names_of(arena, "table", options->tables),
        .indexes = names_of(arena, "index", options->indexes),
        .functions = names_of(arena, "function", options->functions),
        .triggers = names_of(arena, "trigger", options->triggers),
        .kinds = kinds_asked_for(options),
        .use_list = options->use_list ? &use_list : NULL,
        .wanted_by_dump_id =
            arena_allocate(arena, (size_t)toc->largest_dump_id + 1, sizeof(unsigned)),
    };
    put_in_order(selection, toc, selector.use_list);
    mark_entries(selection, &selector);
    return !options->strict_names || check_names(&selector, error);
}
