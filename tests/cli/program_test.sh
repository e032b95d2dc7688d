#!/bin/sh
# What the program as a whole says and returns where no server is needed: program_test.sh PGFAST
set -u
pgfast=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=0

complain() {
    echo "FAILED: $1"
    sed 's/^/    /' "$folder/out" "$folder/err"
    failed=1
}

# expect EXIT_CODE PATTERN ARGUMENT...: the code, and a line of stdout or stderr that matches.
expect() {
    code=$1 pattern=$2
    shift 2
    "$pgfast" "$@" >"$folder/out" 2>"$folder/err"
    got=$?
    [ "$got" -eq "$code" ] || complain "pgfast $*: exit code $got, not $code"
    cat "$folder/out" "$folder/err" | grep -q -e "$pattern" || complain "pgfast $*: no line like $pattern"
}

expect 0 '^pgfast [0-9]*\.[0-9]*\.[0-9]*$' --version
expect 0 '^pgfast [0-9]*\.[0-9]*\.[0-9]*$' -V
expect 0 '^pgfast [0-9]*\.[0-9]*\.[0-9]*$' dump --version
expect 0 '^Commands:$' --help
expect 0 '^Commands:$' help
expect 0 '^  pgfast dump \[OPTION\]' help dump
expect 0 '^  pgfast restore \[OPTION\]' restore -?
expect 0 '^   41  ' help exit-codes

expect 2 '^pgfast: error: no command given$'
expect 2 '^pgfast: error: unknown command "frob"$' frob
expect 2 '^pgfast: hint: Try "pgfast help"' frob
expect 2 '^pgfast: error: no output folder given' dump shop
expect 2 '^pgfast: error: unknown option "--frob"$' dump --frob
expect 2 '^pgfast: hint: Try "pgfast dump --help"' dump --frob
expect 2 'could be "--no-' dump --no-s
expect 2 '^pgfast: error: too many command-line arguments (first is "b")$' dump -f x a b
expect 2 '^pgfast: error: too many command-line arguments (first is "b")$' dump -f x -d a b
expect 2 '^pgfast: error: one of -d/--dbname and -l/--list must be specified$' restore x
expect 2 '^pgfast: error: no archive given$' restore -d x
expect 2 '^pgfast: error: options -s/--schema-only and -a/--data-only cannot' dump -f x --data-o --schema-o
expect 2 "^pgfast: error: -Fc/--format=custom is not supported" dump -f x -Fc
expect 2 '^pgfast: hint: Use pg_dump' dump -f x --format=t
expect 2 '^pgfast: hint: .*pg_restore -f' restore -f script.sql x
expect 2 '^pgfast: error: invalid value "0" for option -j/--jobs' dump -f x -j0

expect 10 '^pgfast: error: .*/nonexistent' dump -w -f "$folder/x" -h /nonexistent shop
expect 20 '^pgfast: error: .*/nonexistent' list /nonexistent/archive
expect 20 '^pgfast: error: .*/nonexistent' verify /nonexistent/archive
expect 30 '^pgfast: error: there is no archive in folder' verify "$folder"
expect 2 '^pgfast: error: no archive given$' verify --deep

# A pg_dump that is really pgfast must not be taken for one, nor start others without end.
PGFAST_CHILD=1 "$pgfast" --version >"$folder/out" 2>"$folder/err"
[ $? -eq 15 ] || complain "as a child of itself"

# An archive, or a connection, must not get the number of a standard stream.
"$pgfast" dump -w -f "$folder/x" -h /nonexistent shop <&- >&- 2>&-
[ $? -eq 10 ] || complain "with closed standard streams"

[ $failed -eq 0 ] && echo "all as expected"
exit $failed
