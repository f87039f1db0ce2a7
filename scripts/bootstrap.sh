#!/usr/bin/env bash
# Makes .venv from a lock file: exact versions, checked by their hashes, nothing outside this folder.
#   scripts/bootstrap.sh run     what the product needs
#   scripts/bootstrap.sh test    that, and what its tests and checks need
# Does nothing when that was done for this very lock, so that it may come before every command.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/say.sh

group=${1:-run}
lock=requirements/$group.lock
installed=.venv/.installed # one line a group that is there; "test" contains "run"
export UV_NO_CONFIG=1 UV_HTTP_TIMEOUT=${UV_HTTP_TIMEOUT:-180} PIP_DISABLE_PIP_VERSION_CHECK=1

fingerprint() { # what an installation depends on: the lock, the package's own description, its place
    echo "$1 $({ cat "requirements/$1.lock" pyproject.toml scripts/bootstrap.sh; pwd; } | sha256sum | cut -c1-64)"
}

find_python() {
    local candidate
    for candidate in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    refuse "Portevoix demande Python 3.11 ou plus récent : installez-le (sous Debian : apt install python3)." \
        "Portevoix needs Python 3.11 or later: install it (on Debian: apt install python3)."
}

make_environment() { # with pip inside if at all possible; Debian's python3 alone brings none
    local python=$1
    if "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        "$python" -m venv --clear .venv
    elif "$python" -m virtualenv --version >/dev/null 2>&1; then
        "$python" -m virtualenv --quiet --clear .venv
    elif "$python" -c 'import venv' 2>/dev/null && { command -v uv || "$python" -m pip --version; } >/dev/null 2>&1; then
        "$python" -m venv --clear --without-pip .venv
    else
        refuse "Python ne sait pas créer d'environnement ici : installez son module venv (sous Debian : apt install python3-venv)." \
            "Python cannot make an environment here: install its venv module (on Debian: apt install python3-venv)."
    fi
}

pip_install() { # pip of the environment, else the machine's, writing into the environment
    if .venv/bin/python -m pip --version >/dev/null 2>&1; then
        .venv/bin/python -m pip install --quiet "$@"
    else
        "$python" -m pip --python .venv/bin/python install --quiet "$@"
    fi
}

uv_install() {
    local uv=.venv/bin/uv
    [ -x "$uv" ] || uv=$(command -v uv) || return 1
    VIRTUAL_ENV="$PWD/.venv" "$uv" pip install --quiet --no-progress "$@"
}

install_locked() {
    if ! command -v uv >/dev/null && [ ! -x .venv/bin/uv ]; then
        # uv is one of the locked packages: pip takes it alone, and uv takes the rest ten times quicker.
        local alone
        alone=$(mktemp)
        awk '/^uv==/ {inside = 1} inside {print} inside && !/\\$/ {exit}' "$lock" >"$alone"
        pip_install --require-hashes -r "$alone" || true
        rm -f "$alone"
    fi
    uv_install --compile-bytecode --require-hashes -r "$lock" || pip_install --require-hashes -r "$lock" ||
        refuse "Les paquets de $lock n'ont pas pu être installés : vérifiez l'accès au réseau et l'espace disque." \
            "The packages of $lock could not be installed: check access to the network and space on the disk."
    uv_install --no-deps --no-build-isolation --editable . || pip_install --no-deps --no-build-isolation --editable .
}

if [ -x .venv/bin/python ] && grep -qxF "$(fingerprint "$group")" "$installed" 2>/dev/null; then
    exit 0
fi
python=$(find_python)
say "Installation de ce dont Portevoix a besoin dans .venv (une à deux minutes la première fois)…" \
    "Installing what Portevoix needs into .venv (one or two minutes the first time)…"
.venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || make_environment "$python"
install_locked
{ fingerprint run; [ "$group" = run ] || fingerprint "$group"; } >"$installed"
