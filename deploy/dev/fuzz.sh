#!/usr/bin/env bash
# Runs every fuzz target of the three modules, one after the other.
. "$(dirname "$0")/common.sh"
need_go
grep -rlE '^func Fuzz' --include='*_test.go' proto idp cpms | sort | while read -r file; do
  grep -oE '^func Fuzz[A-Za-z0-9_]+' "$file" | sed 's/func //' | while read -r target; do
    say "$target ($(dirname "$file"))"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-20s}" "./$(dirname "$file")"
  done
done
