# Starts and stops the database server, and ends with the checker, however that ends: its end closes standard input.
# Then every process named is killed, the server too, and the folder removed.
#
#   sh -c "$(cat guard.sh)" guard DIR BIN PORT
#
# One command a line on standard input, one line of answer each on standard output: `ok` or `failed REASON`.
# `init`, `start`, `stop fast`, `stop immediate`, `watch PID`.
set -u
dir=$1 bin=$2 port=$3
watched=

finish() {
    trap - EXIT
    trap '' HUP INT TERM
    for pid in $watched; do kill -KILL "$pid" 2>/dev/null; done
    [ ! -s "$dir/data/postmaster.pid" ] || kill -QUIT "$(head -n 1 "$dir/data/postmaster.pid")" 2>/dev/null
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        [ -s "$dir/data/postmaster.pid" ] || break
        sleep 0.2
    done
    rm -rf "$dir"
}
trap finish EXIT
trap '' HUP INT TERM PIPE

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

init() {
    choose_user || { echo "no user to run postgres as: it refuses root" >>"$dir/guard.log"; return 1; }
    chmod 755 "$dir" && mkdir "$dir/data" && touch "$dir/server.log" || return 1
    [ "$tool" = none ] || chown "$user" "$dir/data" "$dir/server.log" || return 1
    become "$bin/initdb" -D "$dir/data" -U datainfra -A trust -E UTF8 --locale=C -N || return 1
    # Crashes are the point: what has been committed must survive them.
    cat >>"$dir/data/postgresql.conf" <<EOF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
max_connections = 400
timezone = 'UTC'
fsync = on
log_min_messages = warning
EOF
}

act() {
    case $1 in
        init) init ;;
        start) become "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 60 start ;;
        stop) become "$bin/pg_ctl" -D "$dir/data" -m "$2" -w -t 60 stop ;;
        watch) watched="$watched $2" ;;
    esac
}

while read -r verb argument; do
    if act "$verb" "${argument:-}" </dev/null >>"$dir/guard.log" 2>&1; then
        echo ok
    else
        echo "failed $verb: $(tail -n 1 "$dir/guard.log")"
    fi
done
