# The program, linked statically, and nothing else that could run: no shell, no package manager, no other library.
# `just image` builds it with docker, podman or buildah; docs/supply-chain.md says how to pin the base by its digest.
ARG RUST=1.95-bookworm

# The licences of all crates and the bill of materials.
FROM docker.io/library/rust:${RUST} AS notices
WORKDIR /src
COPY . .
# The date of the bill of materials; the same sources have the same bill.
ARG SOURCE_DATE_EPOCH=0
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/tools \
    NOTICES_TOOLS=/tools SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH packaging/notices /notices

FROM docker.io/library/rust:${RUST} AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    packaging/program /image/usr/local/bin
# A user with a name; names from files, those of hosts from the network besides, so that no library is looked for, which a
# static program could not load; and folders for data and for what is temporary: with a read-only root both are mounted.
RUN mkdir -p /image/etc && \
    echo 'nonroot:x:65532:65532:nonroot:/app:/nonexistent' >/image/etc/passwd && \
    echo 'nonroot:x:65532:' >/image/etc/group && \
    printf '%s\n' 'passwd: files' 'group: files' 'services: files' 'hosts: files dns' >/image/etc/nsswitch.conf && \
    install -d -m 1777 /image/tmp && \
    install -d -o 65532 -g 65532 /image/app /image/app/data

FROM scratch
COPY --from=build /image /
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=notices /notices /usr/share/doc/data-infrastructure
# The default database is /app/data/datainfra.db: mount a volume there, or name a PostgreSQL.
WORKDIR /app
# Outside loopback the daemon refuses to start without DATAINFRA__SERVER__TOKEN or DATAINFRA__SERVER__TOKEN_FILE.
ENV DATAINFRA__SERVER__LISTEN=0.0.0.0:8080
EXPOSE 8080
USER 65532:65532
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["/usr/local/bin/datainfra", "probe"]
ENTRYPOINT ["/usr/local/bin/datainfra"]
CMD ["serve"]
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="data-infrastructure" \
      org.opencontainers.image.description="One daemon that keeps an analysis database true: schedules, crawls, loads, derives and serves daily stock prices" \
      org.opencontainers.image.source="https://github.com/ds-hack/data-infrastructure" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
