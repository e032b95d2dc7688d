"""`python3 -m servers find` lists the PostgreSQL majors of this machine; `fetch [major…]` gets those that miss."""

import sys

from . import find_servers
from .fetch import SUITE_OF_MAJOR, fetch_missing


def main(arguments):
    if arguments[:1] == ["fetch"]:
        wanted = [int(word) for word in arguments[1:]] or sorted(SUITE_OF_MAJOR)
        failures = fetch_missing(wanted, say=lambda text: print(text, flush=True))
        for major, reason in failures.items():
            print(f"PostgreSQL {major} cannot be had here, its tests are skipped: {reason}")
    elif arguments != ["find"]:
        print("usage: python3 -m servers find | fetch [major…]", file=sys.stderr)
        return 2
    for server in find_servers().values():
        print(f"PostgreSQL {server.version:8} {server.bindir}{' (fetched)' if server.is_fetched else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
