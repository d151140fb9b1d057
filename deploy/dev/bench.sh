#!/usr/bin/env bash
# Benchmarks of the hot paths, on the embedded store, beside the bare cryptography that bounds
# them, and a short load run against the built binary. Results mean something only together
# with the hardware that is printed first.
. "$(dirname "$0")/common.sh"
need_go
say "Hardware"
grep -m1 'model name' /proc/cpuinfo || true
echo "cores: $(nproc)   memory: $(free -h 2>/dev/null | awk '/Mem:/{print $2}')   $(go version)"
say "Benchmarks"
go test -run '^$' -bench . -benchtime "${BENCHTIME:-1s}" ./idp/internal/signing ./idp/internal/provider 2>/dev/null
say "The desk at 100,000 requests and 1,000,000 grants, on SQLite and on PostgreSQL"
go test -run '^$' -bench Desk -benchtime "${BENCHTIME:-1s}" ./cpms/internal/storetest 2>/dev/null
say "Load: the sign-in page of the built idp, ${LOAD_SECONDS:-5} seconds"
install_debian wrk:wrk
[ -x bin/idp ] || deploy/dev/build.sh
dir=$(mktemp -d)
mkdir "$dir/clients"
IDP_DATA_DIR="$dir" IDP_PKI_DIR="$dir/pki" IDP_CLIENTS_DIR="$dir/clients" IDP_HTTP_ADDR=127.0.0.1:19000 IDP_GRPC_ADDR=127.0.0.1:19001 \
  IDP_OPS_ADDR=127.0.0.1:19002 IDP_SMTP_SINK_ADDR=127.0.0.1:19025 bin/idp serve >"$dir/log" 2>&1 & idp=$!
trap 'kill $idp; wait $idp 2>/dev/null; rm -rf "$dir"' EXIT
until curl -sf http://127.0.0.1:19002/readyz >/dev/null; do sleep 0.1; done
wrk -t1 -c16 -d"${LOAD_SECONDS:-5}s" --latency http://127.0.0.1:19000/oauth/keys
wrk -t1 -c16 -d"${LOAD_SECONDS:-5}s" --latency http://127.0.0.1:19000/register
