"""`pgfast list` prints what `pg_restore -l` prints, byte for byte."""

from harness import pgfast
from integration.case import IntegrationTest
from integration.zoo import small_in, zoo_in


class List(IntegrationTest):
    def assert_same_listing(self, archive, *options):
        stock = self.cluster(18).run_tool("pg_restore", "-l", *options, archive).stdout
        self.assertEqual(pgfast("list", *options, archive).stdout.splitlines(), stock.splitlines())

    def test_archives_of_every_pg_dump(self):
        for major, compression in ((13, "0"), (13, "6"), (15, "0"), (17, "lz4"), (18, "zstd"), (18, "gzip:9")):
            with self.subTest(major=major, compression=compression):
                cluster = self.cluster(major)
                self.assert_same_listing(self.stock_archive_of(zoo_in(cluster), "-Z", compression))

    def test_archives_of_pgfast(self):
        for major, options in ((15, ()), (15, ("-Z", "none", "--split-size=64kB")), (18, ("-Z", "lz4"))):
            with self.subTest(major=major, options=options):
                cluster = self.cluster(major)
                archive = self.folder() / "archive"
                pgfast("dump", "--no-sync", "-j2", *options, "-f", archive, zoo_in(cluster).name, cluster=cluster)
                self.assert_same_listing(archive)

    def test_verbose(self):
        cluster = self.cluster(18)
        self.assert_same_listing(self.stock_archive_of(small_in(cluster)), "-v")

    def test_statistics(self):
        cluster = self.cluster(18)
        self.assert_same_listing(self.stock_archive_of(small_in(cluster), "--statistics"))

    def test_with_selection(self):
        cluster = self.cluster(15)
        archive = self.stock_archive_of(small_in(cluster))
        for options in (
            ("-n", "sales"),
            ("-N", "sales"),
            ("-t", "orders"),
            ("-s",),
            ("-a",),
            ("--section=post-data",),
            ("-x",),
            ("-C",),
        ):
            with self.subTest(options=options):
                self.assert_same_listing(archive, *options)
