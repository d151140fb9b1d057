#!/usr/bin/env bash
# Makes the Go code of the contracts again, with protoc from Debian and plugins of pinned
# versions, and writes the description that contract_test.go compares with.
set -euo pipefail
cd "$(dirname "$0")"
command -v protoc >/dev/null || { echo "==> Installing protobuf-compiler from Debian"; apt-get install -y -qq protobuf-compiler >/dev/null; }
tools=$(mktemp -d) && trap 'rm -rf "$tools"' EXIT
echo "==> Building the two plugins"
GOWORK=off GOBIN="$tools" go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.11
GOWORK=off GOBIN="$tools" go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.6.0
echo "==> Generating"
PATH="$tools:$PATH" protoc -I . --go_out=. --go_opt=paths=source_relative \
  --go-grpc_out=. --go-grpc_opt=paths=source_relative idp/v1/idp.proto cpms/v1/cpms.proto
# The header's compiler version would differ between machines.
sed -i -E '/^\/\/ \t?protoc +v|^\/\/ - protoc +v/d' idp/v1/*.pb.go cpms/v1/*.pb.go
gofmt -w idp/v1 cpms/v1
