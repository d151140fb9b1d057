#!/usr/bin/env bash
# Builds the three static binaries. The first time downloads modules and compiles them. With the word
# pkcs11 it builds bin/idp-pkcs11 alone, which loads the library of a PKCS#11 token and so needs a C
# compiler here and libc there.
. "$(dirname "$0")/common.sh"
need_go
mkdir -p bin
[ -x bin/idp ] || say "First build: fetches modules and compiles them, about three minutes on two cores"
version=$(git describe --always --dirty 2>/dev/null || echo unknown)
if [ "${1:-}" = pkcs11 ]; then
  install_debian gcc:gcc
  [ -e /usr/include/stdlib.h ] || install_debian no-such-command:libc6-dev
  say "Building bin/idp-pkcs11"
  CGO_ENABLED=1 go build -trimpath -ldflags "-s -w -X main.version=$version" -o bin/idp-pkcs11 ./idp/cmd/idp
  exit
fi
for target in idp/cmd/idp idp/cmd/phonesim cpms/cmd/cpms; do
  name=$(basename "$target")
  say "Building bin/$name"
  CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$version" -o "bin/$name" "./$target"
done
