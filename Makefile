# Every target is one line of help; recipes longer than two lines live in deploy/dev.
SHELL   := /bin/bash
MODULES := proto idp cpms
PACKAGES = $(foreach m,$(MODULES),./$(m)/...)
TESTFLAGS ?= -race

.DEFAULT_GOAL := help
.PHONY: help run build build-pkcs11 test unit e2e check fmt vet lint generate generate-check manifests images bench fuzz interop clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

run: build ## start both services on the embedded default: http://localhost:9000 and http://localhost:9100
	@deploy/dev/run.sh

build: ## static binaries bin/idp, bin/cpms, bin/phonesim
	@deploy/dev/build.sh

build-pkcs11: ## bin/idp-pkcs11, linked against libc: signing keys can lie in a PKCS#11 token (idp/docs/keys.md)
	@deploy/dev/build.sh pkcs11

test: ## everything the README promises: formatting, vet, all tests with the race detector, the journey in a browser
	@deploy/dev/test.sh

unit: ## all tests except the browser journey (TESTFLAGS=-race is the default)
	@deploy/dev/unit.sh

e2e: build ## the guide's journey in headless Chromium against the built binaries; screenshots in e2e-out/
	@deploy/dev/e2e.sh

check: fmt vet lint generate-check manifests test ## what a change must pass before it lands

fmt: ## fail on a file that gofmt would change
	@out=$$(gofmt -l $(MODULES) deploy); if [ -n "$$out" ]; then echo "gofmt: $$out"; exit 1; fi

vet: ## go vet over the three modules
	@go vet $(PACKAGES)

lint: ## staticcheck over the three modules
	@go run honnef.co/go/tools/cmd/staticcheck@v0.8.2 $(PACKAGES)

generate: ## make the gRPC code again from proto/*/v1/*.proto
	@proto/gen.sh

generate-check: ## fail when the committed generated code is not what the contracts give
	@proto/gen.sh --check

manifests: ## build every overlay with kustomize and check it against the Kubernetes schemas, offline
	@deploy/dev/manifests.sh

images: build ## container images from scratch, without a container engine: bin/images/{idp,cpms}.tar
	@deploy/dev/images.sh

bench: ## Go benchmarks and a load run; prints the hardware beside the results
	@deploy/dev/bench.sh

fuzz: ## every fuzz target for FUZZTIME (default 20s)
	@deploy/dev/fuzz.sh

interop: build ## relying parties of others against idp: openid-client, mod_auth_openidc, Authlib, go-oidc, kube-apiserver
	@deploy/dev/interop.sh

clean: ## remove what was built (not ./var, which is your data)
	rm -rf bin e2e-out
