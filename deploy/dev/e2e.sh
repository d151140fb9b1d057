#!/usr/bin/env bash
# The guide's journey in headless Chromium, with phonesim, and without JavaScript, against
# the built binaries. Screenshots go to e2e-out/.
. "$(dirname "$0")/common.sh"
need_go
install_debian chromium:chromium redis-server:redis-server initdb:postgresql
fc-list 2>/dev/null | grep -qi liberation || install_debian no-such-command:fonts-liberation
mkdir -p e2e-out
say "The journey of the guide, end to end (screenshots in e2e-out/)"
E2E_BIN="$PWD/bin" E2E_OUT="$PWD/e2e-out" go test -count=1 -timeout 15m ${E2EFLAGS:-} ./cpms/e2e/...
