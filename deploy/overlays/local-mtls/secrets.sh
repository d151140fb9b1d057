#!/usr/bin/env bash
# Makes the secrets of this overlay once, after those of the local one: a CA of clients with one client's
# certificate (CN=rp), and a certificate of the listener. Nothing of it is committed; delete ./secrets to make
# new ones.
set -euo pipefail
cd "$(dirname "$0")"
umask 077
../local/secrets.sh
[ ! -d secrets ] || exit 0
work=secrets.new local=../local/secrets/tls
rm -rf "$work" && mkdir "$work"
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }

# issued NAME KEY EXTENSIONS CA CA-KEY
issued() {
  openssl req -new -key "$2" -subj "/CN=$1" |
    openssl x509 -req -CA "$4" -CAkey "$5" -set_serial "0x$(openssl rand -hex 16)" -days 365 -extfile <(printf '%b' "$3") 2>/dev/null
}

key "$work/key.pem"
issued idp-mtls "$work/key.pem" 'subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth' "$local/ca.pem" "$local/ca-key.pem" > "$work/cert.pem"
key "$work/ca-key.pem"
openssl req -x509 -new -key "$work/ca-key.pem" -days 365 -subj "/CN=eulogin local CA of clients" -out "$work/ca.pem"
key "$work/client-key.pem"
issued rp "$work/client-key.pem" 'extendedKeyUsage=clientAuth' "$work/ca.pem" "$work/ca-key.pem" > "$work/client.pem"
mv "$work" secrets
