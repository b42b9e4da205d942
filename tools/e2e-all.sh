#!/usr/bin/env bash
# Runs all that `make e2e` tests, three at a time, and says at the end what failed. A failure keeps nothing from running.
# It is the tests that are marked as extended, and each file of tests/e2e on a control plane of its own, those that take
# longest first. The arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."

LONGEST=(tests/e2e/test_e2e_audit_fleet.py tests/e2e/test_e2e_audit_faults.py)
FAILED=$(mktemp)
export FAILED
trap 'rm -f "$FAILED"' EXIT

run() {
    local what=$1 code=0
    shift
    if [[ $what == extended ]]; then
        .venv/bin/pytest -m extended --numprocesses 2 --dist loadfile --no-loadscope-reorder "$@" || code=$?
    else
        tools/e2e.sh .venv/bin/pytest "$what" "$@" || code=$?
    fi
    # A file of which the arguments choose no test (5) has not failed.
    [[ $code == 0 || ($code == 5 && $# -gt 0) ]] || echo "$what (exit $code)" >>"$FAILED"
}
export -f run

printf '%s\n' extended "${LONGEST[@]}" tests/e2e/test_*.py | awk '!seen[$0]++' |
    xargs -P 3 -I {} bash -c 'run "$@"' run {} "$@"
[[ ! -s $FAILED ]] || { echo "make e2e failed:" && sed 's/^/  /' "$FAILED" && exit 1; } >&2
