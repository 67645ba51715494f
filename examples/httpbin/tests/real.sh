#!/usr/bin/env bash
# Serves the real httpbin on a free port of this machine, until its standard input ends. The first line that it prints is the base URL.
#
#     examples/httpbin/tests/real.sh target/tmp
#
# httpbin is a package of Python. It is installed once, below the folder of the argument. Where that is not possible, a line on standard
# error begins with `SKIPPED:`, and the exit status is 77.
set -euo pipefail
version=0.10.4
folder="$1/httpbin-$version"

skip() {
    echo "SKIPPED: $1; nothing was checked against the real httpbin" >&2
    exit 77
}

command -v python3 >/dev/null || skip "python3 is not installed"
if [ ! -e "$folder/installed" ]; then
    rm -rf "$folder"
    python3 -m venv "$folder" >"$folder.log" 2>&1 || skip "python3 has no venv (see $folder.log)"
    "$folder/bin/pip" install --disable-pip-version-check --timeout 20 --retries 2 "httpbin==$version" >"$folder.log" 2>&1 \
        || skip "pip can't install httpbin $version (see $folder.log)"
    touch "$folder/installed"
fi
exec "$folder/bin/python" -c '
import logging, os, sys, threading
logging.disable(logging.WARNING)
from httpbin import app
from werkzeug.serving import make_server

server = make_server("127.0.0.1", 0, app, threaded=True)
print(f"http://127.0.0.1:{server.server_port}", flush=True)

def wait():
    sys.stdin.read()
    os._exit(0)

threading.Thread(target=wait, daemon=True).start()
server.serve_forever()
'
