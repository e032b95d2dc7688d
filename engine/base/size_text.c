#include "engine/base/size_text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct unit {
    const char *name;
    unsigned shift;
};

/* Ascending. PostgreSQL spells kilobytes "kB"; people type "KB" as well, so case does not count. */
static const struct unit units[] = {{"B", 0}, {"kB", 10}, {"MB", 20}, {"GB", 30}, {"TB", 40}};
static const size_t unit_count = sizeof units / sizeof units[0];

/* Enough digits behind the point for anything that people write; more would overflow the scale. */
#define FRACTION_SCALE_MAXIMUM 1000000u

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

static const struct unit *find_unit(const char *name)
{
    if (*name == '\0')
        return &units[0];
    for (size_t i = 0; i < unit_count; i++)
        if (strcasecmp(name, units[i].name) == 0)
            return &units[i];
    return NULL;
}

/* The digits behind the point as numerator and power of ten; digits beyond the sixth are read and
 * dropped. */
static const char *parse_fraction(const char *text, uint64_t *numerator, uint64_t *scale)
{
    for (; is_digit(*text); text++) {
        if (*scale == FRACTION_SCALE_MAXIMUM)
            continue;
        *numerator = *numerator * 10 + (uint64_t)(*text - '0');
        *scale *= 10;
    }
    return text;
}

bool size_text_parse(const char *text, uint64_t *bytes)
{
    uint64_t whole = 0, numerator = 0, scale = 1, result;
    char name[4] = "";

    text = skip_blanks(text);
    if (!is_digit(*text))
        return false;
    for (; is_digit(*text); text++)
        if (__builtin_mul_overflow(whole, 10, &whole) ||
            __builtin_add_overflow(whole, (uint64_t)(*text - '0'), &whole))
            return false;
    if (*text == '.') {
        if (!is_digit(text[1]))
            return false;
        text = parse_fraction(text + 1, &numerator, &scale);
    }

    text = skip_blanks(text);
    size_t length = strcspn(text, " \t");
    if (length >= sizeof name || *skip_blanks(text + length) != '\0')
        return false;
    memcpy(name, text, length);
    const struct unit *unit = find_unit(name);
    if (unit == NULL || (scale > 1 && unit->shift == 0))
        return false;

    if (__builtin_mul_overflow(whole, (uint64_t)1 << unit->shift, &result))
        return false;
    /* numerator < 10^6 and shift <= 40: the product stays below 2^60. */
    if (__builtin_add_overflow(result, (numerator << unit->shift) / scale, &result))
        return false;
    *bytes = result;
    return true;
}

void size_text_format(char *buffer, size_t room_bytes, uint64_t bytes)
{
    size_t chosen = 0;

    while (chosen + 1 < unit_count && bytes >> units[chosen + 1].shift > 0)
        chosen++;
    if (chosen == 0) {
        snprintf(buffer, room_bytes, "%llu B", (unsigned long long)bytes);
        return;
    }
    uint64_t unit_bytes = (uint64_t)1 << units[chosen].shift;
    uint64_t whole = bytes / unit_bytes;
    /* Rounded down, so that 1023.99 MB never shows as a "1024.0 MB" that ought to be 1.0 GB. */
    uint64_t tenth = bytes % unit_bytes * 10 / unit_bytes;
    snprintf(buffer, room_bytes, "%llu.%llu %s", (unsigned long long)whole,
             (unsigned long long)tenth, units[chosen].name);
}
