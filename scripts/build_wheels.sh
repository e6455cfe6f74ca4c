#!/usr/bin/env bash
# Build both packages for other machines: the pure wheel of tarazy and the portable one of tarazy-core.
# Usage: BIN=.venv/bin scripts/build_wheels.sh FOLDER
# No flags of this machine's processor go in, and the crate gets a target folder of its own, so that nothing that was
# built with them is taken. maturin reads from the finished library which glibc it needs and names the wheel for it.
set -euo pipefail
folder=$1
rm -rf "$folder"
mkdir -p "$folder"
"$BIN/python" -m pip --quiet wheel --no-deps --no-build-isolation --wheel-dir "$folder" .
RUSTFLAGS= CARGO_TARGET_DIR=core/target/portable PATH="$PWD/$BIN:$PATH" \
    "$BIN/maturin" build --quiet --release --locked --manifest-path core/Cargo.toml --interpreter "$BIN/python" --out "$folder"
ls "$folder"
