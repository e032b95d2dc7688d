#!/bin/sh
# The architecture as a rule on #include lines: only downwards, never sideways (ARCHITECTURE.md).
set -eu
cd "$(dirname "$0")/../.."

# shellcheck disable=SC2016
find engine io compress cli bench -name '*.[ch]' 2>/dev/null | sort | xargs awk '
    # The module of a path: engine/<folder>, the door (engine/*.[ch]), or the top folder.
    function module(path, part) {
        split(path, part, "/")
        if (part[1] != "engine") return part[1]
        return part[3] == "" ? "door" : part[2]
    }
    function allow(name, list) { allowed[name] = " " name " " list " " }
    # A library belongs to the modules that hide it from the others; to one, if it can be.
    function keep(header, name) { keeper[header] = name }

    BEGIN {
        allow("base", "")
        allow("compress", "base")
        allow("io", "base")
        allow("flow", "base")
        allow("server", "base flow")
        allow("archive", "base flow io compress")
        allow("sql", "base archive")
        allow("schema", "base server")
        allow("dump", "base flow io compress server archive sql schema")
        allow("restore", "base flow io compress server archive sql")
        allow("copy", "base flow io compress server archive sql schema")
        allow("backups", "base flow io compress archive")
        allow("compare", "base flow io compress server archive sql schema")
        allow("door", "base flow io compress server archive sql schema dump restore copy backups compare")
        # The door speaks in values of base, so who goes through it may use them too.
        allow("cli", "door base")
        allow("bench", "door base io compress flow")
        keep("libpq-fe.h", "server")
        keep("liburing.h", "io")
        keep("hwloc.h", "flow")
        keep("zstd.h", "compress"); keep("lz4.h", "compress"); keep("lz4frame.h", "compress"); keep("zlib.h", "compress")
        keep("jansson.h", "archive cli")
        keep("xxhash.h", "base"); keep("openssl/evp.h", "base")
    }
    /^[ \t]*#[ \t]*include[ \t]*["<]/ {
        split($0, quoted, /["<>]/)
        from = module(FILENAME)
        target = quoted[2]
        if ($0 ~ /"/) {
            if (target !~ /\//) complain("names no folder; write the path from the top")
            else if (index(allowed[from], " " module(target) " ") == 0) complain("crosses the include rule of " from)
        } else if (target in keeper && index(" " keeper[target] " ", " " from " ") == 0) {
            complain("belongs to " keeper[target] " alone")
        }
    }
    function complain(why) { print FILENAME ":" FNR ": \"" target "\" " why; broken = 1 }
    END { exit broken }
'
