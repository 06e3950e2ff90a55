#!/bin/sh
# Sets everything up on first use, then runs `odfin` with the arguments given (none: `serve`).
#   sh run.sh                 set up, index knowledge/, start the console and, with a token, the bot
#   sh run.sh ask "…"         any odfin command
#   sh run.sh test [ARGS]     the whole test suite (ARGS go to pytest)
#   sh run.sh lock            write the lock files anew from pyproject.toml
# Interrupted at any point, the next start goes on from there.
set -eu
cd "$(dirname "$0")"
venv="${ODFIN_VENV:-.venv}"
python="$venv/bin/python"

say() { printf '%s\n' "$*" >&2; }

find_python() {
    for candidate in "${PYTHON:-}" python3.13 python3.12 python3.11 python3; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s' "$candidate"; return 0
        fi
    done
    say "需要 Python 3.11 或更新版本；请安装后重试（可用 PYTHON=/路径/python3 指定）"
    exit 1
}

# Some containers forbid Python to keep what it has compiled: every start would compile torch and the others anew.
unset PYTHONDONTWRITEBYTECODE

# uv does not read pip's configuration; some machines offer a local folder of wheels there.
export UV_FIND_LINKS="${UV_FIND_LINKS:-${PIP_FIND_LINKS:-}}"
[ -n "$UV_FIND_LINKS" ] || unset UV_FIND_LINKS

make_venv() {
    # An interrupted installation may have left half a package: begin anew, from what is in the cache by now.
    if [ -e "$venv/.installing" ] || ! "$python" -m pip --version >/dev/null 2>&1; then
        base="$(find_python)"
        say "正在建立虚拟环境 $venv …"
        if ! "$base" -m venv --clear "$venv" 2>/dev/null; then
            say "建不了虚拟环境：Python 缺少 venv 模块（Debian/Ubuntu 请先运行 apt-get install python3-venv）"
            exit 1
        fi
    fi
    touch "$venv/.installing"
    "$python" -m uv --version >/dev/null 2>&1 || "$python" -m pip install --quiet uv
}

# install LOCK: brings the environment to the lock, unless it was brought to this very lock before.
install() {
    stamp="$venv/.installed-$(printf '%s' "$1" | tr '/' '-')"
    wanted="$(cksum < "$1") $(cksum < pyproject.toml)"
    [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && [ ! -e "$venv/.installing" ] && return 0
    make_venv
    say "正在安装依赖（$1）…"
    "$python" -m uv pip install --quiet --python "$python" -r "$1"
    "$python" -m uv pip install --quiet --python "$python" --no-deps -e .
    printf '%s' "$wanted" > "$stamp"
    rm -f "$venv/.installing"
}

debian_packages() {
    missing=""
    command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
    fc-list 2>/dev/null | grep -qi 'cjk' || missing="$missing fontconfig fonts-noto-cjk"
    fc-list 2>/dev/null | grep -qi 'DroidSansFallback' || missing="$missing fonts-droid-fallback"
    [ -n "$missing" ] || return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        say "测试需要这些软件，请用系统的包管理器安装：$missing"; return 0
    fi
    say "正在安装测试所需的系统软件：$missing"
    sudo=""; [ "$(id -u)" = 0 ] || sudo="sudo"
    $sudo apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive \
        $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

lock() {
    make_venv
    # Where no CPU wheel is offered, torch brings its CUDA libraries: they are not part of the lock.
    slim() { sed -i.bak -e 's/+cpu$//' -e '/^nvidia-/d' -e '/^cuda-/d' -e '/^triton==/d' "$1" && rm -f "$1.bak"; }
    compile() { "$python" -m uv pip compile -q pyproject.toml --python-version 3.11 --no-annotate --no-header "$@"; }
    compile -o requirements.lock && slim requirements.lock
    compile --extra test --extra training -c requirements.lock -o training/requirements.lock
    slim training/requirements.lock
    rm -f "$venv/.installing"
}

case "${1:-serve}" in
    test)
        shift
        debian_packages
        install training/requirements.lock  # the tests train small models too
        # Two workers, a file's tests together: its fixtures (models, browser) are made once. `-n 0` runs all in one process.
        exec "$python" -m pytest -n 2 --dist loadscope --no-loadscope-reorder "$@"
        ;;
    lock)
        lock
        ;;
    *)
        install requirements.lock
        [ "${1:-}" = train ] && install training/requirements.lock
        [ $# -gt 0 ] || set -- serve
        exec "$venv/bin/odfin" "$@"
        ;;
esac
