#include "cli/progress.h"

#include "cli/duration.h"
#include "engine/base/size_text.h"
#include "engine/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define US_PER_SECOND 1000000u
#define SMOOTHING_SECONDS 5.0
#define PAUSE_US (3 * US_PER_SECOND)
#define LIVE_INTERVAL_US (US_PER_SECOND / 5)
#define PLAIN_INTERVAL_US (30 * US_PER_SECOND)
#define OLD_SNAPSHOT_US (60 * US_PER_SECOND)
#define LINE_ROOM_BYTES 256
#define WIDTH_WHERE_UNKNOWN 80
/* Slower than this is a pause; a forecast made from it would be nonsense. */
#define SLOWEST_BYTES_PER_SECOND 1024.0
#define LEAST_WORK_PART 0.02
#define LONGEST_FORECAST_SECONDS (100.0 * 3600)

static void note_begin_of_work(struct progress_rate *rate, const struct pgfast_progress *progress)
{
    if (rate->work_began_us > 0 || progress->work_done == 0)
        return;
    rate->work_began_us = progress->elapsed_us;
    rate->work_at_begin = progress->work_done;
}

void progress_rate_update(struct progress_rate *rate, const struct pgfast_progress *progress)
{
    uint64_t now_us = progress->elapsed_us;

    note_begin_of_work(rate, progress);

    /* Bytes may be taken back, when a table starts over. */
    if (now_us <= rate->last_us || progress->raw_bytes_done < rate->last_bytes)
        return;
    double seconds = (double)(now_us - rate->last_us) / US_PER_SECOND;
    double current = (double)(progress->raw_bytes_done - rate->last_bytes) / seconds;
    double weight = rate->last_bytes == 0 ? 1 : seconds / (seconds + SMOOTHING_SECONDS);

    if (progress->raw_bytes_done > rate->last_bytes)
        rate->last_moved_us = now_us;
    rate->bytes_per_second += weight * (current - rate->bytes_per_second);
    if (now_us - rate->last_moved_us >= PAUSE_US)
        rate->bytes_per_second = 0;
    rate->last_us = now_us;
    rate->last_bytes = progress->raw_bytes_done;
}

/* What is left out where the line is too long for its room, one after the other: how it goes on as
 * a whole, and what has gone wrong, is said last of all that there is room for. */
enum brevity {
    SAYS_ALL,
    WITHOUT_ENTRIES,
    WITHOUT_SESSIONS,
    WITHOUT_RATE,
    WITHOUT_SNAPSHOT,
    WITHOUT_BYTES_DONE,
    WITHOUT_INDEX_PERCENT,
    WITHOUT_LOADS,
    WITHOUT_INDEXES,
    WITHOUT_BYTES, /* their percentage stays */
    WITHOUT_FORECAST,
    BRIEFEST = WITHOUT_FORECAST
};

static void append_entries(struct text *line, const struct pgfast_progress *progress)
{
    if (progress->entries_total > 0)
        text_print(line, "%llu of %llu entries", (unsigned long long)progress->entries_done,
                   (unsigned long long)progress->entries_total);
}

static void append_separator(struct text *line, size_t start)
{
    if (line->length_bytes > start)
        text_append(line, ", ");
}

/* A total may be an estimate: once it is passed it says nothing any more. */
static bool has_bytes_left(const struct pgfast_progress *progress)
{
    return progress->raw_bytes_done < progress->raw_bytes_total;
}

static void append_bytes(struct text *line, const struct pgfast_progress *progress,
                         enum brevity brevity)
{
    char done[32], total[32];

    size_text_format(done, sizeof done, progress->raw_bytes_done);
    size_text_format(total, sizeof total, progress->raw_bytes_total);
    if (!has_bytes_left(progress) || strcmp(done, total) == 0) {
        text_append(line, done);
        return;
    }
    double percent = 100.0 * (double)progress->raw_bytes_done / (double)progress->raw_bytes_total;
    if (brevity < WITHOUT_BYTES_DONE)
        text_print(line, "%s of %s (%u%%)", done, total, (unsigned)percent);
    else if (brevity < WITHOUT_BYTES)
        text_print(line, "%u%% of %s", (unsigned)percent, total);
    else
        text_print(line, "%u%%", (unsigned)percent);
}

static void append_loads(struct text *line, const struct pgfast_progress *progress,
                         enum brevity brevity)
{
    if (progress->tables_loading == 0)
        return;
    text_print(line, ", %u %s loading", progress->tables_loading,
               progress->tables_loading == 1 ? "table" : "tables");
    if (progress->loads_running > progress->tables_loading && brevity < WITHOUT_SESSIONS)
        text_print(line, " in %u sessions", progress->loads_running);
}

static void append_indexes(struct text *line, const struct pgfast_progress *progress,
                           enum brevity brevity)
{
    if (progress->indexes_building == 0)
        return;
    text_print(line, ", building %u %s", progress->indexes_building,
               progress->indexes_building == 1 ? "index" : "indexes");
    if (brevity < WITHOUT_INDEX_PERCENT)
        text_print(line, " (%u%%)", progress->indexes_percent);
}

static double bytes_seconds_left(const struct pgfast_progress *progress, double bytes_per_second)
{
    if (!has_bytes_left(progress) || bytes_per_second < SLOWEST_BYTES_PER_SECOND)
        return 0;
    return (double)(progress->raw_bytes_total - progress->raw_bytes_done) / bytes_per_second;
}

/* By how the work has gone so far; too little of it tells nothing. */
static double work_seconds_left(const struct pgfast_progress *progress,
                                const struct progress_rate *rate)
{
    double total = (double)progress->work_total, done = (double)progress->work_done;
    double measured = done - (double)rate->work_at_begin;

    if (rate->work_began_us == 0 || measured < total * LEAST_WORK_PART || done >= total)
        return 0;
    double seconds = (double)(progress->elapsed_us - rate->work_began_us) / US_PER_SECOND;
    return seconds * (total - done) / measured;
}

static void append_forecast(struct text *line, const struct pgfast_progress *progress,
                            const struct progress_rate *rate)
{
    char text[32];
    double seconds = progress->work_total > 0
                         ? work_seconds_left(progress, rate)
                         : bytes_seconds_left(progress, rate->bytes_per_second);

    if (seconds <= 0 || seconds > LONGEST_FORECAST_SECONDS)
        return;
    /* Rounded up: as long as there is something to do, some time is left. */
    duration_format_clock(text, sizeof text,
                          (uint64_t)(seconds * US_PER_SECOND) + US_PER_SECOND - 1);
    text_print(line, ", %s left", text);
}

static void append_rate(struct text *line, double bytes_per_second)
{
    char text[32];

    size_text_format(text, sizeof text, (uint64_t)bytes_per_second);
    text_print(line, ", %s/s", text);
}

/* A young one is no burden, and its age next to the time that the run has taken. */
static void append_snapshot(struct text *line, const struct pgfast_progress *progress)
{
    char age[32];

    if (progress->snapshot_age_us < OLD_SNAPSHOT_US)
        return;
    duration_format_clock(age, sizeof age, progress->snapshot_age_us);
    text_print(line, ", snapshot %s old", age);
}

static void append_data(struct text *line, const struct pgfast_progress *progress,
                        const struct progress_rate *rate, enum brevity brevity)
{
    append_bytes(line, progress, brevity);
    if (rate->bytes_per_second >= SLOWEST_BYTES_PER_SECOND && brevity < WITHOUT_RATE)
        append_rate(line, rate->bytes_per_second);
    if (brevity < WITHOUT_LOADS)
        append_loads(line, progress, brevity);
    if (brevity < WITHOUT_INDEXES)
        append_indexes(line, progress, brevity);
    if (brevity < WITHOUT_FORECAST)
        append_forecast(line, progress, rate);
    if (brevity < WITHOUT_SNAPSHOT)
        append_snapshot(line, progress);
}

static void append_all(struct text *line, const struct pgfast_progress *progress,
                       const struct progress_rate *rate, enum brevity brevity)
{
    text_print(line, "%s: ", progress->phase);
    size_t start = line->length_bytes;

    if (brevity < WITHOUT_ENTRIES || progress->raw_bytes_done == 0)
        append_entries(line, progress);
    if (progress->raw_bytes_done > 0) {
        append_separator(line, start);
        append_data(line, progress, rate, brevity);
    }
    if (progress->errors > 0) {
        append_separator(line, start);
        text_print(line, "%u failed", progress->errors);
    }
    if (line->length_bytes == start) {
        char elapsed[32];
        duration_format_clock(elapsed, sizeof elapsed, progress->elapsed_us);
        text_append(line, elapsed);
    }
}

void progress_format(char *line, size_t room_bytes, const struct pgfast_progress *progress,
                     const struct progress_rate *rate)
{
    struct text text;

    text_init(&text, LINE_ROOM_BYTES);
    append_all(&text, progress, rate, SAYS_ALL);
    for (unsigned brevity = SAYS_ALL; text.length_bytes >= room_bytes && brevity < BRIEFEST;) {
        text_truncate(&text, 0);
        append_all(&text, progress, rate, ++brevity);
    }
    snprintf(line, room_bytes, "%s", text.data);
    text_clear(&text);
}

enum progress_style progress_choose_style(bool is_verbose)
{
    const char *terminal = getenv("TERM");

    if (isatty(STDERR_FILENO) && terminal != NULL && strcmp(terminal, "dumb") != 0)
        return PROGRESS_LIVE;
    return is_verbose ? PROGRESS_PLAIN : PROGRESS_NONE;
}

static size_t terminal_width(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return WIDTH_WHERE_UNKNOWN;
    return size.ws_col;
}

static void draw_live(struct progress *progress, const char *line)
{
    fprintf(stderr, "\r%s\033[K", line);
    fflush(stderr);
    progress->is_shown = true;
}

/* A line that wraps could not be rubbed out again; its last column stays free. */
static size_t line_room(const struct progress *progress)
{
    size_t width = progress->style == PROGRESS_LIVE ? terminal_width() : LINE_ROOM_BYTES;

    return width < LINE_ROOM_BYTES ? width : LINE_ROOM_BYTES;
}

void progress_show(struct progress *progress, const struct pgfast_run *run)
{
    struct pgfast_progress numbers;
    char line[LINE_ROOM_BYTES];

    if (progress->style == PROGRESS_NONE)
        return;
    pgfast_progress(run, &numbers);
    if (numbers.elapsed_us < progress->next_us)
        return;
    progress_rate_update(&progress->rate, &numbers);
    progress_format(line, line_room(progress), &numbers, &progress->rate);
    if (progress->style == PROGRESS_LIVE) {
        draw_live(progress, line);
        progress->next_us = numbers.elapsed_us + LIVE_INTERVAL_US;
        return;
    }
    /* The first plain line comes after an interval: a short run needs none. */
    if (progress->next_us > 0)
        fprintf(stderr, "pgfast: %s\n", line);
    progress->next_us = numbers.elapsed_us + PLAIN_INTERVAL_US;
}

void progress_erase(struct progress *progress)
{
    if (!progress->is_shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    progress->is_shown = false;
}
