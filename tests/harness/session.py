"""A psql that stays connected, for transactions and locks that must outlive one statement."""

import queue
import subprocess
import threading

from .process import CommandFailed, stop_process_group

END_MARK = "--end-of-answer--"


class Session:
    """Send SQL, get its output.  One thread at a time; `send` and `wait` let a statement block meanwhile."""

    def __init__(self, command, env):
        self._process = subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            bufsize=1,
            start_new_session=True,
        )
        self._lines = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.pid = int(self.run("SELECT pg_backend_pid();"))

    def run(self, sql, timeout_s=60):
        """Run and return the output without its last newline; an SQL error raises CommandFailed."""
        self.send(sql)
        return self.wait(timeout_s)

    def send(self, sql):
        """Start SQL without waiting for it; statements need their semicolon."""
        self._process.stdin.write(f"{sql}\n\\echo {END_MARK}\n")
        self._process.stdin.flush()

    def wait(self, timeout_s=60):
        """Output of the oldest SQL sent and not yet waited for."""
        lines = []
        while True:
            try:
                line = self._lines.get(timeout=timeout_s)
            except queue.Empty:
                raise CommandFailed(f"no answer from session {self.pid} in {timeout_s} s")
            if line is None:
                raise CommandFailed("session ended: " + "\n".join(lines))
            if line == END_MARK:
                break
            lines.append(line)
        text = "\n".join(lines)
        if any(line.startswith(("ERROR:", "FATAL:", "psql:")) for line in lines):
            raise CommandFailed(text)
        return text

    def close(self):
        """End the connection; an open transaction is rolled back.  Returns when the client is gone."""
        if self._process.poll() is None:
            try:
                self._process.stdin.close()
                self._process.wait(timeout=1)
            except (subprocess.TimeoutExpired, OSError):
                stop_process_group(self._process)
                self._process.wait()
        self._reader.join()
        self._process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def _read(self):
        for line in self._process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)
