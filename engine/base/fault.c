/* Part of builds for tests only, so that it may do what nothing else below cli/ does: read the
 * environment, print, and end the program. */
#include "engine/base/fault.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RULES_MOST 16
#define NAME_BYTES 64
#define MISUSE_EXIT_CODE 2

enum action_kind { ACTION_ERROR, ACTION_SIGNAL };

struct action {
    const char *name;
    enum action_kind kind;
    int number;
};

static const struct action actions[] = {
    {"EIO", ACTION_ERROR, EIO},        {"ENOSPC", ACTION_ERROR, ENOSPC},
    {"EDQUOT", ACTION_ERROR, EDQUOT},  {"ENOMEM", ACTION_ERROR, ENOMEM},
    {"EINTR", ACTION_ERROR, EINTR},    {"EAGAIN", ACTION_ERROR, EAGAIN},
    {"EFBIG", ACTION_ERROR, EFBIG},    {"EROFS", ACTION_ERROR, EROFS},
    {"EACCES", ACTION_ERROR, EACCES},  {"EPERM", ACTION_ERROR, EPERM},
    {"EMFILE", ACTION_ERROR, EMFILE},  {"ENOSYS", ACTION_ERROR, ENOSYS},
    {"EINVAL", ACTION_ERROR, EINVAL},  {"ESTALE", ACTION_ERROR, ESTALE},
    {"SHORT", ACTION_ERROR, EMSGSIZE}, {"KILL", ACTION_SIGNAL, SIGKILL},
    {"TERM", ACTION_SIGNAL, SIGTERM},  {"INT", ACTION_SIGNAL, SIGINT},
    {"HUP", ACTION_SIGNAL, SIGHUP},    {"QUIT", ACTION_SIGNAL, SIGQUIT},
    {"STOP", ACTION_SIGNAL, SIGSTOP},  {"ABRT", ACTION_SIGNAL, SIGABRT},
};

struct rule {
    char point[NAME_BYTES];
    unsigned long first;
    bool is_lasting;
    const struct action *action;
    unsigned long hits; /* atomic */
};

/* Written before any other thread is there. */
static struct rule rules[RULES_MOST];
static unsigned rule_count;

extern struct fault_point points_first __asm__("__start_fault_points");
extern struct fault_point points_end __asm__("__stop_fault_points");

/* To stop here, and not when another thread gets round to it, the thread must tell itself; but most
 * threads block the signals that can be blocked. */
static void send_signal(int number)
{
    if (number == SIGSTOP)
        raise(number);
    else
        kill(getpid(), number);
}

static bool act(const struct action *action)
{
    if (action->kind == ACTION_SIGNAL) {
        send_signal(action->number);
        return false;
    }
    errno = action->number;
    return true;
}

static bool rule_names(const struct rule *rule, const struct fault_point *point)
{
    return strcmp(rule->point, "*") == 0 || strcmp(rule->point, point->name) == 0;
}

bool fault_strikes(struct fault_point *point)
{
    bool strikes = false;

    __atomic_fetch_add(&point->hits, 1, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < rule_count; i++) {
        struct rule *rule = &rules[i];
        if (!rule_names(rule, point))
            continue;
        unsigned long hit = __atomic_add_fetch(&rule->hits, 1, __ATOMIC_RELAXED);
        if (hit == rule->first || (rule->is_lasting && hit > rule->first))
            strikes |= act(rule->action);
    }
    return strikes;
}

/* ---- reading rules ---- */

static const struct action *find_action(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
        if (strlen(actions[i].name) == length && memcmp(actions[i].name, name, length) == 0)
            return &actions[i];
    return NULL;
}

/* A name misspelt would be a test that never fails. */
static bool is_known(const struct rule *rule)
{
    bool is_found = strcmp(rule->point, "*") == 0;

    for (const struct fault_point *point = &points_first; point < &points_end && !is_found; point++)
        is_found = rule_names(rule, point);
    return is_found;
}

/* "point:k:ACTION"; *text moves behind it. */
static bool read_rule(struct rule *rule, const char **text)
{
    size_t name_length = strcspn(*text, ":;");
    const char *at = *text + name_length;
    char *end;

    *rule = (struct rule){.point = ""};
    if (name_length == 0 || name_length >= NAME_BYTES || *at != ':')
        return false;
    memcpy(rule->point, *text, name_length);
    rule->first = strtoul(at + 1, &end, 10);
    rule->is_lasting = *end == '+';
    at = end + (rule->is_lasting ? 1 : 0);
    if (rule->first == 0 || *at != ':')
        return false;
    size_t action_length = strcspn(++at, ";");
    rule->action = find_action(at, action_length);
    *text = at + action_length;
    return rule->action && is_known(rule);
}

bool fault_arm(const char *text)
{
    rule_count = 0;
    while (*text != '\0') {
        if (rule_count == RULES_MOST || !read_rule(&rules[rule_count], &text))
            return false;
        rule_count++;
        text += *text == ';';
    }
    return true;
}

/* ---- lists ---- */

static bool is_named_before(const struct fault_point *point)
{
    for (const struct fault_point *other = &points_first; other < point; other++)
        if (strcmp(other->name, point->name) == 0)
            return true;
    return false;
}

static unsigned long count_hits(const char *name)
{
    unsigned long hits = 0;

    for (const struct fault_point *point = &points_first; point < &points_end; point++)
        if (strcmp(point->name, name) == 0)
            hits += __atomic_load_n(&point->hits, __ATOMIC_RELAXED);
    return hits;
}

static void write_counts(void)
{
    FILE *stream = fopen(getenv("PGFAST_FAULT_COUNTS"), "we");

    if (!stream)
        return;
    for (const struct fault_point *point = &points_first; point < &points_end; point++)
        if (!is_named_before(point))
            fprintf(stream, "%s %lu\n", point->name, count_hits(point->name));
    fclose(stream);
}

static void list_points(void)
{
    for (const struct fault_point *point = &points_first; point < &points_end; point++)
        if (!is_named_before(point))
            puts(point->name);
    exit(EXIT_SUCCESS);
}

__attribute__((constructor)) static void begin(void)
{
    const char *text = getenv("PGFAST_FAULT");

    if (getenv("PGFAST_FAULT_COUNTS"))
        atexit(write_counts);
    if (!text)
        return;
    if (strcmp(text, "list") == 0)
        list_points();
    if (!fault_arm(text)) {
        fprintf(stderr, "PGFAST_FAULT is not understood: %s\n", text);
        exit(MISUSE_EXIT_CODE);
    }
}
