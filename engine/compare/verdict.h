/* Whether the two sides of what was compared are the same, and if not how they differ. Pure. */
#ifndef PGFAST_COMPARE_VERDICT_H
#define PGFAST_COMPARE_VERDICT_H

#include "engine/compare/objects.h"
#include "engine/compare/sequences.h"
#include "engine/compare/subjects.h"

/* All true when they are the same; else ERROR_DIFFERENT tells how they differ, or another kind why
 * nobody knows. */
bool verdict_of_subject(const struct subject *subject, struct error *error) MUST_CHECK;
bool verdict_of_sequence(const struct sequence *sequence, struct error *error) MUST_CHECK;

/* `knows_objects`: the archive tells of empty objects, too. */
bool verdict_of_object(const struct compared_object *object, bool knows_objects,
                       struct error *error) MUST_CHECK;

#endif
