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

# the image, by docker, podman or buildah; --offline where there is no registry
image *ARGS:
    tests/image/build {{ ARGS }}

# the image under its pod's limits: memory, a read-only root, no capabilities; --binary PATH tries a program without one
image-check *ARGS:
    tests/image/run {{ ARGS }}

# the licences of all crates and the bill of materials, as they are in the image
notices folder="target/notices":
    packaging/notices {{ folder }}

# the image's program built twice in different folders, and compared
reproduce *ARGS:
    tests/image/reproduce {{ ARGS }}

# manifests, skaffold.yaml, Dockerfiles and scripts; alerts and dashboard against a real Prometheus
k8s-check:
    tests/k8s/run
    tests/monitoring/run

# daemons of an older revision and of this tree on one database, as in a rollout and in one that is taken back
upgrade-check rev:
    tests/upgrade/run {{ rev }}

# what grows with companies, history and replicas; DATABASE_URL names an empty PostgreSQL
bench-grow:
    cargo bench --bench grow --locked

# the statements of `migrate hypertable` on a PostgreSQL with TimescaleDB, from npm
timescaledb:
    tests/timescaledb/run

# docs/data-model.md and its drawing, made anew from the migrations
data-model:
    WRITE_DATA_MODEL=1 cargo test --locked --test suite data_model::document

# a throwaway PostgreSQL on loopback, until Ctrl-C or Ctrl-D; its data goes with it
db port="54320":
    #!/bin/sh
    set -eu
    initdb=$(command -v initdb || ls /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb 2>/dev/null | sort -V | tail -n 1)
    [ -n "$initdb" ] || { echo "no initdb: install a PostgreSQL server" >&2; exit 1; }
    echo "DATABASE_URL=postgres://datainfra@127.0.0.1:{{ port }}/postgres"
    exec sh tests/suite/support/keeper.sh stdin "$(mktemp -d)" "$(dirname "$(readlink -f "$initdb")")" {{ port }}
