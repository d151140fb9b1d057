#!/usr/bin/env bash
# Builds every overlay with kustomize and checks each object, offline.
. "$(dirname "$0")/common.sh"
need_go
install_debian openssl:openssl
[ -x bin/cpms ] || deploy/dev/build.sh
deploy/overlays/local-mtls/secrets.sh # and those of the local overlay
say "Checking the manifests"
export GOWORK=off
go -C deploy/tools test ./...
go -C deploy/tools run ./manifestcheck ../overlays/local ../overlays/local-mtls
