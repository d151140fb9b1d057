# Shared by the scripts in this folder: where the project is, how to say what happens.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
say() { printf '\033[1m==>\033[0m %s\n' "$*"; }

need_go() {
  command -v go >/dev/null || { echo "Go 1.26 or newer is needed: https://go.dev/dl/ (apt has golang)"; exit 1; }
}

# install_debian COMMAND:PACKAGE... installs the packages whose command is missing.
install_debian() {
  local missing=() pair
  for pair in "$@"; do
    PATH="$PATH:/usr/sbin:/usr/lib/postgresql/15/bin" command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local sudo=""
  [ "$(id -u)" -eq 0 ] || sudo="sudo"
  say "Installing from Debian: ${missing[*]} (once)"
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
