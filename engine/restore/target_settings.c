#include "engine/restore/target_settings.h"

/* Recovery after a crash may take a server minutes. */
enum { RECONNECT_SECONDS = 300 };

static uint64_t reconnect_limit_us(const struct restore_options *options)
{
    return UINT64_C(1000000) *
           (options->reconnect_seconds > 0 ? options->reconnect_seconds : RECONNECT_SECONDS);
}

bool target_settings_make(struct restore *restore, struct error *error)
{
    const struct restore_options *options = restore->options;
    const char *encoding;

    restore->settings = (struct target_settings){
        .archive = restore->archive,
        .statements =
            {
                .no_owner = options->no_owner || options->untrusted,
                .no_tablespaces = options->no_tablespaces,
                .no_table_access_method = options->no_table_access_method,
                .use_session_authorization = options->use_session_authorization,
                .if_exists = options->if_exists,
                .superuser = options->superuser,
            },
        .role = options->role,
        .enable_row_security = options->enable_row_security,
        .exit_on_error = options->exit_on_error || options->single_transaction,
        .hint_course = options->clean ? HINT_AFTER_CLEAN : HINT_WITHOUT_CLEAN,
        .is_one_transaction = options->single_transaction,
        .sessions = options->jobs > 0 ? options->jobs : 1,
        .watch = restore->watch,
        .reconnect_limit_us = reconnect_limit_us(options),
    };
    return statement_archive_settings(
        restore->archive->toc, &restore->settings.statements.conforming_strings,
        &restore->settings.statements.has_search_path, &encoding, restore->arena, error);
}
