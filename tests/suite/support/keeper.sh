# What the tests leave to someone who outlives them: a test process can be killed, and libtest runs no code at its end.
#
#   sh -c "$(cat keeper.sh)" keeper WATCH DIR [BIN PORT...]
#
# WATCH is `stdin` (live until standard input ends) or the id of a process (live until it ends).
# With BIN, the folder of initdb and postgres, a server is started on the first PORT that is free.
# Answers one line on standard output, `ready PORT`, `failed REASON` or `idle`. At the end it prints what
# DIR/not_run holds, stops the server and removes DIR.
set -u
watch=$1 dir=$2
shift 2

summary() {
    [ -s "$dir/not_run" ] || return 0
    sort "$dir/not_run" | uniq -c | while read -r count line; do echo "not run: $count × $line" >&2; done
}

finish() {
    trap - EXIT
    trap '' HUP INT TERM
    summary
    [ ! -s "$dir/data/postmaster.pid" ] || kill -QUIT "$(head -n 1 "$dir/data/postmaster.pid")" 2>/dev/null
    wait
    rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
# Whoever asked may be gone when the answer is ready; the rest has to be done all the same.
trap '' PIPE

answer() {
    echo "$@" 2>/dev/null
    exec >/dev/null
}

# postgres refuses to run as root: the first tool that can become someone else does.
become() {
    case $tool in
        none) "$@" ;;
        setpriv) setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups "$@" ;;
        runuser) runuser -u "$user" -- "$@" ;;
        su) su -s /bin/sh -c 'exec "$0" "$@"' -- "$user" "$@" ;;
    esac
}

choose_user() {
    tool=none
    [ "$(id -u)" = 0 ] || return 0
    for user in postgres nobody; do
        id -u "$user" >/dev/null 2>&1 || continue
        for tool in setpriv runuser su; do
            become true >/dev/null 2>&1 && return 0
        done
    done
    return 1
}

# The server writes its state to the eighth line of its lock file.
wait_until_ready() {
    for _ in $(seq 1200); do
        case "$(sed -n 8p "$dir/data/postmaster.pid" 2>/dev/null)" in ready*) return 0 ;; esac
        kill -0 "$1" 2>/dev/null || return 1
        sleep 0.05
    done
    return 1
}

start() {
    bin=$1
    shift
    choose_user || { answer "failed no user to run postgres as: it refuses root"; return; }
    chmod 755 "$dir" && mkdir "$dir/data"
    [ "$tool" = none ] || chown "$user" "$dir/data"
    become "$bin/initdb" -D "$dir/data" -U datainfra -A trust -E UTF8 --locale=C -N </dev/null >"$dir/log" 2>&1 ||
        { answer "failed initdb: $(tail -n 1 "$dir/log")"; return; }
    # Members of this group need their password; everybody else is trusted.
    { echo 'host all +datainfra_checked 127.0.0.1/32 md5'; cat "$dir/data/pg_hba.conf"; } >"$dir/hba"
    cat "$dir/hba" >"$dir/data/pg_hba.conf"
    for port; do
        # Nothing has to survive a crash. The sockets' folder is left out: its path may be too long for one.
        become "$bin/postgres" -D "$dir/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
            -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 -c timezone=UTC \
            </dev/null >>"$dir/log" 2>&1 &
        wait_until_ready $! && { answer "ready $port"; return; }
    done
    answer "failed postgres: $(tail -n 1 "$dir/log")"
}

# The test runner's own error stream, where it can be had: the streams of one of its tests end with that test.
if [ "$watch" != stdin ] && (: 2>>"/proc/$watch/fd/2") 2>/dev/null; then exec 2>>"/proc/$watch/fd/2"; fi

if [ $# -gt 0 ]; then start "$@"; else answer idle; fi

if [ "$watch" = stdin ]; then
    while read -r _; do :; done
else
    while kill -0 "$watch" 2>/dev/null; do sleep 0.2; done
fi
