#!/usr/bin/env bash
# Makes .venv and installs one lock file into it, every file checked against its hash.
#
#   tools/set_up.sh requirements.lock        what `make demo` needs
#   tools/set_up.sh requirements-dev.lock    what `make test` and `make check` need
#
# Uses uv, itself pinned by hash in requirements-bootstrap.lock, and pip where uv cannot be had.
# PYTHON=/path/to/python3 chooses the interpreter (3.11 or newer).
set -euo pipefail
cd "$(dirname "$0")/.."

lock=${1:?give the lock file to install}
venv=.venv
bootstrap=.cache/bootstrap
uv=

say() { printf 'set-up: %s\n' "$*" >&2; }

is_recent_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    local candidate
    for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3 python3.12 python3.13 python3.14; do
        if is_recent_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    say "no Python 3.11 or newer found; install one (Debian: apt-get install python3) or set PYTHON=/path/to/python3"
    return 1
}

install_debian_packages() { # as root on Debian or a relative of it; fails elsewhere
    [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null 2>&1 || return 1
    say "installing Debian's $*"
    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$@"; } >/dev/null 2>&1
}

uv_beside() { # pip of $1 puts uv in $bootstrap
    "$1" -m pip --version >/dev/null 2>&1 &&
        "$1" -m pip install -qq --target "$bootstrap" --upgrade --require-hashes -r requirements-bootstrap.lock &&
        uv=$bootstrap/bin/uv
}

make_venv() {
    if [[ -x $venv/bin/python ]] && is_recent_enough "$venv/bin/python"; then
        return
    fi
    local python
    python=$(find_python)
    rm -rf "$venv"
    if "$python" -m venv "$venv" >/dev/null 2>&1; then
        return
    fi
    # Debian keeps ensurepip, which venv needs, in a package of its own.
    rm -rf "$venv"
    if command -v uv >/dev/null 2>&1 || uv_beside "$python"; then
        "${uv:-uv}" venv --quiet --seed --python "$python" "$venv"
        return
    fi
    if install_debian_packages python3-venv; then
        "$python" -m venv "$venv"
        return
    fi
    say "this Python has neither venv nor pip; run: sudo apt-get install python3-venv"
    return 1
}

find_uv() {
    if [[ -n $uv ]]; then
        return
    fi
    if [[ ! -x $venv/bin/uv ]]; then
        "$venv/bin/python" -m pip install -qq --disable-pip-version-check --require-hashes \
            -r requirements-bootstrap.lock || return 1
    fi
    uv=$venv/bin/uv
}

install_lock() {
    if find_uv && "$uv" pip install --quiet --python "$venv/bin/python" --require-hashes -r "$lock"; then
        "$uv" pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation --editable .
        return
    fi
    say "uv is not usable here, using pip: this takes about a minute"
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check --require-hashes -r "$lock"
    "$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
}

started=$SECONDS
make_venv
install_lock
say "$lock installed in $venv in $((SECONDS - started)) s"
