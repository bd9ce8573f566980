# Everything here needs Go, git and make; the rest comes through the Go tool chain, in
# versions pinned by go.mod and by the module files in tools/.

BINARY  := flux-workload-identity
VERSION ?=
BIN     := $(CURDIR)/bin
# A name without a slash is rewritten by kpt to its own registry.
IMG       ?= localhost/flux-workload-identity:dev
PLATFORMS ?= linux/$(shell go env GOARCH)
EXAMPLES := aws azure gcp

export CGO_ENABLED = 0

# The same source and the same Go give the same bytes on every machine: no paths, no state of
# a repository, no build identifier. .goreleaser.yaml says the same; release-check compares.
BUILD_FLAGS = -trimpath -buildvcs=false -ldflags "-s -w -buildid= -X flux-workload-identity/internal/version.version=$(VERSION)"

.PHONY: help
help: ## Show this help.
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build the function into bin/.
	go build $(BUILD_FLAGS) -o $(BIN)/$(BINARY) .

# The image takes the host's binary, so nothing is pulled. With several platforms each image
# has a name of its own, IMG-amd64 and IMG-arm64: an engine keeps one image to a name.
# No cache, since that of the classic builder mixes up platforms.
.PHONY: image
image: ## Build the image IMG of the host's binary; PLATFORMS may be "linux/amd64 linux/arm64".
	@set -e; for platform in $(PLATFORMS); do \
		arch=$${platform#linux/}; \
		GOOS=linux GOARCH=$$arch $(MAKE) --no-print-directory build BIN=$(CURDIR)/bin/$$platform; \
		chmod 755 bin/$$platform/$(BINARY); : any user runs it, whatever the umask here; \
		docker build --target prebuilt --no-cache --platform $$platform --build-arg TARGETPLATFORM=$$platform \
			--build-arg VERSION=$(VERSION) -t $(IMG)$(if $(word 2,$(PLATFORMS)),-$$arch) .; \
	done

# What the tests run. No test builds a program, so each is built before them, again when what it
# is built of changed; internal/testenv holds the list as well.
TOOLS   := $(BIN)/$(BINARY) $(BIN)/kustomize $(BIN)/fluxbuild
sources  = $(shell find $(1) -type f ! -name '*_test.go' ! -path '*/testdata/*')

.PHONY: tools
tools: $(TOOLS) ## Build what the tests run into bin/.

# Long enough for a machine that does much else.
GOTEST := go test -timeout 60m

.PHONY: test
test: tools ## Run the tests, on some installs; those that need kpt are skipped where there is none.
	$(GOTEST) ./...

.PHONY: test-all
test-all: tools ## Run the tests with all cases, on every install.
	TEST_ALL=1 $(GOTEST) ./...

.PHONY: test-e2e
test-e2e: tools ## Run the image with docker, kustomize and kpt, and the README's commands with it.
	@! docker version >/dev/null 2>&1 || $(MAKE) --no-print-directory image IMG=localhost/flux-workload-identity:dev
	E2E=1 $(GOTEST) -count=1 -p 1 ./internal/e2e ./internal/testenv

# The folders are outside, as the project may be a repository itself.
.PHONY: reproducible
reproducible: ## Build the function in two folders, one of them a repository, and compare the bytes.
	@set -e; folders=$$(mktemp -d); trap 'rm -rf "$$folders"' EXIT; repository=$$folders/in/another/repository; \
	for folder in $$folders/plain $$repository; do \
		mkdir -p $$folder; cp -R Makefile go.mod go.sum main.go fn internal $$folder; \
	done; \
	git -C $$repository init --quiet; git -C $$repository add .; \
	git -C $$repository -c user.name=x -c user.email=x@example.com -c commit.gpgsign=false commit --quiet -m x; \
	for folder in $$folders/plain $$repository; do \
		GOFLAGS= $(MAKE) --no-print-directory -C $$folder build BIN=$$folder/bin VERSION=v1.2.3; \
	done; \
	cmp $$folders/plain/bin/$(BINARY) $$repository/bin/$(BINARY)

.PHONY: release-check
release-check: $(BIN)/goreleaser reproducible ## Build what a release holds, but for the image and the SBOMs, and publish nothing.
	$(BIN)/goreleaser check
	$(BIN)/goreleaser release --snapshot --clean --skip=docker,sbom
	@set -e; built=$$(echo bin/dist/*_$$(go env GOOS)_$$(go env GOARCH)*/$(BINARY)); \
	$(MAKE) --no-print-directory build BIN=$(BIN)/dist/make VERSION=$$($$built --version | cut -d' ' -f2); \
	cmp $$built $(BIN)/dist/make/$(BINARY); : the flags here and there are the same

.PHONY: release
release: $(BIN)/goreleaser ## Publish the release of the tag that is checked out: for the release workflow.
	$(BIN)/goreleaser release --clean

.PHONY: bench
bench: build ## Measure the function beside cat and a no-op of the kpt SDK, and draw docs/bench.svg.
	go build $(BUILD_FLAGS) -o $(BIN)/noop ./internal/bench/noop
	go build -o $(BIN)/bench ./internal/bench
	@mkdir -p docs
	$(GOTEST) ./fn -run '^$$' -bench .
	$(BIN)/bench -picture docs/bench.svg

.PHONY: lint
lint: $(BIN)/golangci-lint ## Check the code: linters, formatting, module files.
	$(BIN)/golangci-lint run ./...
	$(BIN)/golangci-lint fmt --diff ./...
	go mod tidy -diff
	cd tools/kustomize && go mod tidy -diff
	cd tools/fluxbuild && go mod tidy -diff && $(BIN)/golangci-lint run ./...
	cd tools/golangci-lint && go mod tidy -diff
	cd tools/goreleaser && go mod tidy -diff

.PHONY: format
format: $(BIN)/golangci-lint ## Format the code.
	$(BIN)/golangci-lint fmt ./...

.PHONY: golden
golden: tools ## Write the golden files anew; look at the difference afterwards.
	$(GOTEST) ./fn -run 'TestGolden|File$$' -update
	$(GOTEST) ./examples -update

.PHONY: demo
demo: $(BIN)/$(BINARY) $(BIN)/kustomize ## Write the identities of three clouds into a Flux install and show what changes.
	@mkdir -p $(BIN)/demo
	@$(BIN)/kustomize build examples/flux-system > $(BIN)/demo/without.yaml
	@set -e; for cloud in $(EXAMPLES); do \
		echo; echo "=== kustomize build --enable-alpha-plugins --enable-exec examples/$$cloud"; \
		PATH="$(BIN):$$PATH" $(BIN)/kustomize build --enable-alpha-plugins --enable-exec examples/$$cloud > $(BIN)/demo/$$cloud.yaml; \
		if git diff --no-index -U7 --output=$(BIN)/demo/$$cloud.diff $(BIN)/demo/without.yaml $(BIN)/demo/$$cloud.yaml; then \
			echo "nothing changed"; exit 1; fi; \
		sed '1,4d' $(BIN)/demo/$$cloud.diff; \
	done

# A build that changes nothing leaves the file as it was, so it is touched.
$(BIN)/$(BINARY): go.mod go.sum $(call sources,main.go fn internal)
	@$(MAKE) --no-print-directory build
	@touch $@

$(BIN)/kustomize: $(wildcard tools/kustomize/*)
	$(call tool,kustomize,sigs.k8s.io/kustomize/kustomize/v5,a minute or two)

$(BIN)/fluxbuild: $(wildcard tools/fluxbuild/*)
	$(call tool,fluxbuild,.,some minutes)

$(BIN)/golangci-lint: $(wildcard tools/golangci-lint/*)
	$(call tool,golangci-lint,github.com/golangci/golangci-lint/v2/cmd/golangci-lint,some minutes)

$(BIN)/goreleaser: $(wildcard tools/goreleaser/*)
	$(call tool,goreleaser,github.com/goreleaser/goreleaser/v2,many minutes)

define tool
@echo "building bin/$(1): it and all that it needs are downloaded and compiled, which takes $(3) the first time"
@cd tools/$(1) && go build -o $@ $(2) && touch $@
endef

.PHONY: clean
clean: ## Remove what was built.
	rm -rf $(BIN)
