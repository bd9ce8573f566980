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

.PHONY: test
test: ## Run all tests; those that need kpt are skipped where there is none.
	go test ./...

.PHONY: test-e2e
test-e2e: ## Run the image with docker, kustomize and kpt, and the README's commands with it.
	E2E=1 go test -count=1 -p 1 ./internal/e2e ./internal/testenv

.PHONY: release-check
release-check: $(BIN)/goreleaser ## Build what a release holds, but for the image and the SBOMs, and publish nothing.
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
	go test ./fn -run '^$$' -bench .
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
golden: ## Write the golden files anew; look at the difference afterwards.
	go test ./fn -run 'TestGolden|File$$' -update
	go test ./examples -update

.PHONY: demo
demo: build $(BIN)/kustomize ## Write the identities of three clouds into a Flux install and show what changes.
	@mkdir -p $(BIN)/demo
	@$(BIN)/kustomize build examples/flux-system > $(BIN)/demo/without.yaml
	@set -e; for cloud in $(EXAMPLES); do \
		echo; echo "=== kustomize build --enable-alpha-plugins --enable-exec examples/$$cloud"; \
		PATH="$(BIN):$$PATH" $(BIN)/kustomize build --enable-alpha-plugins --enable-exec examples/$$cloud > $(BIN)/demo/$$cloud.yaml; \
		if git diff --no-index -U7 --output=$(BIN)/demo/$$cloud.diff $(BIN)/demo/without.yaml $(BIN)/demo/$$cloud.yaml; then \
			echo "nothing changed"; exit 1; fi; \
		sed '1,4d' $(BIN)/demo/$$cloud.diff; \
	done

$(BIN)/kustomize: tools/kustomize/go.mod
	cd tools/kustomize && go build -o $@ sigs.k8s.io/kustomize/kustomize/v5

$(BIN)/golangci-lint: tools/golangci-lint/go.mod
	cd tools/golangci-lint && go build -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

$(BIN)/goreleaser: tools/goreleaser/go.mod
	cd tools/goreleaser && go build -o $@ github.com/goreleaser/goreleaser/v2

.PHONY: clean
clean: ## Remove what was built.
	rm -rf $(BIN)
