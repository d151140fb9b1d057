#!/usr/bin/env bash
# Relying parties that other people wrote sign somebody in at idp, step up, refresh and sign out, and do
# what else idp/docs/interop.md tells: openid-client (npm), mod_auth_openidc under Apache and Authlib
# (Debian), go-oidc and the OIDC authenticator of kube-apiserver (Go proxy). They are installed once, under
# bin/interop.
. "$(dirname "$0")/common.sh"
need_go
install_debian node:nodejs npm:npm apache2:apache2-bin
[ -e /usr/lib/apache2/modules/mod_auth_openidc.so ] || install_debian no-such-command:libapache2-mod-auth-openidc
/usr/bin/python3 -c 'import authlib, requests' 2>/dev/null || install_debian no-such-command:python3-authlib no-such-command:python3-requests
to="$PWD/bin/interop"
mkdir -p "$to"
cp -r deploy/interop/openid-client deploy/interop/authlib deploy/interop/apache "$to/"
say "Installing openid-client"
npm --prefix "$to/openid-client" ci --ignore-scripts --no-audit --no-fund --loglevel=error
say "Building the client on go-oidc and kube-apiserver's authenticator (about two minutes the first time)"
GOWORK=off CGO_ENABLED=0 go build -C deploy/interop/go -trimpath -o "$to/goclient" .
say "Interoperation"
E2E_BIN="$PWD/bin" INTEROP_DIR="$to" go test -tags interop -count=1 -v -timeout 10m -run "${INTEROP_RUN:-^TestInterop}" ./cpms/e2e/
