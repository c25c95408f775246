# Two commands are enough: `make demo` and `make test`. Both set up what they need.

export OMP_THREAD_LIMIT := 1

.PHONY: demo test setup setup-tests fixtures

## demo: set up, verify the shipped cases, name the reports
demo: setup
	cargo build --quiet --release --locked
	@target=$${CARGO_TARGET_DIR:-target}; \
	$$target/release/heyan verify fixtures/cases --out heyan-reports --today 2023-03-01; \
	code=$$?; \
	if [ $$code -ne 1 ]; then echo "demo: expected discrepancies (exit code 1), got $$code" >&2; exit 1; fi; \
	$$target/release/heyan rules test jiangsu-2023 | tail -n 1

# What `cargo clippy -- -D warnings` sets. Compiling under it once, instead of checking and then compiling, spares
# reading all dependencies a second time.
LINTED := RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-Dwarnings__CLIPPY_HACKERY__

## test: set up, formatting, lints, tests; warnings are errors
test: setup-tests
	cargo fmt --all --check
	$(LINTED) cargo test --workspace --tests --benches --locked --no-run
	$(LINTED) cargo test --workspace --locked

## setup: Debian packages, models and runtime; quick when there is nothing to do
setup:
	@scripts/setup.sh

## setup-tests: the same, and the servers that tests start
setup-tests:
	@scripts/setup.sh tests

## fixtures: draw the shipped cases again
fixtures: setup
	cargo run --quiet --release --locked -p heyan-fixtures -- shipped --out fixtures/cases
