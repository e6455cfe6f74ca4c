#!/usr/bin/env bash
# Check core/: format, lints as errors, with and without Python, and the stub of the native module against the binary.
# Usage: BIN=.venv/bin scripts/check_core.sh
set -euo pipefail
if ! command -v cargo >/dev/null; then
    if [ -n "${CI:-}" ]; then
        echo "check: expected cargo in CI, found none; install Rust (core/Cargo.toml says which)" >&2
        exit 1
    fi
    echo "check: no cargo here, core/ is not checked"
    exit 0
fi
(
    cd core
    cargo fmt --check
    cargo clippy --quiet --locked --all-targets -- -D warnings
    cargo clippy --quiet --locked --all-targets --features c-api -- -D warnings
    cargo clippy --quiet --locked --all-targets --features python -- -D warnings
)
# The package that maturin makes holds the binary as a module of the same name, which nobody imports.
"$BIN/python" -m mypy.stubtest --concise --allowlist <(echo tarazy_core.tarazy_core) tarazy_core
