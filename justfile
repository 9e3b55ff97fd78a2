# The verbs of this repository. `just` alone lists them.

_list:
    @{{ just_executable() }} --list --unsorted

# everything the continuous integration checks, as it does
check:
    bash .ci/run

# all tests; those on PostgreSQL need its server binaries or TEST_DATABASE_URL
test *ARGS:
    cargo test --workspace --locked {{ ARGS }}

# format, lints, and the rules for dependencies where cargo-deny is installed
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --locked -- -D warnings
    if cargo deny --version >/dev/null 2>&1; then cargo deny --locked check licenses bans sources; fi

# the sample market on an embedded database: no network, no configuration
demo *ARGS:
    cargo run --release --locked -- demo {{ ARGS }}

# the daemon with config.toml
serve *ARGS:
    cargo run --release --locked -- serve {{ ARGS }}

# loading a market's history; DATABASE_URL names an empty PostgreSQL, without it SQLite
bench-load:
    cargo bench --bench load --locked

# how late jobs start and how many runs a second; DATABASE_URL names an empty PostgreSQL, without it SQLite
bench-ticks:
    cargo bench --bench ticks --locked

# answers a second against pgbench; DATABASE_URL names an empty PostgreSQL, without it SQLite
bench-api:
    cargo bench --bench api --locked

# the examples for other programs, each whose tool is there, against a demo daemon
clients:
    tests/clients/run

# requests made from the API's own description, right ones and wrong ones, and all checks of the answers
schemathesis cases="400" *ARGS:
    tests/schemathesis/run {{ cases }} {{ ARGS }}

# real daemons under faults, and the proof that nothing was missed, doubled or torn
torture seconds="60" seed="" *ARGS:
    cargo run --release --locked --example torture -- --seconds {{ seconds }} {{ if seed == "" { "" } else { "--seed " + seed } }} {{ ARGS }}

# every reader of foreign bytes (or those named), fuzzed for so many seconds each
fuzz seconds="60" *TARGETS:
    fuzz/run {{ seconds }} {{ TARGETS }}

# a throwaway PostgreSQL on loopback, until Ctrl-C or Ctrl-D; its data goes with it
db port="54320":
    #!/bin/sh
    set -eu
    initdb=$(command -v initdb || ls /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb 2>/dev/null | sort -V | tail -n 1)
    [ -n "$initdb" ] || { echo "no initdb: install a PostgreSQL server" >&2; exit 1; }
    echo "DATABASE_URL=postgres://datainfra@127.0.0.1:{{ port }}/postgres"
    exec sh tests/suite/support/keeper.sh stdin "$(mktemp -d)" "$(dirname "$(readlink -f "$initdb")")" {{ port }}
