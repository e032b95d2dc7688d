"""Sources at the edge of what a dump meets: names, settings, sizes and servers that few have."""

from harness import Database, assert_databases_equal, pgfast
from integration.case import IntegrationTest


class ClientEncoding(IntegrationTest):
    """A client_encoding that belongs to the role: every session speaks the archive's encoding, the coordinator too."""

    def test_names_that_it_spells_otherwise(self):
        cluster = self.cluster()
        source = self.database(cluster, "CREATE TABLE \"größe\" (\"süß\" text); INSERT INTO \"größe\" VALUES ('Müller');")
        cluster.psql("postgres", "CREATE ROLE latin SUPERUSER LOGIN; ALTER ROLE latin SET client_encoding = 'LATIN1';")
        self.addCleanup(cluster.psql, "postgres", "DROP ROLE latin;")
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-U", "latin", "-f", archive, source, cluster=cluster)
        target = self.database(cluster)
        pgfast("restore", "-d", target, archive, cluster=cluster)
        assert_databases_equal(Database(cluster, source), Database(cluster, target))
