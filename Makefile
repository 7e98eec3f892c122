# Every target that builds first makes sure of a libz3 that is new enough; see CONTRIBUTING.md.

TOOLS := $(CURDIR)/build/tools
PYTHON ?= python3
FUZZ_SECONDS ?= 60
CARGO_DENY_VERSION := 0.20.2
CARGO_FUZZ_VERSION := 0.13.2
MDBOOK_VERSION := 0.5.4
CHECKERS ?=
export PATH := $(PATH):$(TOOLS)/bin

.PHONY: help verify report test-browser catalogue catalogue-check certificates cross-check build test test-build test-needs test-scale-out \
  lint deny doc bench book vsix fuzz fuzz-build fmt z3 wheel tarball try-wheel try-tarball pinned-z3 \
  chromium-tool deny-tool fuzz-tool book-tool maturin-tool

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' Makefile

verify: z3 ## build the release binary and verify every spec under specs/
	cargo run --release --locked -- verify specs/ --also json=build/verify.json

report: z3 ## sweep and verify the specs under specs/, and write the report to build/report
	cargo build --release --locked
	$(PYTHON) scripts/sweeps.py build/sweeps
	target/release/yamen report specs/ --sweeps build/sweeps -o build/report

test-browser: chromium-tool ## drive build/report in a browser (make report builds it)
	@test -f build/report/index.html || $(MAKE) report
	cd tests/browser && npm ci --no-audit --no-fund --silent && node report.mjs ../../build/report

catalogue: z3 ## write specs/README.md: each row of the interview with its claims and verdicts
	cargo build --release --locked
	$(PYTHON) scripts/catalogue.py

catalogue-check: z3 ## say whether specs/README.md is current
	cargo build --release --locked
	$(PYTHON) scripts/catalogue.py --check --report build/verify.json

certificates: z3 ## write the proofs of every claim under specs/, and let cvc5 check them
	cargo run --release --locked -- certify specs/ -o build/certificates
	cargo run --release --locked -- check-certificate build/certificates \
	  --solver "$(PYTHON) scripts/cvc5.py"

cross-check: z3 ## have rIC3, ABC, Spacer and NuSMV decide the claims of specs/, where they are (CHECKERS: options)
	cargo build --release --locked
	$(PYTHON) scripts/cross-check.py $(CHECKERS)

build: z3 ## build the release binary
	cargo build --release --locked

test-build: z3 ## build every test
	cargo test --locked --no-run

test: z3 ## run every test
	cargo test --locked --no-fail-fast

test-needs: z3 ## try from outside what every proof under specs/ is said to need
	cargo test --locked --test needs -- --ignored --nocapture

test-scale-out: z3 ## sweep in two Dask worker processes, one of which is killed, and compare
	@test -x $(CURDIR)/build/scale-out/bin/python || $(PYTHON) -m venv build/scale-out
	build/scale-out/bin/python -m pip install --quiet --requirement examples/scale-out/requirements.txt
	YAMEN_DASK_PYTHON=$(CURDIR)/build/scale-out/bin/python \
	  cargo test --locked --test sweep -- --ignored dask

lint: z3 ## check the layout of the code and let clippy deny every warning
	cargo fmt --all --check
	cargo clippy --all-targets --locked -- -D warnings

deny: deny-tool ## check the licences, bans and sources of all dependencies
	cargo deny --locked check licenses bans sources

doc: z3 ## build the documentation of the library
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --locked

vsix: ## build the extension for VS Code, editors/vscode/yamen.vsix, and test its grammar (needs Node)
	cd editors/vscode && npm ci --no-audit --no-fund && npm test && \
	  cat ../../LICENSE-MIT > LICENSE.txt && npm run package

bench: z3 ## measure every benchmark under benches/
	@set -e; found=; for file in benches/*.rs; do \
	  [ -e "$$file" ] || continue; found=yes; \
	  cargo bench --locked --bench "$$(basename "$$file" .rs)"; \
	done; [ -n "$$found" ] || echo "there are no benchmarks yet: benches/ is empty"

book: book-tool ## build the book of docs/ under build/book
	mdbook build docs

wheel: pinned-z3 maturin-tool ## build the Python wheel, build/wheel/yamen-*.whl, which leaves libz3 to z3-solver
	rm -rf build/wheel
	YAMEN_CARRIED=1 build/maturin/bin/maturin build --locked --target-dir build/carried --out build/wheel

tarball: ## pack the program with libz3, completions and manual pages as build/tarball/yamen-*.tar.gz
	$(MAKE) wheel
	rm -rf build/tarball
	$(PYTHON) scripts/tarball.py build/wheel build/tarball

try-wheel: ## build the wheel, install it in a fresh virtual environment, and verify an example there
	$(MAKE) wheel
	$(PYTHON) scripts/try-package.py wheel build/wheel

try-tarball: ## build the tarball, unpack it, and verify an example there with an empty environment
	$(MAKE) tarball
	$(PYTHON) scripts/try-package.py tarball build/tarball

fuzz-build: fuzz-tool ## build the targets under fuzz/
	cargo fuzz build --sanitizer none

fuzz: fuzz-tool ## fuzz every target under fuzz/ for FUZZ_SECONDS (60) each
	@set -e; for file in fuzz/fuzz_targets/*.rs; do \
	  target="$$(basename "$$file" .rs)"; mkdir -p "fuzz/corpus/$$target"; \
	  cargo fuzz run --sanitizer none "$$target" "fuzz/corpus/$$target" specs tests/verdicts tests/fixtures \
	    -- -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=4096 -max_len=4096 -dict=fuzz/yamen.dict; \
	done

fmt: ## lay out the code
	cargo fmt --all

z3: ## find a libz3 that is new enough, or fetch one into build/z3
	@$(PYTHON) scripts/libz3.py

# A wheel and a tarball are linked with the libz3 that the pinned z3-solver brings, and no other.
pinned-z3:
	@$(PYTHON) scripts/libz3.py --pinned

# The tools that the targets above need, built in debug mode since that is quicker.
book-tool:
	@command -v mdbook >/dev/null || \
	  cargo install mdbook --version $(MDBOOK_VERSION) --locked --debug --quiet --root $(TOOLS) --no-default-features

chromium-tool:
	@command -v node >/dev/null || { echo "the browser tests need Node.js 18 or newer"; exit 1; }
	@test -x "$${YAMEN_CHROMIUM:-/usr/bin/chromium}" || { command -v apt-get >/dev/null && test "$$(id -u)" = 0 \
	  && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } \
	  || { echo "the browser tests need Chromium: apt-get install chromium, or name one in YAMEN_CHROMIUM"; exit 1; }

deny-tool:
	@command -v cargo-deny >/dev/null || \
	  cargo install cargo-deny --version $(CARGO_DENY_VERSION) --locked --debug --quiet --root $(TOOLS)

maturin-tool:
	@test -f build/maturin/pinned && cmp -s build/maturin/pinned scripts/maturin-wheel.txt || { \
	  rm -rf build/maturin && $(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes \
	    --root-user-action=ignore --target build/maturin --requirement scripts/maturin-wheel.txt && \
	  cp scripts/maturin-wheel.txt build/maturin/pinned; }

fuzz-tool:
	@command -v c++ >/dev/null || { echo "fuzzing needs a C++ compiler"; exit 1; }
	@command -v cargo-fuzz >/dev/null || \
	  cargo install cargo-fuzz --version $(CARGO_FUZZ_VERSION) --locked --debug --quiet --root $(TOOLS)
