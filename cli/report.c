#include "cli/report.h"

#include "cli/duration.h"
#include "engine/base/size_text.h"
#include "engine/base/text.h"

#include <stdio.h>

/* Below this, the rate tells more about connecting than about copying. */
#define WORTH_A_RATE_BYTES ((uint64_t)1 << 20)

static void append_count(struct text *line, uint64_t count, const char *one, const char *many)
{
    text_print(line, "%llu %s", (unsigned long long)count, count == 1 ? one : many);
}

static void append_tables(struct text *line, const struct pgfast_report *report)
{
    append_count(line, report->tables, "table", "tables");
    if (report->chunks > report->tables)
        text_print(line, " (%llu files)", (unsigned long long)report->chunks);
    text_append(line, ", ");
    append_count(line, report->rows, "row", "rows");
    if (report->large_objects == 0)
        return;
    text_append(line, ", ");
    append_count(line, report->large_objects, "large object", "large objects");
}

static void append_sizes(struct text *line, enum report_kind kind,
                         const struct pgfast_report *report)
{
    char size[32];

    if (report->raw_bytes == 0)
        return;
    size_text_format(size, sizeof size, report->raw_bytes);
    text_print(line, ": %s", size);
    if (report->stored_bytes == 0)
        return;
    size_text_format(size, sizeof size, report->stored_bytes);
    text_print(line, kind == REPORT_DUMP ? ", stored in %s" : ", read from %s", size);
}

static void append_time(struct text *line, const struct pgfast_report *report, uint64_t bytes)
{
    char text[32];

    duration_format(text, sizeof text, report->elapsed_us);
    text_print(line, ", in %s", text);
    if (bytes < WORTH_A_RATE_BYTES || report->elapsed_us == 0)
        return;
    double rate = (double)bytes * 1e6 / (double)report->elapsed_us;
    size_text_format(text, sizeof text, (uint64_t)rate);
    text_print(line, " (%s/s)", text);
}

static void append_copied(struct text *line, enum report_kind kind,
                          const struct pgfast_report *report)
{
    if (kind == REPORT_RESTORE) {
        text_append(line, "restored ");
        append_count(line, report->entries, "entry", "entries");
        text_append(line, ", ");
    } else {
        text_append(line, "dumped ");
    }
    append_tables(line, report);
    append_sizes(line, kind, report);
    append_time(line, report, report->raw_bytes);
}

static void append_compared(struct text *line, const struct pgfast_report *report)
{
    text_append(line, "; the database holds the same ");
    append_count(line, report->compared_tables, "table", "tables");
    text_append(line, ", ");
    append_count(line, report->compared_rows, "row", "rows");
    text_append(line, ", ");
    append_count(line, report->compared_large_objects, "large object", "large objects");
    text_append(line, ", ");
    append_count(line, report->compared_sequences, "sequence", "sequences");
}

static void append_verified(struct text *line, const char *archive,
                            const struct pgfast_report *report)
{
    char size[32];

    text_print(line, "archive \"%s\" is whole%s: ", archive,
               report->has_manifest ? "" : ", as far as can be told without a manifest");
    append_count(line, report->files, "file", "files");
    size_text_format(size, sizeof size, report->stored_bytes);
    text_print(line, ", %s", size);
    if (report->has_counted_rows) {
        text_append(line, ", ");
        append_count(line, report->rows, "row", "rows");
    }
    text_append(line, " checked");
    if (report->has_compared)
        append_compared(line, report);
    append_time(line, report, report->stored_bytes);
}

void report_format(char *line, size_t room_bytes, struct report_subject subject,
                   const struct pgfast_report *report)
{
    struct text text;

    text_init(&text, REPORT_LINE_BYTES);
    if (subject.kind == REPORT_VERIFY)
        append_verified(&text, subject.archive, report);
    else
        append_copied(&text, subject.kind, report);
    snprintf(line, room_bytes, "%s", text.data);
    text_clear(&text);
}
