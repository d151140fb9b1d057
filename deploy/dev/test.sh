#!/usr/bin/env bash
# The test command of the README.
. "$(dirname "$0")/common.sh"
need_go
say "Formatting and vet"
make --no-print-directory fmt vet
make --no-print-directory unit
make --no-print-directory e2e
