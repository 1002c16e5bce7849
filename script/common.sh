# shellcheck shell=bash
# What the scripts of this folder share. Sourced; the scripts then run in the root of the tree.

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

say()
{
    printf '%s\n' "$*" >&2
}

die()
{
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# The comment at the head of the calling script is its help.
usage()
{
    sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0"
}

# Runs a command with its output in a log, which is shown (its end) only when the command fails.
# quietly LOG COMMAND...
quietly()
{
    local log=$1 status=0
    shift
    mkdir -p "$(dirname "$log")"
    "$@" >"$log" 2>&1 </dev/null || status=$?
    if [ "$status" -ne 0 ]; then
        say "failed: $*"
        grep -nE '^FAILED|error:|ERROR:' -A3 "$log" | head -40 >&2
        say "... the end of $log:"
        tail -15 "$log" >&2
    fi
    return "$status"
}

# Configures (once) and builds a folder. build_tree FOLDER TARGETS -- MESON-OPTION...
# The options are compared with those of the last time, so that a change of them configures anew.
build_tree()
{
    local folder=$1 targets=() stamp
    shift
    while [ "$1" != -- ]; do
        targets+=("$1")
        shift
    done
    shift
    stamp="$folder/configured-with"
    if [ ! -f "$folder/build.ninja" ] || [ "$(cat "$stamp" 2>/dev/null)" != "$*" ]; then
        rm -rf "$folder"
        quietly "$folder.setup.log" meson setup "$folder" "$@" || return
        printf '%s\n' "$*" >"$stamp"
    fi
    quietly "$folder.build.log" ninja -C "$folder" "${targets[@]}"
}
