# shellcheck shell=bash
# Tests that tell TAP. To be sourced; the plan is the caller's to tell.
number=0

# report "ok"|"not ok" NAME: one test
report() {
    number=$((number + 1))
    echo "$1 $number - $2"
}

# step NAME COMMAND...: one test; the end of what it prints is shown when it fails
step() {
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then
        report ok "$name"
    else
        report "not ok" "$name"
        printf '%s\n' "$output" | tail -100 | sed 's/^/# /'
    fi
}
