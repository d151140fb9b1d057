#!/usr/bin/env bash
# Makes the Go code of the contracts again: gen.sh. With --check nothing is written and it fails
# when the committed code is not what the contracts give. Needs Go only: the compiler (buf) and
# the plugins are built at pinned versions. protoc-gen-go is the version of the runtime in go.mod.
set -euo pipefail
cd "$(dirname "$0")"
buf=v1.75.0 grpc=v1.6.2
tools=$(mktemp -d) && trap 'rm -rf "$tools"' EXIT
export PATH="$tools:$PATH"
echo "==> Building buf $buf and the two plugins (the first time takes a minute or two)"
GOWORK=off go build -o "$tools/" google.golang.org/protobuf/cmd/protoc-gen-go
GOWORK=off GOBIN="$tools" go install "google.golang.org/grpc/cmd/protoc-gen-go-grpc@$grpc"
GOWORK=off GOBIN="$tools" go install "github.com/bufbuild/buf/cmd/buf@$buf"
buf lint
if [ "${1:-}" != --check ]; then
  buf generate
  exit
fi
buf generate --output "$tools/out"
for service in idp cpms; do
  diff -u -r -x '*.proto' "$service/v1" "$tools/out/$service/v1" || { echo "the code of $service.v1 is old: run proto/gen.sh" >&2; exit 1; }
done
echo "==> The generated code is what the contracts give"
