#!/usr/bin/env bash
# Runs the tests that depend on time N times beside four busy loops, to find those that fail on a busy machine:
#
#     tests/repeat.sh 50
#
# There are three sets, and each runs alone: the modules of `tests/it` with tests on the paused clock, the modules with tests on
# sockets (a module can be in both), and the faults. The property tests run with fewer inputs than by default.
# Prints the output of each run that fails, and one line per set: `clock: 50 of 50 runs passed`.
set -euo pipefail
cd "$(dirname "$0")/.."

runs=${1:?usage: tests/repeat.sh N}
export STRINGS=${STRINGS:-500} SCHEDULES=${SCHEDULES:-500}

# Prints the modules whose source matches a pattern, as filters of the test harness.
modules() {
    for file in $(grep -lE "$1" tests/it/*.rs); do
        [ "$file" = tests/it/main.rs ] || echo "$(basename "$file" .rs)::"
    done
}

log=$(mktemp)
loops=()
cleanup() {
    [ ${#loops[@]} = 0 ] || kill "${loops[@]}"
    rm -f "$log"
}
trap cleanup EXIT

# The busy loops start after the build.
cargo test --quiet -p apisession-tests --test it --no-run
cargo test --quiet -p faults --no-run
for _ in 1 2 3 4; do
    while :; do :; done &
    loops+=($!)
done

status=0
repeat() {
    local name=$1 passed=0
    shift
    for _ in $(seq "$runs"); do
        if "$@" >"$log" 2>&1; then passed=$((passed + 1)); else cat "$log"; fi
    done
    echo "$name: $passed of $runs runs passed"
    [ "$passed" = "$runs" ] || status=1
}

# shellcheck disable=SC2046 # Each module is a filter of its own.
repeat clock cargo test --quiet -p apisession-tests --test it -- $(modules start_paused)
# shellcheck disable=SC2046
repeat sockets cargo test --quiet -p apisession-tests --test it -- $(modules 'Server|TcpListener')
repeat faults cargo test --quiet -p faults
exit "$status"
