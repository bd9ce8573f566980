# Everything here needs Go, git and make; the rest comes through the Go tool chain, in
# versions pinned by go.mod and by the module files in tools/.

BINARY  := flux-workload-identity
VERSION ?=
BIN     := $(CURDIR)/bin
EXAMPLES := aws azure gcp

export CGO_ENABLED = 0

.PHONY: help
help: ## Show this help.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build the function into bin/.
	go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $(BIN)/$(BINARY) .

.PHONY: test
test: ## Run all tests; those that need kpt are skipped where there is none.
	go test ./...

.PHONY: lint
lint: $(BIN)/golangci-lint ## Check the code: linters, formatting, module files.
	$(BIN)/golangci-lint run ./...
	$(BIN)/golangci-lint fmt --diff ./...
	go mod tidy -diff
	cd tools/kustomize && go mod tidy -diff
	cd tools/golangci-lint && go mod tidy -diff

.PHONY: format
format: $(BIN)/golangci-lint ## Format the code.
	$(BIN)/golangci-lint fmt ./...

.PHONY: golden
golden: ## Write the golden files anew; look at the difference afterwards.
	go test ./fn ./examples -run 'TestGolden|TestKustomize' -update

.PHONY: demo
demo: build $(BIN)/kustomize ## Write the identities of three clouds into a Flux install and show what changes.
	@mkdir -p $(BIN)/demo
	@$(BIN)/kustomize build examples/flux-system > $(BIN)/demo/without.yaml
	@for cloud in $(EXAMPLES); do \
		echo; echo "=== kustomize build --enable-alpha-plugins --enable-exec examples/$$cloud"; \
		PATH="$(BIN):$$PATH" $(BIN)/kustomize build --enable-alpha-plugins --enable-exec examples/$$cloud > $(BIN)/demo/$$cloud.yaml || exit 1; \
		git --no-pager diff --no-index -U7 $(BIN)/demo/without.yaml $(BIN)/demo/$$cloud.yaml | sed '1,4d'; \
	done

$(BIN)/kustomize: tools/kustomize/go.mod
	cd tools/kustomize && go build -o $@ sigs.k8s.io/kustomize/kustomize/v5

$(BIN)/golangci-lint: tools/golangci-lint/go.mod
	cd tools/golangci-lint && go build -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

.PHONY: clean
clean: ## Remove what was built.
	rm -rf $(BIN)
