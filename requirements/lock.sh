#!/bin/sh
# Resolve pyproject.toml to complete, hash-locked files: run.lock for users, test.lock for developers.
set -eu
cd "$(dirname "$0")/.."
uv=.venv/bin/uv
test -x "$uv" || .venv/bin/python -m pip install --quiet --disable-pip-version-check uv
common="--quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url"
# shellcheck disable=SC2086
"$uv" pip compile $common -o requirements/run.lock requirements/build.in pyproject.toml
# shellcheck disable=SC2086
"$uv" pip compile $common -o requirements/test.lock requirements/build.in pyproject.toml --extra test
