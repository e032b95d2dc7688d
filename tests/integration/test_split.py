"""Big tables in pieces: whatever they are cut by, every row is in exactly one piece.

From 14 on the pieces are ranges of pages; before, ranges of a key, which only a key of the right kind can give.
"""

import re

from harness import Database, assert_databases_equal, pgfast
from integration.case import IntegrationTest

ROWS = 6000

# name: (columns and constraints, expression for the key of row i, further statements)
TABLES = {
    "plain_key": ("k integer PRIMARY KEY", "i", ""),
    "no_key": ("k integer", "i", ""),
    "nullable_unique": ("k integer UNIQUE", "CASE WHEN i % 3 = 0 THEN NULL ELSE i END", ""),
    "extremes": (
        "k bigint PRIMARY KEY",
        "CASE i WHEN 1 THEN -9223372036854775808 WHEN 2 THEN 9223372036854775807 ELSE i END",
        "",
    ),
    "only_ends": (
        "k bigint PRIMARY KEY",
        "CASE WHEN i % 2 = 0 THEN -9223372036854775808 + i ELSE 9223372036854775807 - i END",
        "",
    ),
    "negative_small": ("k smallint PRIMARY KEY", "-i", ""),
    "all_in_one_corner": ("k integer PRIMARY KEY", "CASE WHEN i = 1 THEN 2000000000 ELSE i END", ""),
    "two_columns": ("k integer, l integer, PRIMARY KEY (k, l)", "i / 100", "DELETE FROM {t} WHERE l % 3 = 0;"),
    "text_key": ("k text PRIMARY KEY", "'key ' || i", ""),
    "uuid_key": ("k uuid PRIMARY KEY", "md5(i::text)::uuid", ""),
    "numeric_key": ("k numeric PRIMARY KEY", "CASE WHEN i = 7 THEN 'NaN' ELSE i / 7.0 END", ""),
    "date_key": ("k date PRIMARY KEY", "CASE WHEN i = 7 THEN 'infinity' ELSE date '2000-01-01' + i END", ""),
    "partial_unique": (
        "k integer NOT NULL",
        "CASE WHEN i % 2 = 0 THEN i ELSE -1 END",
        "CREATE UNIQUE INDEX ON {t} (k) WHERE k > 0;",
    ),
    "expression_unique": ("k integer NOT NULL", "i", "CREATE UNIQUE INDEX ON {t} ((k + 1));"),
    "deferrable_key": ("k integer PRIMARY KEY DEFERRABLE INITIALLY DEFERRED", "i", ""),
    "domain_key": ("k positive PRIMARY KEY", "i", ""),
    '"FROM; ""where"': ('k integer PRIMARY KEY, "k; --" integer', "i", ""),
    "generated_first": ("g integer GENERATED ALWAYS AS (1) STORED, k integer PRIMARY KEY", "i", ""),
    "dropped_first": ("gone integer, k integer PRIMARY KEY", "i", "ALTER TABLE {t} DROP COLUMN gone;"),
    "shrunk": ("k integer PRIMARY KEY", "i", "DELETE FROM {t} WHERE k > 100; VACUUM {t};"),
    "grown_since_analyze": (
        "k integer PRIMARY KEY",
        "i",
        "ANALYZE {t}; INSERT INTO {t} (k, filler) SELECT k + 10000, filler FROM {t};",
    ),
    "moved_rows": (
        "k integer PRIMARY KEY",
        "i",
        "UPDATE {t} SET filler = filler || 'x'; UPDATE {t} SET filler = filler || 'y';",
    ),
}


class Split(IntegrationTest):
    def check(self, major, at_least):
        cluster = self.cluster(major)
        source = Database(cluster, self.database(cluster, "CREATE DOMAIN positive AS integer CHECK (VALUE > 0);"))
        for name, (columns, key, further) in TABLES.items():
            cluster.psql(
                source.name,
                f"CREATE TABLE {name} ({columns}, filler text);"
                f"INSERT INTO {name} (k{', l' if 'l integer' in columns else ''}, filler)"
                f" SELECT {key}{', i' if 'l integer' in columns else ''}, repeat(md5(i::text), 5)"
                f" FROM generate_series(1, {ROWS}) AS i;",
            )
            for statement in further.format(t=name).split("; "):
                cluster.psql(source.name, statement)
        archive = self.folder() / "archive"
        pgfast(
            "dump", "--no-sync", "-j4", "-Z", "none", "--split-size=64kB", "-f", archive, source.name, cluster=cluster
        )
        listing = pgfast("list", archive).stdout
        for name in at_least:
            self.assertGreater(
                len(re.findall(f" TABLE DATA public {name} ", listing)), 5, f"{name} is in too few pieces"
            )
        for reader in ("pgfast", "pg_restore"):
            copy = Database(cluster, self.database(cluster))
            if reader == "pgfast":
                pgfast("restore", "-j4", "-d", copy.name, archive, cluster=cluster)
            else:
                cluster.run_tool("pg_restore", "-j4", "-d", copy.name, archive)
            assert_databases_equal(source, copy, judges=("rows",))

    def test_13(self):
        self.check(13, ("plain_key", "negative_small"))

    def test_15(self):
        self.check(15, ("plain_key", "no_key", "nullable_unique", "text_key", "two_columns", "numeric_key"))

    def test_18(self):
        self.check(18, ("plain_key", "no_key"))
