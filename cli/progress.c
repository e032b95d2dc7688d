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

static void append_bytes(struct text *line, const struct pgfast_progress *progress)
{
    char done[32], total[32];

    size_text_format(done, sizeof done, progress->raw_bytes_done);
    text_append(line, done);
    if (!has_bytes_left(progress))
        return;
    size_text_format(total, sizeof total, progress->raw_bytes_total);
    double percent = 100.0 * (double)progress->raw_bytes_done / (double)progress->raw_bytes_total;
    text_print(line, " of %s (%u%%)", total, (unsigned)percent);
}

static void append_loads(struct text *line, const struct pgfast_progress *progress)
{
    if (progress->loads_running > 0)
        text_print(line, ", %u %s loading", progress->loads_running,
                   progress->loads_running == 1 ? "session" : "sessions");
}

static void append_indexes(struct text *line, const struct pgfast_progress *progress)
{
    if (progress->indexes_building == 0)
        return;
    text_print(line, ", building %u %s (%u%%)", progress->indexes_building,
               progress->indexes_building == 1 ? "index" : "indexes", progress->indexes_percent);
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
    duration_format_clock(text, sizeof text, (uint64_t)(seconds * US_PER_SECOND));
    text_print(line, ", %s left", text);
}

static void append_rate(struct text *line, double bytes_per_second)
{
    char text[32];

    size_text_format(text, sizeof text, (uint64_t)bytes_per_second);
    text_print(line, ", %s/s", text);
}

void progress_format(char *line, size_t room_bytes, const struct pgfast_progress *progress,
                     const struct progress_rate *rate)
{
    struct text text;

    text_init(&text, LINE_ROOM_BYTES);
    text_print(&text, "%s: ", progress->phase);
    size_t start = text.length_bytes;

    append_entries(&text, progress);
    if (progress->raw_bytes_done > 0) {
        append_separator(&text, start);
        append_bytes(&text, progress);
        if (rate->bytes_per_second >= SLOWEST_BYTES_PER_SECOND)
            append_rate(&text, rate->bytes_per_second);
        append_loads(&text, progress);
        append_indexes(&text, progress);
        append_forecast(&text, progress, rate);
    }
    if (progress->errors > 0) {
        append_separator(&text, start);
        text_print(&text, "%u failed", progress->errors);
    }
    if (text.length_bytes == start) {
        char elapsed[32];
        duration_format_clock(elapsed, sizeof elapsed, progress->elapsed_us);
        text_append(&text, elapsed);
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

static int terminal_width(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return WIDTH_WHERE_UNKNOWN;
    return size.ws_col;
}

/* Cut at the terminal's edge: a line that wraps could not be rubbed out again. */
static void draw_live(struct progress *progress, const char *line)
{
    fprintf(stderr, "\r%.*s\033[K", terminal_width() - 1, line);
    fflush(stderr);
    progress->is_shown = true;
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
    progress_format(line, sizeof line, &numbers, &progress->rate);
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
