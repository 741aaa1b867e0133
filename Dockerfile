# syntax=docker/dockerfile:1
FROM golang:1.26-bookworm AS build
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

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends libgeos-c1v5 ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --create-home runvs
COPY --from=build /out/runvs /usr/local/bin/runvs
USER runvs
WORKDIR /data
VOLUME /data
ENV RUNVS_DATA_DIR=/data RUNVS_HTTP_ADDR=0.0.0.0:8080 RUNVS_METRICS_ADDR=0.0.0.0:9090
EXPOSE 8080 9090
# The shell opens the port itself: the image needs no program for it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && head -1 <&3 | grep -q ' 200'"]
ENTRYPOINT ["runvs"]
CMD ["serve"]
