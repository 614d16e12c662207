#!/usr/bin/env bash
# Serves the demo on a spare port for as long as the pictures take.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# A group of its own: the server may have children, and all must go with it.
set -m
PORT=$port deploy/demo.sh >&2 &
server=$!
set +m
trap 'kill -- -$server 2>/dev/null || true; wait $server 2>/dev/null || true' EXIT
.venv/bin/python deploy/screenshots.py "http://127.0.0.1:$port" .demo/accounts.txt docs/screenshots
