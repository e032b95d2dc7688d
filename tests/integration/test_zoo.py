"""The judges judged: stock pg_dump and pg_restore carry the zoo, and all three judges find it whole.

Needs no pgfast.  What stock itself changes on the way is listed here, each with its reason; test_round_trip.py
compares with stock's copy and needs no such list.
"""

import unittest

from harness import Database, assert_databases_equal
from integration.case import MAJORS, IntegrationTest
from integration.zoo import HASHED_BY_ENUM, stock_copy_in, zoo_in

STOCK_CHANGES = (
    # A child's default that was dropped comes back as an explicit null, and a grandchild's as its parent's.
    r"ALTER TABLE ONLY tables\.(child|grandchild) ALTER COLUMN price SET DEFAULT",
    r"^column\|tables\.(child|grandchild)\|price\|",
    r"^-- Name: grandchild price; Type: DEFAULT",
    # The flag "no inherit" of a partition's key: made together with its parent's key or attached to it afterwards.
    r"^constraint\|\w+\.\w+_\d\|\w+\|[px]\|",
    # 18: a child's NOT NULL counts as its own as soon as it is spelled out.
    r"^constraint\|new_in_18\.not_nulls_child\|b_later\|",
    # 13 and 14 look for the default owner of "public" and lose another one.
    r"^schema\|public\|",
    r"^comment\|schema public\|",
    r"SCHEMA public",
)


class StockCarriesTheZoo(IntegrationTest):
    def check(self, major):
        cluster = self.cluster(major)
        assert_databases_equal(zoo_in(cluster), stock_copy_in(cluster), judges=("rows",), ignore=[HASHED_BY_ENUM])
        assert_databases_equal(
            zoo_in(cluster), stock_copy_in(cluster), judges=("text", "catalog"), ignore=[*STOCK_CHANGES, r"^(--)?$"]
        )


class JudgesSeeDifferences(IntegrationTest):
    """A judge that finds everything equal proves nothing; each must see a small change."""

    def setUp(self):
        self.server = self.cluster()
        self.original = self.database(self.server, "CREATE TABLE t AS SELECT i FROM generate_series(1, 100) AS i;")

    def assert_seen(self, sql, judge):
        changed = self.database(self.server, template=self.original)
        self.server.psql(changed, sql)
        with self.assertRaisesRegex(AssertionError, f"judge '{judge}'"):
            assert_databases_equal(Database(self.server, self.original), Database(self.server, changed))

    def test_one_row_changed(self):
        self.assert_seen("UPDATE t SET i = 100 WHERE i = 99;", "rows")

    def test_one_row_twice_and_another_gone(self):
        self.assert_seen("DELETE FROM t WHERE i IN (1, 2); INSERT INTO t VALUES (3), (3);", "rows")

    def test_a_column_renamed(self):
        self.assert_seen("ALTER TABLE t RENAME i TO j;", "catalog")

    def test_a_comment(self):
        self.assert_seen("COMMENT ON COLUMN t.i IS 'new';", "text")

    def test_a_grant(self):
        self.assert_seen("GRANT SELECT ON t TO PUBLIC;", "catalog")


def _add_tests():
    for major in MAJORS:
        setattr(StockCarriesTheZoo, f"test_{major}", lambda self, major=major: self.check(major))


_add_tests()

if __name__ == "__main__":
    unittest.main()
