"""Options that choose objects or shape definitions are pg_dump's own and mean what they mean there."""

import re

from harness import pgfast
from integration.case import IntegrationTest
from integration.zoo import small_in

CHOICES = {
    "schema": ("-n", "sales"),
    "schema_pattern": ("-n", "s*", "-N", "st*"),
    "exclude_schema": ("-N", "stock"),
    "table": ("-t", "sales.orders"),
    "tables": ("-t", "sales.*", "-t", "stock.items"),
    "exclude_table": ("-T", "*.orders"),
    "exclude_table_data": ("--exclude-table-data=sales.orders", "--exclude-table-data=stock.numbers"),
    "no_owner": ("-O",),
    "no_privileges": ("-x",),
    "schema_only": ("-s",),
    "data_only": ("-a",),
    "pre_data": ("--section=pre-data",),
    "data": ("--section=data",),
    "two_sections": ("--section=data", "--section=post-data"),
    "extension": ("-e", "pgfast_shop"),
    "no_large_objects": ("-B",),
    "large_objects_too": ("-n", "sales", "-b"),
    "no_comments": ("--no-comments",),
    "no_publications": ("--no-publications",),
    "no_unlogged_data": ("--no-unlogged-table-data",),
    "via_root": ("--load-via-partition-root",),
    "quoted": ("--quote-all-identifiers",),
    "long_forms": ("--schema=sales", "--exclude-table=*.customers", "--no-owner", "--no-acl"),
}
CHOICES_OF_18 = {
    "table_and_children": ("--table-and-children=stock.parts",),
    "exclude_data_and_children": ("--exclude-table-data-and-children=stock.parts",),
    "exclude_extension": ("--exclude-extension=hstore",),
    "no_policies": ("--no-policies",),
    "statistics": ("--statistics",),
    "no_schema": ("--no-schema",),
    "no_data": ("--no-data",),
}


class SelectionOnDump(IntegrationTest):
    def check(self, major, options):
        """The same entries in the same order with the same owners, and the same definitions in a script."""
        cluster = self.cluster(major)
        source = small_in(cluster).name
        folder = self.folder()
        pgfast(
            "dump",
            "--no-sync",
            "-j2",
            "--no-split",
            "--for-pg-restore=17",
            *options,
            "-f",
            folder / "ours",
            source,
            cluster=cluster,
        )
        cluster.run_tool("pg_dump", "-Fd", "--no-sync", *options, "-f", folder / "stock", source)
        self.assertEqual(self.entries(folder / "ours"), self.entries(folder / "stock"))
        self.assertEqual(self.script(folder / "ours"), self.script(folder / "stock"))

    def entries(self, archive):
        listing = self.newest().run_tool("pg_restore", "-l", archive).stdout
        return [re.sub(r"^\d+; ", "", line) for line in listing.splitlines() if not line.startswith(";")]

    def script(self, archive):
        text = self.newest().run_tool("pg_restore", "-f", "-", archive).stdout
        return [line for line in text.splitlines() if not re.match(r"\\(un)?restrict|-- Dumped ", line)]

    def newest(self):
        return self.cluster(18)

    def test_filter_file(self):
        filter_file = self.folder() / "filter"
        filter_file.write_text("# a comment\ninclude schema sales\nexclude table_data sales.orders\n")
        self.check(18, (f"--filter={filter_file}",))

    def test_strict_names(self):
        cluster = self.cluster()
        archive = self.folder() / "archive"
        done = pgfast(
            "dump",
            "--strict-names",
            "-t",
            "no_such_table",
            "-f",
            archive,
            small_in(cluster).name,
            cluster=cluster,
            check=False,
        )
        self.assertNotIn(done.returncode, (0, 70), done.describe())
        self.assert_one_error(done, "no_such_table")
        self.assertFalse(archive.exists())

    def test_a_pattern_that_matches_nothing(self):
        cluster = self.cluster()
        archive = self.folder() / "archive"
        done = pgfast(
            "dump", "-t", "no_such_table", "-f", archive, small_in(cluster).name, cluster=cluster, check=False
        )
        self.assertNotIn(done.returncode, (0, 70), done.describe())
        self.assert_one_error(done, "no matching tables")


def _add_tests():
    both = {name: CHOICES[name] for name in ("table", "data_only", "data", "two_sections", "large_objects_too")}
    for major, choices in ((15, CHOICES), (18, {**CHOICES_OF_18, **both})):
        for name, options in choices.items():
            setattr(SelectionOnDump, f"test_{major}_{name}", lambda self, m=major, o=options: self.check(m, o))


_add_tests()
