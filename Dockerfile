# syntax=docker/dockerfile:1
# Whoever publishes an image names its bases by digest, so that a tag which moves
# changes nothing: --build-arg GO_IMAGE=golang:1.26-bookworm@sha256:…
ARG GO_IMAGE=golang:1.26-bookworm
ARG BASE_IMAGE=debian:bookworm-slim

FROM ${GO_IMAGE} AS build
RUN apt-get update && apt-get install -y --no-install-recommends libgeos-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY domain domain
COPY ports ports
COPY app app
COPY adapters adapters
COPY schema schema
COPY cmd cmd
ARG VERSION=dev
RUN go build -trimpath -tags sqlite_math_functions,sqlite_fts5 -ldflags "-s -w -X main.version=${VERSION}" -o /out/runvs ./cmd/runvs

FROM ${BASE_IMAGE}
RUN apt-get update && apt-get install -y --no-install-recommends libgeos-c1v5 ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --create-home runvs
COPY --from=build /out/runvs /usr/local/bin/runvs
COPY LICENSE NOTICE /usr/share/doc/runvs/
USER runvs
WORKDIR /data
VOLUME /data
# It listens beyond this machine, so the strict rules hold.
ENV RUNVS_ENV=production RUNVS_DATA_DIR=/data RUNVS_HTTP_ADDR=0.0.0.0:8080 RUNVS_METRICS_ADDR=0.0.0.0:9090
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["runvs", "doctor", "--quick"]
ENTRYPOINT ["runvs"]
CMD ["serve"]
