"""Where the client's cycles go: samples of perf, each given to the first row of a table that knows a function on its stack.

The clock of the samples is the processor time of the client, so a thread that waits is not in them.
"""

import os
import re
import shutil
import tempfile
from collections import Counter
from pathlib import Path

from harness import run_command

KERNEL, PGFAST = r"kernel", r"^pgfast$"
# Looked for from the innermost function outwards, rows in this order at each: name, function, library it is in.
# In the kernel the functions that everything uses say little, so only the ones that say why it was entered are here.
PARTS = (
    ("page faults", r"^(asm_exc_page_fault|exc_page_fault|do_user_addr_fault)$", KERNEL),
    ("network: receive", r"^(unix_stream_recvmsg|sock_recvmsg|__sys_recvfrom|tcp_recvmsg)$", KERNEL),
    ("network: send", r"^(unix_stream_sendmsg|sock_sendmsg|__sys_sendto|tcp_sendmsg)$", KERNEL),
    ("files: sync", r"^(do_fsync|vfs_fsync_range|io_fsync|__x64_sys_syncfs|ksys_sync)$", KERNEL),
    ("files: create, open, close", r"^(do_sys_openat2|io_openat2?|do_filp_open|do_renameat2|filp_close|__fput)$", KERNEL),
    ("files: write", r"^(vfs_write|io_write|io_write_fixed|ext4_file_write_iter|vfs_iter_write)$", KERNEL),
    ("files: read", r"^(vfs_read|io_read|ext4_file_read_iter)$", KERNEL),
    ("waiting and waking", r"^(do_futex|do_sys_poll|do_epoll_wait|__?schedule|eventfd_write|try_to_wake_up)$", KERNEL),
    ("io_uring", r"^(__do_sys_io_uring_enter|io_wq_worker|io_sq_thread)$", KERNEL),
    ("start and end of processes", r"^(do_exit|do_execveat_common.*|kernel_clone|mmput|exit_mmap)$", KERNEL),
    ("start and end of processes", "", r"^ld-linux"),
    ("other of the kernel", r"^(entry_SYSCALL_64.*|do_syscall_64|asm_.*|ret_from_fork.*)$", KERNEL),
    ("compression", "", r"^lib(lz4|zstd|z)\.so"),
    ("checksums", "", r"^libcrypto"),
    ("checksums", r"XXH|^checksum_", PGFAST),
    ("libpq", "", r"^libpq"),
    ("TLS", "", r"^lib(ssl|crypto)"),
    ("rows into chunks", r"^(copy_|session_copy|receive_)", PGFAST),
    ("allocating memory", r"^(malloc|free|realloc|calloc|_int_.*|malloc_consolidate|unlink_chunk.*)$", r"^libc"),
    ("copying memory", r"^(__)?mem(cpy|move|set|cmp|chr)", r"^libc"),
)
OTHER = "the rest of pgfast"
PG_DUMP = "pg_dump, for the definitions"


def can_profile():
    return shutil.which("perf") is not None and run_command(
        ["perf", "record", "-q", "-e", "cpu-clock", "-o", "/dev/null", "true"], check=False
    ).returncode == 0


def profile_command(command, environment):
    """Run a command under perf: {part: its share of the client's processor time}, the largest first."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        samples = Path(folder) / "samples"
        record = ["perf", "record", "-q", "-e", "cpu-clock", "-F", "1999", "-g", "-o", samples, "--"]
        run_command([*record, *command], env=environment, timeout_s=900)
        text = run_command(["perf", "script", "-i", samples, "-F", "comm,ip,sym,dso"], timeout_s=900).stdout
    counts = count_parts(text)
    return {part: round(count / sum(counts.values()), 4) for part, count in counts.most_common()}


def count_parts(script_text):
    """Samples of each part in the output of perf script."""
    counts = Counter()
    for block in script_text.split("\n\n"):
        lines = block.strip("\n").splitlines()
        if lines:
            counts[_part_of(lines[0].strip(), [_frame(line) for line in lines[1:]])] += 1
    return counts


def _frame(line):
    """(function, library) of "  7f12 function+0x12 (library)"."""
    match = re.match(r"\s*[0-9a-f]+ (.*?)(?:\+0x[0-9a-f]+)? \((.*)\)$", line)
    return (match[1], match[2]) if match else ("", "")


def _part_of(thread, frames):
    if thread.startswith("pg_dump"):
        return PG_DUMP
    for function, library in frames:
        for name, function_pattern, library_pattern in PARTS:
            if re.search(function_pattern, function) and re.search(library_pattern, os.path.basename(library)):
                return name
    return OTHER
