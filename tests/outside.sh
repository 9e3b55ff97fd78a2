# What tests from outside share: a demo daemon, and environments for tools written in Python. Sourced from the
# repository's root by scripts that `set -euo pipefail`; each function fails with what to do about it.

# work: a temporary folder; it and the demo are gone when the script ends.
work=$(mktemp -d)
demo_pid=
trap 'stop_demo; rm -rf "$work"' EXIT

# program_of_tree: prints the whole path of $DATAINFRA, or of what cargo builds, since who calls may run it elsewhere.
program_of_tree() {
    [ -n "${DATAINFRA:-}" ] || cargo build --locked --quiet --bin datainfra >&2
    realpath -e "${DATAINFRA:-${CARGO_TARGET_DIR:-target}/debug/datainfra}"
}

# start_demo NAME=VALUE…: the sample market on a free port with its first run ended, and DATAINFRA_URL exported. The
# program is $DATAINFRA, or what cargo builds.
start_demo() {
    local program
    program=$(program_of_tree)
    env DATAINFRA__SERVER__LISTEN=127.0.0.1:0 DATAINFRA__LOG__LEVEL=warn "$@" \
        "$program" demo --data-dir "$work/demo" >"$work/demo.out" 2>"$work/demo.err" &
    demo_pid=$!
    DATAINFRA_URL=
    for _ in $(seq 600); do
        DATAINFRA_URL=$(grep -o 'http://[0-9.:]*' "$work/demo.out" || true)
        if [ -n "$DATAINFRA_URL" ] && curl -s "$DATAINFRA_URL/runs?job=stock" | grep -q '"state":"succeeded"'; then
            export DATAINFRA_URL
            return
        fi
        kill -0 "$demo_pid" 2>/dev/null || break
        sleep 0.1
    done
    echo "the demo did not come up, or its first run did not succeed:" >&2
    tail -n 20 "$work/demo.err" >&2
    return 1
}

stop_demo() {
    [ -n "$demo_pid" ] || return 0
    kill "$demo_pid" 2>/dev/null || true
    wait "$demo_pid" 2>/dev/null || true
    demo_pid=
}

# python_of NAME REQUIREMENTS: prints the interpreter of an environment with these packages. It is made once, in the user's
# cache folder, under a name that changes with the list.
python_of() {
    local python=${PYTHON:-python3} kept
    kept=${XDG_CACHE_HOME:-$HOME/.cache}/datainfra/$1-$({ "$python" --version; cat "$2"; } | cksum | cut -d ' ' -f 1)
    if [ ! -e "$kept/complete" ]; then
        rm -rf "$kept"
        "$python" -m venv "$kept" && "$kept/bin/pip" install --quiet --disable-pip-version-check --retries 2 -r "$2" || return
        touch "$kept/complete"
    fi >&2
    echo "$kept/bin/python"
}
