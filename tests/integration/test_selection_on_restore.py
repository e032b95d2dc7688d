"""Options of restore mean what they mean to pg_restore: the same archive, the same switches, the same database."""

from harness import Database, assert_databases_equal, pgfast
from integration.case import IntegrationTest
from integration.zoo import small_in

SCHEMAS = "CREATE SCHEMA sales; CREATE SCHEMA stock; CREATE TYPE sales.state AS ENUM ('open', 'paid');"

# name: (what the target holds already, switches); None for the target means: all definitions, no rows.
CHOICES = {
    "schema": (SCHEMAS, ("-n", "stock")),
    "two_schemas": (SCHEMAS, ("-n", "stock", "-n", "public")),
    "exclude_schema": ("", ("-N", "stock")),
    "table": (SCHEMAS, ("-t", "items")),
    "table_in_two_schemas": (SCHEMAS, ("-t", "orders")),
    "view_and_sequence": (SCHEMAS, ("-t", "numbers", "-t", "customers")),
    "function": (SCHEMAS, ("-P", "doubled(integer)")),
    "schema_only": ("", ("-s",)),
    "data_only_without_triggers": (None, ("-a", "--disable-triggers")),
    "pre_data": ("", ("--section=pre-data",)),
    "pre_data_and_data": ("", ("--section=pre-data", "--section=data")),
    "no_owner": ("", ("-O",)),
    "no_privileges": ("", ("-x",)),
    "no_comments": ("", ("--no-comments",)),
    "no_publications": ("", ("--no-publications",)),
    "role": ("", ("--role=postgres", "-O")),
    "exit_on_error": ("", ("-e",)),
}


class SelectionOnRestore(IntegrationTest):
    def archive(self, cluster, *options):
        archive = self.folder() / "archive"
        pgfast(
            "dump",
            "--no-sync",
            "-j2",
            "-Z",
            "gzip:1",
            "--split-size=64kB",
            "-f",
            archive,
            *options,
            small_in(cluster).name,
            cluster=cluster,
        )
        return archive

    def pair(self, cluster, prepare, archive):
        """Two equal targets, ours and stock's."""
        first = self.database(cluster, prepare)
        if prepare is None:
            cluster.run_tool("pg_restore", "-s", "-d", first, archive)
        return Database(cluster, first), Database(cluster, self.database(cluster, template=first))

    def restore_both(self, cluster, ours, stock, options, archive, jobs="-j4"):
        by_pgfast = pgfast("restore", jobs, *options, "-d", ours.name, archive, cluster=cluster, check=False)
        by_stock = cluster.run_tool("pg_restore", *options, "-d", stock.name, archive, check=False)
        self.assertEqual(
            by_pgfast.returncode, 0 if by_stock.returncode == 0 else 41, by_pgfast.describe() + by_stock.describe()
        )
        assert_databases_equal(stock, ours)

    def check(self, prepare, options):
        cluster = self.cluster()
        archive = self.archive(cluster)
        ours, stock = self.pair(cluster, prepare, archive)
        self.restore_both(cluster, ours, stock, options, archive)

    def test_data_only(self):
        """One job: foreign keys are there already, and only the archive's order suits them."""
        cluster = self.cluster()
        archive = self.archive(cluster)
        ours, stock = self.pair(cluster, None, archive)
        self.restore_both(cluster, ours, stock, ("-a",), archive, jobs="-j1")

    def test_clean(self):
        cluster = self.cluster()
        archive = self.archive(cluster)
        ours, stock = self.pair(cluster, "", archive)
        self.restore_both(cluster, ours, stock, (), archive)
        self.restore_both(cluster, ours, stock, ("-c",), archive)

    def test_clean_if_exists(self):
        cluster = self.cluster()
        archive = self.archive(cluster)
        ours, stock = self.pair(cluster, "CREATE TABLE public.guarded (other text);", archive)
        self.restore_both(cluster, ours, stock, ("-c", "--if-exists"), archive)

    def test_section_by_section(self):
        cluster = self.cluster()
        archive = self.archive(cluster)
        ours, stock = self.pair(cluster, "", archive)
        for section in ("pre-data", "data", "post-data"):
            self.restore_both(cluster, ours, stock, (f"--section={section}",), archive)

    def test_use_list(self):
        cluster = self.cluster()
        archive = self.archive(cluster)
        lines = pgfast("list", archive).stdout.splitlines()
        # Everything but one index, and the data upside down; only the extension's own tables keep their order, which
        # their foreign key needs.
        chosen = [line for line in lines if "orders_note" not in line]
        data = [line for line in chosen if " TABLE DATA " in line and "shop_settings" not in line]
        chosen = [line for line in chosen if line not in data]
        at = next(i for i, line in enumerate(chosen) if " SEQUENCE SET " in line)
        chosen[at:at] = [*reversed(data), "; a comment", ""]
        use_list = self.folder() / "list"
        use_list.write_text("\n".join(chosen) + "\n")
        ours, stock = self.pair(cluster, "", archive)
        self.restore_both(cluster, ours, stock, ("-L", str(use_list)), archive)

    def test_use_list_with_lines_that_name_nothing(self):
        """As pg_restore does: a warning for each such line, and the rest is done."""
        cluster = self.cluster()
        archive = self.archive(cluster)
        known = [line for line in pgfast("list", archive).stdout.splitlines() if " TYPE sales state " in line]
        use_list = self.folder() / "list"
        use_list.write_text("99999; 0 0 TABLE nowhere nothing nobody\nnonsense\n" + known[0] + "\n")
        target = self.database(cluster, "CREATE SCHEMA sales;")
        done = pgfast("restore", "-L", use_list, "-d", target, archive, cluster=cluster)
        self.assertRegex(done.stderr, "99999")
        self.assertRegex(done.stderr, "nonsense")
        self.assertEqual(cluster.value(target, "SELECT count(*) FROM pg_type WHERE typname = 'state';"), "1")

    def test_errors_are_counted_and_named(self):
        cluster = self.cluster()
        archive = self.archive(cluster)
        target = self.database(cluster, "CREATE SCHEMA sales; CREATE TABLE sales.customers (id integer, other text);")
        done = pgfast("restore", "-j2", "-d", target, archive, cluster=cluster, check=False)
        self.assert_fails(done, 41, "sales", "customers", "42P0[67]")
        # What has nothing to do with the conflict is there.
        self.assertEqual(cluster.value(target, "SELECT count(*) FROM stock.items;"), "300")

    def test_exit_on_error_stops(self):
        cluster = self.cluster()
        archive = self.archive(cluster)
        target = self.database(cluster, "CREATE SCHEMA sales;")
        done = pgfast("restore", "-e", "-j2", "-d", target, archive, cluster=cluster, check=False)
        self.assertNotIn(done.returncode, (0, 70))
        self.assert_one_error(done, "sales")
        self.assertEqual(cluster.value(target, "SELECT count(*) FROM pg_class WHERE relname = 'items';"), "0")

    def test_role_that_may_not(self):
        cluster = self.cluster()
        archive = self.archive(cluster)
        cluster.psql("postgres", "DROP ROLE IF EXISTS may_nothing; CREATE ROLE may_nothing;")
        target = self.database(cluster)
        done = pgfast("restore", "--role=may_nothing", "-d", target, archive, cluster=cluster, check=False)
        self.assert_fails(done, 41, "permission denied", "42501")


def _add_tests():
    for name, (prepare, options) in CHOICES.items():
        setattr(SelectionOnRestore, f"test_{name}", lambda self, p=prepare, o=options: self.check(p, o))


_add_tests()
