# The image of the function: one static binary, and what containers need around it.
#
#   docker build -t localhost/flux-workload-identity:dev .    from a bare clone, anywhere
#   make image                                                from the host's Go, pulling nothing
#
# The order of the stages matters: the classic builder runs every stage above its target.
# So what "make image" needs comes first, and uses nothing that only BuildKit understands.

# base is everything but the binary. It is made from nothing: no shell, no package manager.
FROM scratch AS base
# The licence asks to go with every copy. (Files come first: of what is made from nothing, the
# classic builder gives only files the platform asked for.)
COPY LICENSE /LICENSE
# kustomize and kpt run functions with "--user nobody", by name, so the name must be known.
COPY image/passwd /etc/passwd
# What registries and scanners show.
ARG VERSION
LABEL org.opencontainers.image.title="flux-workload-identity" \
      org.opencontainers.image.description="KRM function: workload identity for the controllers of Flux on EKS, AKS and GKE" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION:-devel}"
# nobody as a number, since Kubernetes cannot check runAsNonRoot on a name.
USER 65534:65534
# Two threads do all of the work that there is. On a machine of many cores Go would start one
# for each, more than a small --pids-limit allows, and end.
ENV GOMAXPROCS=4
# kustomize and kpt give no command: the entry point is the function.
ENTRYPOINT ["/flux-workload-identity"]

# prebuilt takes the binary that "make image" or GoReleaser has built.
FROM base AS prebuilt
# Where the binaries are: BINARIES/linux/amd64/flux-workload-identity and so on.
ARG BINARIES=bin
# BuildKit sets it by itself; the classic builder is told.
ARG TARGETPLATFORM
COPY ${BINARIES}/${TARGETPLATFORM}/flux-workload-identity /flux-workload-identity

# build makes the binary where there is no Go. It runs on the platform of the builder and
# cross-compiles, which is much faster than emulation; the classic builder names no such
# platform, and has only its own.
FROM --platform=${BUILDPLATFORM:-linux} golang:1.26.8 AS build
WORKDIR /src
# Modules first: this layer stays until go.mod changes.
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION
# Empty with the classic builder, and then Go builds for its own platform.
ARG TARGETARCH
# By make, so that the flags are those of every other build, and with them the bytes.
RUN GOARCH=$TARGETARCH make build BIN=/out VERSION="$VERSION"

# final, the default, is base with that binary.
FROM base AS final
COPY --from=build /out/flux-workload-identity /flux-workload-identity
