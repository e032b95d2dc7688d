"""What integration tests, demo and bench need: real servers, pgfast itself, and the judges.  See README.md here."""

from .cluster import Cluster, close_all, cluster_for, quote_identifier, quote_literal
from .oracle import (
    ALL_JUDGES,
    Database,
    assert_databases_equal,
    catalog_lines,
    count_rows,
    dump_text,
    row_digests,
)
from .process import CommandFailed, Completed, run_command, start_command, stop_process_group
from .program import pgfast, pgfast_binary, plain_pgfast_binary, pgfast_environment, start_pgfast
from .session import Session
from .token_load import TokenLoad

__all__ = [name for name in dir() if not name.startswith("_")]
