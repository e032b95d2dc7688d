#include "engine/restore/plan_entry.h"

#include "engine/archive/large_object_pages.h"

#include <string.h>

bool plan_entry_is_special(const struct toc_entry *entry)
{
    return entry_type_facts(entry->type)->is_special;
}

static bool starts_with(const char *text, const char *start)
{
    return text != NULL && strncmp(text, start, strlen(start)) == 0;
}

/* pg_dump writes so of a trigger that is enabled otherwise than the one it was cloned from. */
static bool switches_a_trigger(const struct toc_entry *entry)
{
    return starts_with(entry->definition, "\nALTER ");
}

static enum plan_pass pass_of_comment(const struct toc_entry *entry)
{
    if (starts_with(entry->tag, "EVENT TRIGGER "))
        return PLAN_PASS_EVENT_TRIGGERS;
    return starts_with(entry->tag, "TRIGGER ") ? PLAN_PASS_SWITCHES : PLAN_PASS_MAIN;
}

enum plan_pass plan_entry_pass(const struct toc_entry *entry)
{
    switch (entry->type) {
    case ENTRY_ACL:
        return starts_with(entry->tag, "SCHEMA ") || starts_with(entry->tag, "DATABASE ")
                   ? PLAN_PASS_SCHEMA_ACL
                   : PLAN_PASS_ACL;
    case ENTRY_ACL_LANGUAGE:
    case ENTRY_DEFAULT_ACL:
        return PLAN_PASS_ACL;
    case ENTRY_MATERIALIZED_VIEW_DATA:
        return PLAN_PASS_REFRESH;
    case ENTRY_STATISTICS_DATA:
        /* Statistics of a materialized view need its rows. */
        return entry->section == SECTION_POST_DATA ? PLAN_PASS_REFRESH : PLAN_PASS_MAIN;
    case ENTRY_TRIGGER:
        return switches_a_trigger(entry) ? PLAN_PASS_SWITCHES : PLAN_PASS_MAIN;
    case ENTRY_ROW_SECURITY:
        return PLAN_PASS_SWITCHES;
    case ENTRY_EVENT_TRIGGER:
        return PLAN_PASS_EVENT_TRIGGERS;
    case ENTRY_COMMENT:
    case ENTRY_SECURITY_LABEL:
        return pass_of_comment(entry);
    default:
        return PLAN_PASS_MAIN;
    }
}

enum plan_action plan_entry_action(const struct selected_entry *selected)
{
    const struct toc_entry *entry = selected->entry;

    if ((selected->wanted & WANT_DATA) && entry->has_data) {
        /* Nothing is stored for it, so there is nothing to bring back. */
        if (entry->type == ENTRY_BLOBS)
            return PLAN_LOAD_BLOBS;
        if (entry->file_name == NULL || entry->file_name[0] == '\0')
            return PLAN_PASS_BY;
        return large_object_pages_is_entry(entry) ? PLAN_LOAD_PAGES : PLAN_LOAD_TABLE;
    }
    if (selected->wanted & (WANT_SCHEMA | WANT_DATA | WANT_STATISTICS))
        return PLAN_DEFINE;
    return PLAN_PASS_BY;
}
