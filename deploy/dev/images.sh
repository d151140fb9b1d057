#!/usr/bin/env bash
# Images from scratch, twice, to show that the same binary gives the same bytes.
. "$(dirname "$0")/common.sh"
need_go
[ -e /etc/ssl/certs/ca-certificates.crt ] || install_debian no-such-command:ca-certificates
for name in idp cpms; do
  for out in "bin/images/$name.tar" "bin/images/$name.again.tar"; do
    GOWORK=off go -C deploy/tools run ./mkimage -binary "$PWD/bin/$name" -name "$name" -version dev -out "$PWD/$out"
  done
  cmp "bin/images/$name.tar" "bin/images/$name.again.tar" && rm "bin/images/$name.again.tar"
  say "bin/images/$name.tar $(du -h "bin/images/$name.tar" | cut -f1)"
done
