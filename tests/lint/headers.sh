#!/bin/sh
# Every header compiles alone, so that including one never depends on what was included before it.
set -eu
cd "$(dirname "$0")/../.."

flags="-std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only -I."
flags="$flags $(pkg-config --cflags libpq liburing liblz4 libzstd zlib hwloc jansson libxxhash libcrypto)"

# shellcheck disable=SC2086
find engine io compress cli bench tests -name '*.h' 2>/dev/null | sort | {
    broken=0
    while read -r header; do
        ${CC:-cc} $flags -include "$header" -x c /dev/null || broken=1
    done
    exit $broken
}
