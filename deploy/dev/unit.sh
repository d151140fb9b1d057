#!/usr/bin/env bash
# All Go tests of the three modules. Tests that need PostgreSQL or Redis start Debian's own
# servers on free loopback ports and stop them again. SoftHSM is the PKCS#11 token of the tests.
. "$(dirname "$0")/common.sh"
need_go
install_debian redis-server:redis-server initdb:postgresql gcc:gcc softhsm2-util:softhsm2
[ -e /usr/include/stdlib.h ] || install_debian no-such-command:libc6-dev
say "Tests of proto, idp and cpms (${TESTFLAGS:--race})"
go test ${TESTFLAGS:--race} ./proto/... ./idp/... $(go list ./cpms/... | grep -v /e2e)
say "Every order of sign-in events to depth six (one goroutine, so without the race detector)"
go test -run TestEveryOrderOfEvents ./idp/internal/login
