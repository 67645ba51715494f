#!/usr/bin/env bash
# Packages both crates, unpacks them outside the workspace, and runs their unit tests there. A warning of `cargo package` is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# `--allow-dirty`, since what is not committed yet is tested too.
cargo package -p apisession-derive -p apisession --no-verify --allow-dirty --target-dir "$folder/target" 2>&1 | tee "$folder/log"
if grep -q '^warning' "$folder/log"; then
    echo "the packages are not clean: see the warnings above" >&2
    exit 1
fi

version=$(cargo pkgid -p apisession | sed 's/.*[#@]//')
for crate in apisession-derive apisession; do
    tar -xzf "$folder/target/package/$crate-$version.crate" -C "$folder"
    for file in Cargo.toml LICENSE-APACHE LICENSE-MIT README.md; do
        test -s "$folder/$crate-$version/$file" || { echo "$crate has no $file" >&2; exit 1; }
    done
done

# What they prove of random inputs, they prove in the workspace.
export ROUNDS=${ROUNDS:-500}
# Built as this workspace builds it, so that dependencies that are there already are used.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
for crate in apisession-derive apisession; do
    cargo test --lib --manifest-path "$folder/$crate-$version/Cargo.toml" \
        --config "patch.crates-io.apisession-derive.path='$folder/apisession-derive-$version'" \
        --config 'profile.dev.debug="line-tables-only"' \
        --config 'profile.dev.package."*".debug=false' \
        --config 'profile.dev.package.sha2.opt-level=2'
done
