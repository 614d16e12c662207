#!/usr/bin/env bash
# A seeded server on 127.0.0.1:${PORT:-8000}; everything it keeps is in .demo/.
# SIZE=small builds a few neighbourhoods instead of the whole borough, FRESH=1 builds again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

size=${SIZE:-full}
export CUADRA_ENV=demo CUADRA_DATA_DIR=$PWD/.demo
export HOST=${HOST:-127.0.0.1} PORT=${PORT:-8000}
# A database or key left in the shell must not receive fictional neighbours.
unset CUADRA_DATABASE_URL CUADRA_READ_DATABASE_URL CUADRA_SECRET_KEY CUADRA_SLIP_PEPPER CUADRA_DATA_KEY

# Demo data is thrown away and made again when the tables or the size have changed, when somebody
# asks, or when the last attempt was interrupted: there is no stamp until it is whole.
tables=$(find models/migrations/versions -name '*.py' -print0 | sort -z | xargs -0 cat | sha256sum | cut -d' ' -f1)
if [ "$(cat .demo/built 2>/dev/null || true)" != "$size $tables" ] || [ -n "${FRESH:-}" ]; then
  rm -rf .demo
  mkdir -p .demo
  .venv/bin/cuadra demo --size "$size" --seed 1
  printf '%s %s\n' "$size" "$tables" >.demo/built
else
  .venv/bin/cuadra demo --show
  if [ -n "$(find .demo/built -mtime +2)" ]; then
    printf '\nEsta demostración ya tiene días: sus asambleas de hoy quedaron atrás.\nPara verla al día: FRESH=1 make demo\n\n' >&2
  fi
fi
# Jobs are done by a worker beside the server: an import in the browser waits for one. Whichever ends, both end.
trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
trap 'exit 143' TERM INT HUP
.venv/bin/cuadra worker &
.venv/bin/cuadra serve &
wait -n
