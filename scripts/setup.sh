# Sourced by start, test, demo, bench and dev: makes a fresh clone ready, step by step, and says what it does.
# Nothing here needs more than a POSIX shell; the host's Node only runs npm. Every step is skipped when it is done.

root=$(cd "$(dirname "$0")/.." && pwd -P)
cd "$root"
log="$root/.cache/setup.log"

say() { printf '==> %s\n' "$*"; }

# A sentence for the operator, and out.
stop() {
  printf '\n%s\n' "$*" >&2
  exit 1
}

# npm puts node_modules/.bin first, which must not be there while `npm ci` replaces it; su without "-" leaves sbin out.
clean_path() {
  kept=
  old_ifs=$IFS
  IFS=:
  for folder in $PATH; do
    case $folder in
      */node_modules/.bin | */node-gyp-bin) ;;
      *) kept="$kept${kept:+:}$folder" ;;
    esac
  done
  IFS=$old_ifs
  host_path="$kept:/usr/local/sbin:/usr/sbin:/sbin"
  PATH=$host_path
  export PATH
}

need_root() {
  [ "$(id -u)" -eq 0 ] || stop "Ballast must be started as root: it sets addresses and runs HAProxy. Try: sudo $1"
}

# The host's Node starts npm and nothing else.
need_node() {
  command -v node >/dev/null 2>&1 || stop 'Node is missing. Install Node 20.19 or newer, with npm.'
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    stop "Node $(node --version) is too old: npm and the packages need 20.19 or newer."
  command -v npm >/dev/null 2>&1 || [ -n "${npm_execpath:-}" ] || stop 'npm is missing. Install it beside Node.'
}

# Arguments are program:package pairs. Installs the packages of the programs that are missing.
need_programs() {
  missing_programs=
  packages=
  for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null 2>&1 && continue
    missing_programs="$missing_programs ${pair%%:*}"
    packages="$packages ${pair#*:}"
  done
  [ -n "$packages" ] || return 0
  command -v apt-get >/dev/null 2>&1 ||
    stop "These programs are missing:$missing_programs. This is not a Debian-like system, so install them by hand and start again."
  say "Installing from the distribution:$packages (details in .cache/setup.log)"
  install_packages $packages ||
    stop "The packages$packages could not be installed. The end of .cache/setup.log says why:
$(tail -n 5 "$log")"
  for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || stop "${pair%%:*} is still missing after installing ${pair#*:}."
  done
}

apt_get() {
  DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 \
    -o Dpkg::Options::=--force-confold "$@" >>"$log" 2>&1 </dev/null
}

# Installs without letting the packages start anything: Ballast runs the engines itself. A unit that comes with
# a package installed here is also kept from starting at boot; one that was there before is left as it is.
install_packages() {
  policy=/usr/sbin/policy-rc.d
  units=$(ls /lib/systemd/system /usr/lib/systemd/system 2>/dev/null || true)
  # Left by a run that was killed.
  if grep -qs 'written by ballast' "$policy"; then rm -f "$policy"; fi
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\n# written by ballast for the time of one installation\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    trap 'exit 130' INT HUP
    trap 'exit 143' TERM
  fi
  done_well=0
  apt_get install "$@" || { apt_get update && apt_get install "$@"; } || done_well=1
  if grep -qs 'written by ballast' "$policy"; then rm -f "$policy"; fi
  trap - EXIT INT HUP TERM
  for unit in haproxy keepalived nginx ssh; do
    printf '%s\n' "$units" | grep -qx "$unit.service" && continue
    if [ -e "/lib/systemd/system/$unit.service" ] && command -v systemctl >/dev/null 2>&1; then
      systemctl disable "$unit.service" >>"$log" 2>&1 || true
    fi
  done
  return $done_well
}

# No package of ours needs an install script, so none may run.
need_modules() {
  if [ -e node_modules/.package-lock.json ] && [ -z "$(find package-lock.json -newer node_modules/.package-lock.json)" ]; then
    :
  else
    say 'Fetching the Node packages (about half a minute; details in .cache/setup.log)'
    if [ -n "${npm_execpath:-}" ]; then set -- node "$npm_execpath"; else set -- npm; fi
    "$@" ci --ignore-scripts --no-audit --no-fund --include=dev --include=optional >>"$log" 2>&1 </dev/null ||
      stop "The Node packages could not be fetched. The end of .cache/setup.log says why:
$(grep -v EBADENGINE "$log" | tail -n 8)"
    touch node_modules/.package-lock.json
  fi
  [ -x node_modules/.bin/node ] ||
    stop "There is no Node 24 for this machine ($(uname -m)): Ballast runs on x86-64 and arm64. On one of those, delete node_modules and start again."
  node_modules/.bin/node --version >/dev/null 2>&1 ||
    stop 'node_modules was made on another kind of machine. Delete it and start again.'
}

need_console() {
  if [ -e web/dist/index.html ] &&
    [ -z "$(find web server/schema package-lock.json -path web/dist -prune -o -type f -newer web/dist/index.html -print | head -n 1)" ]; then
    return 0
  fi
  say 'Building the console'
  PATH="$root/node_modules/.bin:$PATH" NO_COLOR=1 vite build web >>"$log" 2>&1 ||
    stop "The console could not be built. The end of .cache/setup.log says why:
$(tail -n 15 "$log")"
}

# The API runs as this user: no shell, no home, no password.
need_user() {
  id ballast >/dev/null 2>&1 && return 0
  say 'Adding the system user “ballast”, which the API runs as'
  if getent group ballast >/dev/null 2>&1; then group='--gid ballast'; else group=--user-group; fi
  useradd --system $group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin ballast ||
    stop 'The user “ballast” could not be added.'
}

# Everything an appliance needs. The first argument is the command the operator typed, the others are
# program:package pairs that it needs besides.
prepare() {
  umask 022
  clean_path
  need_root "$1"
  shift
  need_node
  mkdir -p .cache
  : >"$log"
  need_programs haproxy:haproxy nft:nftables keepalived:keepalived ip:iproute2 fping:fping openssl:openssl sftp:openssh-client \
    conntrack:conntrack arping:iputils-arping ndisc6:ndisc6 ping:iputils-ping traceroute:traceroute tcpdump:tcpdump \
    setpriv:util-linux unshare:util-linux mount:mount useradd:passwd "$@"
  need_modules
  need_console
  need_user
  PATH="$root/node_modules/.bin:$host_path"
}
