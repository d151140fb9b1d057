#!/usr/bin/env bash
# Makes the secrets of the local overlay once: passwords, the key-encryption keys, a small CA
# with a certificate a service, cpms's client key and its registration. Nothing of it is
# committed; delete ./secrets to make new ones.
set -euo pipefail
cd "$(dirname "$0")"
umask 077
if [ -d secrets ]; then # made before; what a newer release wants besides is added
  [ -s secrets/cpms/key-encryption-key ] || openssl rand -base64 32 > secrets/cpms/key-encryption-key
  exit 0
fi
work=secrets.new
rm -rf "$work" && mkdir -p "$work"/{idp,cpms,tls,postgres,redis} clients
random() { openssl rand -hex 24; }

idp_db=$(random) cpms_db=$(random) redis=$(random)
random > "$work/postgres/password"
printf 'postgres://idp:%s@postgres:5432/idp?sslmode=disable' "$idp_db" > "$work/idp/database"
printf 'postgres://cpms:%s@postgres:5432/cpms?sslmode=disable' "$cpms_db" > "$work/cpms/database"
printf 'redis://:%s@redis:6379/0' "$redis" | tee "$work/idp/expiring" > "$work/cpms/expiring"
printf 'requirepass %s\nappendonly yes\ndir /data\nmaxmemory-policy noeviction\n' "$redis" > "$work/redis/redis.conf"
openssl rand -base64 32 > "$work/idp/key-encryption-key"
openssl rand -base64 32 > "$work/cpms/key-encryption-key"
cat > init.sql <<SQL
CREATE USER idp PASSWORD '$idp_db'; CREATE DATABASE idp OWNER idp;
CREATE USER cpms PASSWORD '$cpms_db'; CREATE DATABASE cpms OWNER cpms;
SQL

openssl ecparam -name prime256v1 -genkey -noout -out "$work/tls/ca-key.pem"
openssl req -x509 -new -key "$work/tls/ca-key.pem" -days 365 -subj "/CN=eulogin local CA" -out "$work/tls/ca.pem"
for name in idp cpms; do
  openssl ecparam -name prime256v1 -genkey -noout -out "$work/tls/$name-key.pem"
  openssl req -new -key "$work/tls/$name-key.pem" -subj "/CN=$name" |
    openssl x509 -req -CA "$work/tls/ca.pem" -CAkey "$work/tls/ca-key.pem" -CAcreateserial -days 365 \
      -extfile <(printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth,clientAuth' "$name") \
      -out "$work/tls/$name.pem" 2>/dev/null
done
rm -f "$work/tls/"*.srl
openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$work/cpms/client-key.pem"
CPMS_BASE_URL=http://localhost:9100 CPMS_CLIENT_KEY_FILE="$work/cpms/client-key.pem" \
  ../../../bin/cpms client-metadata > clients/cpms.json
mv "$work" secrets
