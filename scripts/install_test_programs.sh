#!/usr/bin/env bash
# Installs the programs of others that tests run: a Redis server, a browser, what unpacks archives and
# what mounts exFAT from Debian's packages, DuckDB from npm, the AWS CLI's own validation from PyPI. What is there already is left alone. Fails when
# one of them cannot be had; its tests are skipped then, or fail where CI is set.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
needs() { # a program and the package that has it
  command -v "$1" > /dev/null || packages+=("$2")
}
needs redis-server redis-server
needs redis-cli redis-tools
needs bsdtar libarchive-tools
needs busybox busybox
needs zsh zsh
needs python3 python3
needs pip3 python3-pip
needs chromium chromium
needs mkfs.exfat exfatprogs
needs mount.exfat-fuse exfat-fuse
if ((${#packages[@]} > 0)); then
  if [[ $(id -u) != 0 ]] || ! command -v apt-get > /dev/null; then
    echo "please install ${packages[*]}" >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${packages[@]}" > /dev/null
fi

# The native module comes in packages of its own: nothing is downloaded from elsewhere, nothing built.
duckdb=tests/recipes/duckdb
if [[ ! $duckdb/node_modules/.package-lock.json -nt $duckdb/package-lock.json ]]; then
  npm ci --prefix "$duckdb" --ignore-scripts --no-audit --no-fund --loglevel error
fi

# What the AWS CLI checks requests with, in a folder of its own.
botocore=tests/recipes/botocore
if [[ ! -d $botocore/packages/botocore ]]; then
  python3 -m pip install --quiet --disable-pip-version-check --target "$botocore/packages" \
    --requirement "$botocore/requirements.txt"
fi
