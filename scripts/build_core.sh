#!/usr/bin/env bash
# Build core/ in release profile and install it into the environment, or say why the Python engine serves instead.
# Usage: BIN=.venv/bin RUSTFLAGS="flags" scripts/build_core.sh STAMP
# The stamp is touched only after a build, so that a machine that gets cargo later builds then. Where CI is set, a
# missing or too old cargo is a failure. The least version stands in core/Cargo.toml (rust-version) and nowhere else.
set -euo pipefail
stamp=$1
needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' core/Cargo.toml)

without() {
    if [ -n "${CI:-}" ]; then
        echo "setup: expected Rust $needed or newer in CI, found $1; install it: nothing is checked without the core" >&2
        exit 1
    fi
    echo "setup: $1, so the readable Python engine (spec) serves; with Rust $needed or newer, run make setup again"
    exit 0
}

command -v cargo >/dev/null || without "no cargo here"
found=$(rustc --version | cut -d' ' -f2)
if [ "$(printf '%s\n%s\n' "$needed" "$found" | sort -V | head -1)" != "$needed" ]; then
    without "Rust $found here"
fi
exec 9>"$BIN/../.building"
flock 9 # two setups at once would install into each other
echo "setup: Rust core (release, RUSTFLAGS='${RUSTFLAGS:-}')"
PATH="$PWD/$BIN:$PATH" "$BIN/python" -m pip --quiet install --no-deps --no-build-isolation --force-reinstall --config-settings=build-args=--locked ./core
touch "$stamp"
