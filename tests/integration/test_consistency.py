"""One snapshot for everything: a dump taken under load holds each transaction wholly or not at all."""

import threading

from harness import TokenLoad, pgfast
from integration.case import IntegrationTest

WRITERS = 3
DUMPS = 3
LOAD = TokenLoad(tables=6, accounts=3000, filler_bytes=100)


class Consistency(IntegrationTest):
    def test_under_load(self):
        cluster = self.cluster()
        source = self.database(cluster, LOAD.schema())
        writers = [threading.Thread(target=self.write, args=(cluster, source, seed)) for seed in range(WRITERS)]
        for writer in writers:
            writer.start()
        try:
            self.wait_until(
                lambda: int(cluster.value(source, "SELECT count(*) FROM tokens_0;")) > 100, "writers to begin"
            )
            archives = [self.dump(cluster, source) for _ in range(DUMPS)]
        finally:
            cluster.psql(source, LOAD.stop())
            for writer in writers:
                writer.join()
        counts = [self.check(cluster, archive) for archive in archives]
        self.assertLess(counts[0], counts[-1], "the writers did not write during the dumps")

    def write(self, cluster, source, seed):
        cluster.psql(source, LOAD.work(seed))

    def dump(self, cluster, source):
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-j4", "--split-size=64kB", "-f", archive, source, cluster=cluster)
        return archive

    def check(self, cluster, archive):
        target = self.database(cluster)
        pgfast("restore", "-j4", "-d", target, archive, cluster=cluster)
        self.assertEqual(cluster.query(target, LOAD.contradictions()), [])
        return int(cluster.value(target, "SELECT count(*) FROM tokens_0;"))
