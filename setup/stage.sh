# One line on the terminal for each thing that takes time; its output goes into a log.
# Sourced by ./dev and the scripts of setup/ and .ci/, with the root of the checkout as the
# working folder.
# SPDX-License-Identifier: Apache-2.0

logs=.setup/log

complain() {
    printf '%s\n' "$*" >&2
}

# stage NAME WHAT COMMAND...: runs COMMAND with its output in $logs/NAME.log and says WHAT, and
# how many seconds it took. A failure shows the end of the log and where the rest is.
stage() {
    local log=$logs/$1.log what=$2 began=$SECONDS status=0
    shift 2
    mkdir -p "$logs"
    printf '%s ... ' "$what"
    "$@" >"$log" 2>&1 </dev/null || status=$?
    if [ "$status" -eq 0 ]; then
        printf '%d s\n' $((SECONDS - began))
        return 0
    fi
    printf 'failed after %d s\n' $((SECONDS - began))
    tail -n 40 "$log" | sed 's/^/    /' >&2
    complain "dev: '$what' failed (status $status); everything it said: $log"
    return "$status"
}

# The lines of lists without comments and empty ones.
entries() {
    sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$@"
}
