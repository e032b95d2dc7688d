#include "engine/flow/cpu_quota.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_TEXT_BYTES 64

static bool divide(long long quota_us, long long period_us, unsigned *processors)
{
    if (quota_us <= 0 || period_us <= 0)
        return false;
    long long whole = quota_us / period_us + (quota_us % period_us != 0);
    *processors = whole > UINT_MAX ? UINT_MAX : (unsigned)whole;
    return true;
}

static bool parse_number(const char **text, long long *number)
{
    char *end;

    *number = strtoll(*text, &end, 10);
    bool is_number = end != *text;
    *text = end;
    return is_number;
}

bool cpu_quota_parse_v2(const char *cpu_max, unsigned *processors)
{
    long long quota_us, period_us;

    return parse_number(&cpu_max, &quota_us) && parse_number(&cpu_max, &period_us) &&
           divide(quota_us, period_us, processors);
}

bool cpu_quota_parse_v1(const char *quota_us, const char *period_us, unsigned *processors)
{
    long long quota, period;

    return parse_number(&quota_us, &quota) && parse_number(&period_us, &period) &&
           divide(quota, period, processors);
}

static bool read_small_file(const char *folder, const char *name, char text[FILE_TEXT_BYTES])
{
    char path[PATH_MAX];

    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path)
        return false;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    size_t length = fread(text, 1, FILE_TEXT_BYTES - 1, file);
    text[length] = '\0';
    fclose(file);
    return length > 0;
}

static bool read_limit(const char *folder, unsigned *processors)
{
    char quota[FILE_TEXT_BYTES], period[FILE_TEXT_BYTES];

    if (read_small_file(folder, "cpu.max", quota))
        return cpu_quota_parse_v2(quota, processors);
    return read_small_file(folder, "cpu.cfs_quota_us", quota) &&
           read_small_file(folder, "cpu.cfs_period_us", period) &&
           cpu_quota_parse_v1(quota, period, processors);
}

/* Every ancestor may hold a limit. A path that isn't there is passed over: a container without a
 * cgroup namespace is told its path on the host, while its own limit lies at the root that it sees.
 */
static unsigned find_in_hierarchy(const char *mount, const char *path)
{
    char folder[PATH_MAX];
    unsigned found = 0;

    if (snprintf(folder, sizeof folder, "%s%s", mount, path) >= (int)sizeof folder)
        return 0;
    for (;;) {
        unsigned processors;
        if (read_limit(folder, &processors) && (found == 0 || processors < found))
            found = processors;
        char *slash = strrchr(folder, '/');
        if (slash == NULL || slash < folder + strlen(mount))
            return found;
        *slash = '\0';
    }
}

static bool names_cpu_controller(const char *controllers)
{
    for (const char *name = controllers; *name != '\0';) {
        size_t length = strcspn(name, ",");
        if (length == 3 && memcmp(name, "cpu", 3) == 0)
            return true;
        name += length + (name[length] == ',');
    }
    return false;
}

/* One line of /proc/self/cgroup, "hierarchy:controllers:path"; no controllers: version 2. */
static unsigned find_by_line(char *line, const char *root)
{
    char mount[PATH_MAX];

    char *controllers = strchr(line, ':');
    if (controllers == NULL)
        return 0;
    controllers++;
    char *path = strchr(controllers, ':');
    if (path == NULL)
        return 0;
    *path++ = '\0';

    if (*controllers == '\0')
        return find_in_hierarchy(root, path);
    if (!names_cpu_controller(controllers))
        return 0;
    if (snprintf(mount, sizeof mount, "%s/%s", root, controllers) >= (int)sizeof mount)
        return 0;
    return find_in_hierarchy(mount, path);
}

unsigned cpu_quota_find(const char *membership, const char *root)
{
    unsigned found = 0;

    while (*membership != '\0') {
        char line[PATH_MAX];
        size_t length = strcspn(membership, "\n");
        if (length < sizeof line) {
            memcpy(line, membership, length);
            line[length] = '\0';
            unsigned processors = find_by_line(line, root);
            if (processors != 0 && (found == 0 || processors < found))
                found = processors;
        }
        membership += length + (membership[length] == '\n');
    }
    return found;
}
