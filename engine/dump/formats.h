/* In which of COPY's formats the rows of each table travel. Text is what everybody can read;
 * binary costs both servers about half as much, where all values have a portable binary form. */
#ifndef PGFAST_DUMP_FORMATS_H
#define PGFAST_DUMP_FORMATS_H

#include "engine/schema/schema.h"

enum data_format {
    DATA_FORMAT_TEXT,
    DATA_FORMAT_BINARY, /* or not at all */
    DATA_FORMAT_AUTO    /* binary where a table's columns allow it */
};

/* "text", "binary", "auto"; NULL: text. ERROR_USAGE: none of these. */
bool formats_parse(const char *word, enum data_format *format, struct error *error) MUST_CHECK;

/* Marks the relations of the schema. ERROR_USAGE: one of them cannot travel as wanted; table,
 * column and type are named. */
bool formats_decide(struct schema *schema, struct arena *arena, struct session *session,
                    enum data_format wanted, struct error *error) MUST_CHECK;

#endif
