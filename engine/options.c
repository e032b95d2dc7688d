#include "engine/options.h"

#include "engine/flow/jobs.h"
#include "engine/flow/topology.h"

#include <limits.h>
#include <string.h>

_Static_assert((int)PGFAST_SECTION_PRE_DATA == (int)SELECT_PRE_DATA, "sections");
_Static_assert((int)PGFAST_SECTION_DATA == (int)SELECT_DATA, "sections");
_Static_assert((int)PGFAST_SECTION_POST_DATA == (int)SELECT_POST_DATA, "sections");

bool options_copy_known(void *known, size_t known_bytes, const void *given, size_t given_bytes,
                        struct error *error)
{
    if (given_bytes > known_bytes)
        return error_set(error, ERROR_USAGE,
                         "options of %zu bytes come from a newer version of this library",
                         given_bytes);
    memcpy(known, given, given_bytes);
    return true;
}

unsigned options_choose_jobs(unsigned asked)
{
    const struct jobs_facts facts = {.processors = topology_count_usable(),
                                     .free_connections = UINT_MAX,
                                     .data_bytes = UINT64_MAX};

    return asked > 0 ? asked : jobs_choose(&facts);
}

struct connection_words options_to_words(const struct pgfast_connection *connection)
{
    return (struct connection_words){
        .database = connection->database,
        .host = connection->host,
        .port = connection->port,
        .user = connection->user,
        .password = connection->password,
    };
}

static bool is_packed(const char *large_objects)
{
    return large_objects != NULL && strcmp(large_objects, "packed") == 0;
}

struct dump_options options_to_dump(const struct pgfast_dump_options *options)
{
    return (struct dump_options){
        .connection = options_to_words(&options->connection),
        .output_path = options->output_path,
        .jobs = options->jobs,
        .compression = options->compression,
        .data_format = options->data_format,
        .no_split = options->no_split,
        .split_bytes = options->split_bytes,
        .lock_wait_timeout = options->lock_wait_timeout,
        .role = options->role,
        .encoding = options->encoding,
        .snapshot = options->snapshot,
        .extra_float_digits = options->extra_float_digits,
        .serializable_deferrable = options->serializable_deferrable,
        .no_sync = options->no_sync,
        .enable_row_security = options->enable_row_security,
        .quote_all_identifiers = options->quote_all_identifiers,
        .pg_bindir = options->pg_bindir,
        .pg_dump_arguments = options->pg_dump_arguments.items,
        .pg_dump_argument_count = options->pg_dump_arguments.count,
        .reader_version = options->reader_version,
        .io_engine = options->io_engine,
        .packs_large_objects = is_packed(options->large_objects),
        .sync_method = options->sync_method,
        .direct_io = options->direct_io,
        .memory_bytes = options->memory_bytes,
        .bytes_per_second = options->bytes_per_second,
        .stall_seconds = options->stall_seconds,
        .most_snapshot_seconds = options->most_snapshot_seconds,
    };
}

static struct name_list to_names(struct pgfast_string_list list)
{
    return (struct name_list){.items = list.items, .count = list.count};
}

struct selection_options options_to_selection(const struct pgfast_selection *selection)
{
    return (struct selection_options){
        .schemas = to_names(selection->schemas),
        .excluded_schemas = to_names(selection->excluded_schemas),
        .tables = to_names(selection->tables),
        .indexes = to_names(selection->indexes),
        .functions = to_names(selection->functions),
        .triggers = to_names(selection->triggers),
        .sections = selection->sections,
        .data_only = selection->data_only,
        .schema_only = selection->schema_only,
        .statistics_only = selection->statistics_only,
        .no_data = selection->no_data,
        .no_schema = selection->no_schema,
        .no_statistics = selection->no_statistics,
        .no_privileges = selection->no_privileges,
        .no_comments = selection->no_comments,
        .no_publications = selection->no_publications,
        .no_security_labels = selection->no_security_labels,
        .no_subscriptions = selection->no_subscriptions,
        .no_policies = selection->no_policies,
        .create = selection->create,
        .strict_names = selection->strict_names,
    };
}

struct restore_options options_to_restore(const struct pgfast_restore_options *options)
{
    return (struct restore_options){
        .connection = options_to_words(&options->connection),
        .input_path = options->input_path,
        .jobs = options_choose_jobs(options->jobs),
        .selection = options_to_selection(&options->selection),
        .use_list_path = options->selection.use_list_path,
        .no_owner = options->selection.no_owner,
        .no_tablespaces = options->no_tablespaces,
        .no_table_access_method = options->no_table_access_method,
        .use_session_authorization = options->use_session_authorization,
        .clean = options->clean,
        .if_exists = options->if_exists,
        .exit_on_error = options->exit_on_error,
        .single_transaction = options->single_transaction,
        .disable_triggers = options->disable_triggers,
        .enable_row_security = options->enable_row_security,
        .no_data_for_failed_tables = options->no_data_for_failed_tables,
        .no_analyze = options->no_analyze,
        .untrusted = options->untrusted,
        .salvages = options->salvages,
        .resume = options->resume,
        .no_journal = options->no_journal,
        .reconnect_seconds = options->reconnect_seconds,
        .maintenance_bytes = options->maintenance_bytes,
        .stall_seconds = options->stall_seconds,
        .role = options->role,
        .superuser = options->superuser,
    };
}

struct verify_options options_to_verify(const struct pgfast_verify_options *options)
{
    return (struct verify_options){
        .input_path = options->input_path,
        .jobs = options->jobs > 0 ? options->jobs : topology_count_usable(),
        .is_deep = options->is_deep,
    };
}

struct compare_options options_to_compare(const struct pgfast_verify_options *options)
{
    return (struct compare_options){
        .connection = options_to_words(&options->connection),
        .input_path = options->input_path,
        .jobs = options_choose_jobs(options->jobs),
    };
}
