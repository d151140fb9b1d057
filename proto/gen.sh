#!/usr/bin/env bash
# Makes the Go code of the contracts again: gen.sh. With --check nothing is written and it fails
# when the committed code is not what the contracts give. Needs Go only: the compiler (buf) and
# the plugins are built at pinned versions; those that go with a library are of its version in go.mod.
# What contracts import from others (buf/validate) is printed from its Go module.
set -euo pipefail
cd "$(dirname "$0")"
buf=v1.75.0 grpc=v1.6.2 print=v2.0.0
tools=$(mktemp -d) && trap 'rm -rf "$tools"' EXIT
export PATH="$tools:$PATH" GOWORK=off
echo "==> Building buf $buf and the plugins (the first time takes a minute or two)"
go build -o "$tools/" google.golang.org/protobuf/cmd/protoc-gen-go
gateway=$(go list -m -f '{{.Version}}' github.com/grpc-ecosystem/grpc-gateway/v2)
GOBIN="$tools" go install "google.golang.org/grpc/cmd/protoc-gen-go-grpc@$grpc"
GOBIN="$tools" go install "github.com/bufbuild/buf/cmd/buf@$buf"
for p in protoc-gen-grpc-gateway protoc-gen-openapiv2; do GOBIN="$tools" go install "github.com/grpc-ecosystem/grpc-gateway/v2/$p@$gateway"; done

# A workspace of the contracts and of what they import.
mkdir -p "$tools/print" "$tools/ws/contracts" "$tools/ws/imports/buf/validate"
cat > "$tools/print/main.go" <<'GO'
// Prints buf/validate/validate.proto as its Go module has it.
package main

import (
	"log"
	"os"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"github.com/jhump/protoreflect/v2/protoprint"
)

func main() {
	if err := (&protoprint.Printer{}).PrintProtoFile(validate.File_buf_validate_validate_proto, os.Stdout); err != nil {
		log.Fatal(err)
	}
}
GO
validate=buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go
(version=$(go list -m -f '{{.Version}}' $validate)
 cd "$tools/print" && go mod init print && go get "$validate@$version" "github.com/jhump/protoreflect/v2@$print" && go mod tidy) >/dev/null 2>&1
(cd "$tools/print" && go run .) > "$tools/ws/imports/buf/validate/validate.proto"
cp -r idp cpms buf.gen.yaml "$tools/ws/contracts/"
cp buf.yaml "$tools/ws/"
cd "$tools/ws"
buf lint contracts
buf generate contracts --template contracts/buf.gen.yaml --output "$tools/out"
rm "$tools/out/idp/v1/idp.swagger.json" # nothing of idp is offered over HTTP this way
cd - >/dev/null
if [ "${1:-}" != --check ]; then
  cp -r "$tools/out/." .
  exit
fi
for service in idp cpms; do
  diff -u -r -x '*.proto' -x '*.yaml' -x openapi.go "$service/v1" "$tools/out/$service/v1" || { echo "the code of $service.v1 is old: run proto/gen.sh" >&2; exit 1; }
done
echo "==> The generated code is what the contracts give"
