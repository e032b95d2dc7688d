/* How an entry is named to people. Control characters are escaped. */
#ifndef PGFAST_ARCHIVE_LABEL_H
#define PGFAST_ARCHIVE_LABEL_H

#include "engine/archive/toc.h"

enum { LABEL_BYTES = 256 }; /* what an event can hold; longer names are cut */

void label_entry(char label[LABEL_BYTES], const struct toc_entry *entry); /* TABLE public.orders */
void label_name(char label[LABEL_BYTES], const struct toc_entry *entry);  /* public.orders */
void label_table(char label[LABEL_BYTES], const char *schema, const char *name);

#endif
