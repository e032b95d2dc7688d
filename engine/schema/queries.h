/* The texts of queries/NAME.sql, embedded at build (embed_queries.cmake). */
#ifndef PGFAST_SCHEMA_QUERIES_H
#define PGFAST_SCHEMA_QUERIES_H

extern const char query_relations[];
extern const char query_room[];
extern const char query_spare_room[];
extern const char query_plain_tables[];
extern const char query_relation_sizes[];
extern const char query_signatures[];
extern const char query_definition_versions[];
extern const char query_names[];
extern const char query_split_keys[];
extern const char query_primary_key[];
extern const char query_column_types[];
extern const char query_columns_of_types[];
extern const char query_comparable[];
extern const char query_blockers[];
extern const char query_lock_holders[];

#endif
