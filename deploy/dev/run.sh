#!/usr/bin/env bash
# Starts idp and cpms on the embedded default and stops both on Ctrl-C. State is in ./var
# (VAR to change it); a second start finds everything as it was.
. "$(dirname "$0")/common.sh"
export VAR="${VAR:-./var}"
mkdir -p "$VAR/idp/clients"
export IDP_PROFILE="${IDP_PROFILE:-development}" CPMS_PROFILE="${CPMS_PROFILE:-development}"
export IDP_DATA_DIR="${IDP_DATA_DIR:-$VAR/idp}" CPMS_DATA_DIR="${CPMS_DATA_DIR:-$VAR/cpms}"
export IDP_PKI_DIR="${IDP_PKI_DIR:-$VAR/pki}" CPMS_PKI_DIR="${CPMS_PKI_DIR:-$VAR/pki}"
export IDP_CLIENTS_DIR="${IDP_CLIENTS_DIR:-$VAR/idp/clients}"

say "Registering cpms as a client of idp ($IDP_CLIENTS_DIR/cpms.json)"
bin/cpms client-metadata > "$IDP_CLIENTS_DIR/cpms.json.new"
mv "$IDP_CLIENTS_DIR/cpms.json.new" "$IDP_CLIENTS_DIR/cpms.json"

bin/idp serve & idp=$!
bin/cpms serve & cpms=$!
trap 'kill $idp $cpms 2>/dev/null; wait' EXIT
trap 'exit 0' INT TERM
wait -n
say "One of the two services stopped; stopping the other"
exit 1
