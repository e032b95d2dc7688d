#include "engine/flow/placement_text.h"

#include "engine/base/memory.h"

#include <stdlib.h>

static const char *plural(unsigned count)
{
    return count == 1 ? "" : "s";
}

static void describe_machine(struct text *text, const struct topology *topology)
{
    text_print(text, "machine: %u processor%s in %u cache domain%s on %u NUMA node%s",
               topology->processor_count, plural(topology->processor_count), topology->domain_count,
               plural(topology->domain_count), topology->node_count, plural(topology->node_count));
    if (topology->usable < topology->processor_count)
        text_print(text, ", of which a CPU quota leaves %u at once", topology->usable);
    text_append(text, "\n");
}

static int compare_numbers(const void *left, const void *right)
{
    unsigned a = *(const unsigned *)left, b = *(const unsigned *)right;

    return (a > b) - (a < b);
}

/* "0-7,64-71", as the kernel writes such lists. */
static void describe_processors(struct text *text, const struct lane *lane)
{
    unsigned *numbers = memory_allocate(lane->processor_count, sizeof numbers[0]);

    for (unsigned i = 0; i < lane->processor_count; i++)
        numbers[i] = lane->processors[i].number;
    qsort(numbers, lane->processor_count, sizeof numbers[0], compare_numbers);
    for (unsigned first = 0, next; first < lane->processor_count; first = next) {
        for (next = first + 1;
             next < lane->processor_count && numbers[next] == numbers[next - 1] + 1; next++)
            ;
        text_print(text, "%s%u", first > 0 ? "," : "", numbers[first]);
        if (next - first > 1)
            text_print(text, "-%u", numbers[next - 1]);
    }
    free(numbers);
}

static void describe_threads(struct text *text, const struct lane *lane)
{
    if (lane->codec_threads == 0) {
        text_print(text, "%u session%s, each of which encodes what it reads\n", lane->sessions,
                   plural(lane->sessions));
        return;
    }
    text_print(text, "%u session%s, %u codec thread%s\n", lane->sessions, plural(lane->sessions),
               lane->codec_threads, plural(lane->codec_threads));
}

void placement_describe(struct text *text, const struct topology *topology,
                        const struct placement *placement)
{
    describe_machine(text, topology);
    if (!placement->is_bound) {
        text_append(text, "one lane, bound to nothing, the kernel shares out: ");
        describe_threads(text, &placement->lanes[0]);
        return;
    }
    for (unsigned i = 0; i < placement->lane_count; i++) {
        text_print(text, "lane %u: node %u, processors ", i, placement->lanes[i].node);
        describe_processors(text, &placement->lanes[i]);
        text_append(text, ": ");
        describe_threads(text, &placement->lanes[i]);
    }
    text_append(text, "coordinator and I/O thread: bound to nothing\n");
}
