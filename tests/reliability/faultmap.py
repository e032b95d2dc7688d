"""The P0 faults of the fault map, A to H and J: each with what attacks it, a campaign or an integration test, or why nothing does.

A reference is a part of the name of a campaign ("points.kills_of_a_dump") or of an integration test ("test_standby").
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from .score import Score

TESTS = Path(__file__).resolve().parent.parent

FAULTS = {
    "A1": ("server killed during a COPY", "moments.lost_servers test_dump_edges.LostServer.test_killed"),
    "A2": ("server stopped at once, fast, or smartly", "moments.lost_servers test_dump_edges.LostServer.test_stopped test_dump_edges.LostServer.test_a_smart_stop"),
    "A3": ("another backend crashes, and all end", "moments.lost_servers test_dump_edges.LostServer.test_another_backend"),
    "A4": ("a worker's backend terminated", "test_dump_survives.LostWorker moments.lost_sessions_of_a_dump"),
    "A5": ("the coordinator's backend terminated", "test_dump_survives.LostCoordinator test_dump_edges.LostCoordinator"),
    "A6": ("a COPY cancelled", "test_dump_survives.LostWorker.test_a_cancelled_copy_is_made_again moments.lost_sessions_of_a_dump"),
    "A7": ("no connection slot left", "test_dump_edges.SmallServer.test_fewer_connections_than_jobs test_dump_survives.LostWorker.test_no_room"),
    "A9": ("server newer than pg_dump", "test_bad_source.BadSource.test_server_newer_than_pg_dump"),
    "A10": ("corrupted page at the source", "test_dump_losses"),
    "A12": ("rows that COPY cannot carry", "test_data_format test_dump_losses"),
    "A14": ("timeouts set for role and database", "test_bad_source.HostileSettings test_dump_survives.LostWorker.test_timeouts"),
    "A16": ("standby cancels what conflicts with its recovery", "test_standby.RecoveryConflict"),
    "A19": ("sessions that reach another server", "test_connection.SpreadConnections"),
    "A22": ("a flood of notices, parameters that change meanwhile", "network.floods_in_a_dump"),
    "A26": ("the source is read-only", "test_standby.Standby"),
    "B1": ("connection cut at any message", "network.cuts_in_a_dump points.cuts_of_a_dump"),
    "B2": ("packets vanish", "test_connection.DeadPeer"),
    "B3": ("the server is silent", "test_watchdog.Watchdog test_dump_edges.FrozenServer"),
    "B6": ("connection lost in a restore", "network.cuts_in_a_restore points.cuts_of_a_restore test_resume"),
    "B7": ("a byte changed on the wire", "network.flipped_bytes_in_a_dump"),
    "C1": ("disk full at any operation", "points.errors_in_a_dump test_bad_target.FullDisk"),
    "C2": ("no inode left", "test_bad_target.FullDisk.test_no_inodes"),
    "C3": ("I/O error at any operation, fsync included", "points.errors_in_a_dump"),
    "C4": ("I/O error while reading an archive", "points.errors_in_a_restore test_bad_archive.DamagedArchive.test_a_disk"),
    "C5": ("short writes and reads, EINTR, EAGAIN", "points.errors_that_pass"),
    "C6": ("no io_uring", "points.no_io_uring"),
    "C7": ("nothing can be registered with io_uring", "test_writing.Writing.test_what_the_kernel_does_not_register"),
    "C8": ("limits on files and descriptors, quotas, read-only and stale file systems", "places.narrow_limits points.rare_errors_in_a_dump test_bad_target.BadFolder.test_names_that_lead test_bad_target.FullDisk.test_a_file_system"),
    "C10": ("the target folder is not free", "test_bad_target.BadFolder places.two_runs_for_one_folder"),
    "C11": ("power cut at any moment", "power.power_cuts_of_a_dump"),
    "D1": ("signals at every fault point", "points.signals_in_a_dump test_interruption"),
    "D2": ("SIGKILL of a dump", "moments.kills_of_a_dump points.kills_of_a_dump"),
    "D3": ("SIGKILL of a restore", "moments.kills_of_a_restore points.kills_of_a_restore"),
    "D5": ("the reader of the log goes away", "test_command_line.CommandLine.test_a_reader_that_goes_away"),
    "D6": ("SIGSTOP and SIGCONT", "places.stopped_for_a_while"),
    "D13": ("two dumps into one folder", "places.two_runs_for_one_folder"),
    "E1": ("a bit flipped in every byte of the descriptions", "damage.flips_of_descriptions"),
    "E2": ("a bit flipped in data", "damage.flips_of_data damage.flips_before_a_restore"),
    "E3": ("files cut", "damage.cuts_of_descriptions damage.cuts_of_data"),
    "E4": ("files missing, empty, extended", "damage.exchanged_files"),
    "E5": ("files exchanged, or of another dump", "damage.exchanged_files test_row_digests"),
    "E6": ("versions and sizes that nobody reads", "test_bad_archive.DamagedArchive.test_versions test_verify.WhatIsNoArchive"),
    "E7": ("a dump that never finished", "test_salvage.DamagedDescriptions.test_a_dump_that_never_finished points.kills_of_a_dump"),
    "E11": ("more or fewer rows, no end of rows", "test_row_digests test_verify.DamagedArchivesOfPgDump"),
    "F1": ("lengths and counts beyond reason", "damage.hostile_tables_of_contents test_hostile_archive"),
    "F2": ("no text where one is required", "damage.hostile_tables_of_contents"),
    "F3": ("names that lead elsewhere", "test_hostile_archive.HostileNames"),
    "F4": ("cyclic and missing dependencies", "damage.hostile_tables_of_contents"),
    "F5": ("decompression bombs", "test_hostile_archive"),
    "F6": ("control characters in names", "test_hostile_archive"),
    "F7": ("SQL that runs code on the server", "test_hostile_archive.Untrusted"),
    "G1": ("the objects are there already", "test_bad_target.TablesThatAreThere test_restore_data.RestoreData test_selection_on_restore"),
    "G2": ("the database is there, or is not", "test_bad_target.BadTarget test_restore_data.RestoreData.test_a_database_that_exists"),
    "G3": ("a role is missing", "test_bad_target.WhatTheTargetLacks.test_roles test_restore_batches.RestoreBatches.test_a_role"),
    "G4": ("an extension is missing", "test_bad_target.WhatTheTargetLacks.test_an_extension"),
    "G5": ("a tablespace, access method, language, library and the like is missing", "test_bad_target.WhatTheTargetLacks"),
    "G6": ("privileges are missing", "test_selection_on_restore.SelectionOnRestore.test_role_that_may_not"),
    "G7": ("rows violate a foreign key", "test_restore_constraints"),
    "G8": ("rows violate a unique key", "test_restore_constraints.RestoreConstraints.test_values_that_are_there_twice"),
    "G9": ("rows that the server refuses", "test_shared_load.SharedLoad.test_a_row_that_the_server_refuses"),
    "G10": ("another encoding", "test_bad_target.WhatTheTargetLacks.test_characters test_encodings"),
    "G11": ("the server's disk is full", "test_bad_target.FullTarget"),
    "G12": ("connection lost around COMMIT", "network.cuts_in_a_restore test_resume"),
    "G13": ("the server restarts during a restore", "test_resume"),
    "G14": ("killed while settings and triggers are changed for speed", "test_resume.KilledAnywhere.test_nothing_of_the_server test_resume.KilledAnywhere.test_triggers"),
    "H1": ("rewriting ALTER TABLE in flight", "concurrency.changes_in_flight test_concurrent_ddl"),
    "H2": ("TRUNCATE in flight", "concurrency.changes_in_flight test_concurrent_ddl"),
    "H3": ("DDL without end", "concurrency.storm_of_definitions test_concurrent_ddl.SteadyDdl"),
    "H4": ("an exclusive lock queued behind ours", "test_concurrent_ddl.LockWaits"),
    "H5": ("a lock that is never given back", "test_concurrent_ddl.LockWaits.test_the_blocking_session_is_named"),
    "H6": ("transactions while the dump runs", "concurrency.tokens_under_load test_consistency"),
    "J1": ("a password on the command line", "test_secrets.Secrets.test_from_a_connection_string test_secrets.Secrets.test_all_processes"),
    "J2": ("password files, services, prompts", "test_secrets test_connection.Connection"),
    "J3": ("a wrong or expired password, a role that is unknown or not let in", "test_secrets.Secrets.test_wrong_password test_secrets.Secrets.test_one_refusal test_bad_source.BadSource.test_no_such_role test_bad_source.BadSource.test_role_that_may_not_log_in"),
    "J4": ("the password changes after the first connection", "test_secrets.Secrets.test_a_password_that_changes"),
    "J5": ("parameters of the first connection kept by all", "test_connection.EveryParameter test_connection.Connection.test_options_of_the_connection"),
    "J6": ("secrets in error messages", "test_secrets.Secrets.test_secrets_of_a_failed_statement"),
    "J8": ("modes of files, whatever the umask", "test_archive.Archive.test_modes"),
}

NOT_COVERED = {
    "D4": "does not apply: pgfast copies nothing from database to database; kills of dumps and restores are D2 and D3",
    "G21": "does not apply: no command has both a source and a target database",
    "J10": "does not apply: pgfast encrypts nothing and has no keys",
}


def campaigns():
    yield each_fault_of_the_map


def each_fault_of_the_map(crew):
    score = Score("every P0 fault of the map, A to H and J", "each is attacked, and comes out as expected")
    tests = _run_tests(crew) if not crew.is_quick else _tests_that_are_there()
    score.notes.append(f"{len(NOT_COVERED)} more are not covered: {', '.join(NOT_COVERED)}")
    for name, (_, references) in FAULTS.items():
        misses = [miss for reference in references.split() if (miss := _judge(reference, crew.scores, tests))]
        score.count(name, "; ".join(misses))
    return score.end()


def _judge(reference, scores, tests):
    if not reference.startswith("test_"):
        if reference not in scores:
            return f"{reference} was not run"
        return f"{reference} has misses" if scores[reference].misses else None
    found = {name: outcome for name, outcome in tests.items() if reference in name}
    if not found:
        return f"there is no {reference}"
    failed = [name for name, outcome in found.items() if outcome == "FAILED"]
    return f"failed: {', '.join(failed)}" if failed else None


def _run_tests(crew):
    """{name: "ok", "FAILED" or "skipped"} of all tests that the map names."""
    wanted = sorted({word for _, references in FAULTS.values() for word in references.split() if word.startswith("test_")})
    command = [sys.executable, "-B", "-m", "harness.runner", *wanted]
    done = subprocess.run(command, cwd=TESTS, env={**os.environ, "PYTHONPATH": str(TESTS)}, capture_output=True, text=True)
    return {match[2]: match[1] for match in re.finditer(r"^(ok|FAILED|skipped)\s+[\d.]+ s  integration\.(\S+)", done.stdout, re.M)}


def _tests_that_are_there():
    """./run test has just run them."""
    found = {}
    for file in (TESTS / "integration").glob("test_*.py"):
        suite = None
        for match in re.finditer(r"^class (\w+)|^    def (test_\w+)", file.read_text(), re.M):
            suite = match[1] or suite
            if match[2]:
                found[f"{file.stem}.{suite}.{match[2]}"] = "there"
    return found
