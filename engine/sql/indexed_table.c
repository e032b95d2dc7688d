#include "engine/sql/indexed_table.h"

#include "engine/archive/scanner.h"

static bool take_table(struct scanner *scanner, struct span *table)
{
    scanner_take_words(scanner, "ONLY ");
    return scanner_take_relation(scanner, table);
}

static bool take_index(struct scanner *scanner)
{
    return scanner_take_words(scanner, "CREATE INDEX ") ||
           scanner_take_words(scanner, "CREATE UNIQUE INDEX ");
}

bool indexed_table(const char *definition, struct span *table)
{
    struct scanner scanner = {definition};

    if (take_index(&scanner))
        return scanner_take_name(&scanner) && scanner_take_words(&scanner, " ON ") &&
               take_table(&scanner, table);
    return scanner_take_words(&scanner, "ALTER TABLE ") && take_table(&scanner, table) &&
           scanner_take_words(&scanner, "\n    ADD CONSTRAINT ");
}
