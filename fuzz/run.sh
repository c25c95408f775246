#!/usr/bin/env bash
# Fuzzes one reader: fuzz/run.sh TARGET SECONDS, or fuzz/run.sh build to build only.
# Targets: pdf ofd xml spreadsheet csv word image archive email authenticate recognise.
# The first inputs are the fixtures; what is found worth keeping stays under fuzz/corpus/TARGET, and
# what brings the reader down under fuzz/artifacts/TARGET. Needs the stable toolchain and a C++ compiler.
set -euo pipefail

target="${1:?which target? see the head of this file}"
seconds="${2:-60}"
here="$(cd "$(dirname "$0")" && pwd)"
machine="$(rustc -vV | sed -n 's/^host: //p')"

# What cargo-fuzz passes as well, without the sanitizers that only a nightly compiler has. With a
# target named, the flags stay away from build scripts.
flags=(
  -Cpasses=sancov-module
  -Cllvm-args=-sanitizer-coverage-level=4
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters
  -Cllvm-args=-sanitizer-coverage-pc-table
  -Cllvm-args=-sanitizer-coverage-trace-compares
  -Cllvm-args=-simplifycfg-branch-fold-threshold=0
  -Ccodegen-units=1
)
RUSTFLAGS="${flags[*]}" cargo build --quiet --release --locked \
  --manifest-path "$here/Cargo.toml" --target "$machine"
if [ "$target" = build ]; then exit 0; fi
program="${CARGO_TARGET_DIR:-$here/target}/$machine/release/readers"

corpus="$here/corpus/$target"
artifacts="$here/artifacts/$target"
mkdir -p "$corpus" "$artifacts"
# Every fixture is offered to every target; those of other formats are turned away when they are read.
find "$here/../fixtures/formats" "$here/../fixtures/cases" "$here/../fixtures/documents" \
  -type f -size -512k ! -name '*.words' ! -name '*.json' 2>/dev/null |
  while read -r file; do
    cp -n "$file" "$corpus/seed-$(sha256sum "$file" | cut -c1-16)"
  done

cd "$artifacts"
HEYAN_FUZZ="$target" "$program" "$corpus" \
  -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=524288 -artifact_prefix="$artifacts/"
