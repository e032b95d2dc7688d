"""One snapshot for everything: a dump taken under load holds each transaction wholly or not at all."""

import threading

from harness import pgfast
from integration.case import IntegrationTest

TABLES = 6
WRITERS = 3
DUMPS = 3

SCHEMA = f"""
CREATE TABLE accounts (id integer PRIMARY KEY, balance bigint, filler text);
INSERT INTO accounts SELECT i, 0, repeat('x', 300) FROM generate_series(1, 3000) AS i;
CREATE SEQUENCE token;
{"".join(f"CREATE TABLE tokens_{i} (token bigint PRIMARY KEY, filler text);" for i in range(TABLES))}
CREATE TABLE children (token bigint REFERENCES tokens_0);
CREATE TABLE stop_sign (stop boolean);
CREATE PROCEDURE work(seed integer) LANGUAGE plpgsql AS $$
DECLARE
    t bigint; a integer; b integer; amount integer;
BEGIN
    PERFORM setseed(seed / 10.0);
    WHILE NOT EXISTS (SELECT FROM stop_sign) LOOP
        t := nextval('token');
        {"".join(f"INSERT INTO tokens_{i} VALUES (t, repeat('y', 100));" for i in range(TABLES))}
        INSERT INTO children VALUES (t);
        a := 1 + random() * 2999; b := 1 + random() * 2999; amount := random() * 100;
        -- Rows move to other pages, so ranges of one table must all see one snapshot.
        UPDATE accounts SET balance = balance - amount WHERE id = a;
        UPDATE accounts SET balance = balance + amount WHERE id = b;
        COMMIT;
    END LOOP;
END $$;
"""

CHECKS = (
    ("SELECT sum(balance), count(*) FROM accounts;", [["0", "3000"]]),
    ("SELECT count(*) FROM children c LEFT JOIN tokens_0 t USING (token) WHERE t.token IS NULL;", [["0"]]),
    ("SELECT last_value >= (SELECT max(token) FROM tokens_0) FROM token;", [["t"]]),
    *(
        (
            f"SELECT count(*) FROM tokens_0 a FULL JOIN tokens_{i} b USING (token) WHERE a IS NULL OR b IS NULL;",
            [["0"]],
        )
        for i in range(1, TABLES)
    ),
)


class Consistency(IntegrationTest):
    def test_under_load(self):
        cluster = self.cluster()
        source = self.database(cluster, SCHEMA)
        writers = [threading.Thread(target=self.write, args=(cluster, source, seed)) for seed in range(WRITERS)]
        for writer in writers:
            writer.start()
        try:
            self.wait_until(
                lambda: int(cluster.value(source, "SELECT count(*) FROM tokens_0;")) > 100, "writers to begin"
            )
            archives = [self.dump(cluster, source) for _ in range(DUMPS)]
        finally:
            cluster.psql(source, "INSERT INTO stop_sign VALUES (true);")
            for writer in writers:
                writer.join()
        counts = [self.check(cluster, archive) for archive in archives]
        self.assertLess(counts[0], counts[-1], "the writers did not write during the dumps")

    def write(self, cluster, source, seed):
        cluster.psql(source, f"CALL work({seed});")

    def dump(self, cluster, source):
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-j4", "--split-size=64kB", "-f", archive, source, cluster=cluster)
        return archive

    def check(self, cluster, archive):
        target = self.database(cluster)
        pgfast("restore", "-j4", "-d", target, archive, cluster=cluster)
        for sql, expected in CHECKS:
            self.assertEqual(cluster.query(target, sql), expected, sql)
        return int(cluster.value(target, "SELECT count(*) FROM tokens_0;"))
