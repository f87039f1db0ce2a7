#!/usr/bin/env bash
# Re-makes the lock files from pyproject.toml: exact versions and hashes, the same on every machine.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-.venv/bin/uv}
"$uv" pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url "$@" \
    pyproject.toml --extra audit --group build -o requirements/run.lock
"$uv" pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url "$@" \
    pyproject.toml --extra audit --group build --group test --group lint -c requirements/run.lock -o requirements/test.lock
