# syntax=docker/dockerfile:1
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked && mkdir -p /empty/data

# glibc, CA certificates and zone data; no shell, no package manager. Its user `nonroot` is 65532.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /src/target/release/datainfra /usr/local/bin/datainfra
WORKDIR /app
COPY config.toml LICENSE ./
# Where the default database lives: mount a volume here, or name a PostgreSQL.
COPY --from=build --chown=65532:65532 /empty .
# Outside loopback the daemon refuses to start without DATAINFRA__SERVER__TOKEN or DATAINFRA__SERVER__TOKEN_FILE.
ENV DATAINFRA__SERVER__LISTEN=0.0.0.0:8080
EXPOSE 8080
USER 65532:65532
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["datainfra", "probe"]
ENTRYPOINT ["datainfra"]
CMD ["serve"]
