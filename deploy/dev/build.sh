#!/usr/bin/env bash
# Builds the three static binaries. The first time downloads modules and compiles them.
. "$(dirname "$0")/common.sh"
need_go
mkdir -p bin
[ -x bin/idp ] || say "First build: fetches modules and compiles them, about three minutes on two cores"
version=$(git describe --always --dirty 2>/dev/null || echo unknown)
for target in idp/cmd/idp idp/cmd/phonesim cpms/cmd/cpms; do
  name=$(basename "$target")
  say "Building bin/$name"
  CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$version" -o "bin/$name" "./$target"
done
