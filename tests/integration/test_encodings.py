"""Databases of other encodings: bytes are carried as they are, and converted only where target or option ask for it."""

from harness import Database, assert_databases_equal, pgfast
from integration.case import IntegrationTest

TABLE = "CREATE TABLE texts (id integer, v text);"


class Encodings(IntegrationTest):
    def round_trip(self, encoding, sql, *, target_encoding=None, options=()):
        cluster = self.cluster()
        source = Database(cluster, self.database(cluster, TABLE + sql, options=f"ENCODING '{encoding}'"))
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", *options, "-f", archive, source.name, cluster=cluster)
        copy = Database(cluster, self.database(cluster, options=f"ENCODING '{target_encoding or encoding}'"))
        pgfast("restore", "-d", copy.name, archive, cluster=cluster)
        return source, copy

    def test_latin1(self):
        assert_databases_equal(
            *self.round_trip("LATIN1", "INSERT INTO texts SELECT i, chr(i) FROM generate_series(160, 255) AS i;")
        )

    def test_names_in_latin1(self):
        speak_utf8 = "SET client_encoding = 'UTF8'; "
        source, copy = self.round_trip(
            "LATIN1", speak_utf8 + 'CREATE TABLE "größe" ("süß" integer); INSERT INTO "größe" VALUES (1);'
        )
        self.assertEqual(copy.cluster.query(copy.name, speak_utf8 + 'SELECT "süß" FROM "größe";'), [["1"]])

    def test_euc_jp(self):
        values = "(1, '日本語'), (2, 'かな'), (3, '表示\\能')"
        sql = f"SET client_encoding = 'UTF8'; INSERT INTO texts VALUES {values};"
        assert_databases_equal(*self.round_trip("EUC_JP", sql))

    def test_sql_ascii_with_bytes_of_no_encoding(self):
        sql = "INSERT INTO texts SELECT i, chr(i) || 'x' FROM generate_series(128, 255) AS i;"
        assert_databases_equal(*self.round_trip("SQL_ASCII", sql))

    def test_from_latin1_to_utf8(self):
        source, copy = self.round_trip(
            "LATIN1", "INSERT INTO texts SELECT i, chr(i) FROM generate_series(160, 255) AS i;", target_encoding="UTF8"
        )
        codes = "SELECT ascii(v) FROM texts ORDER BY id;"
        self.assertEqual(copy.cluster.query(copy.name, codes), source.cluster.query(source.name, codes))

    def test_dumped_in_another_encoding(self):
        """-E: the archive is in LATIN1, both databases in UTF8."""
        sql = "INSERT INTO texts VALUES (1, 'Müller'), (2, 'straße');"
        assert_databases_equal(*self.round_trip("UTF8", sql, options=("-E", "LATIN1")))

    def test_what_the_encoding_cannot_hold_is_an_error(self):
        cluster = self.cluster()
        source = self.database(cluster, TABLE + "INSERT INTO texts VALUES (1, '値');")
        archive = self.folder() / "archive"
        done = pgfast("dump", "-E", "LATIN1", "-f", archive, source, cluster=cluster, check=False)
        self.assert_fails(done, 13, "texts", "LATIN1")
        self.assertFalse(archive.exists())
