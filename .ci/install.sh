#!/bin/sh
# Make .venv and install a locked set and this project into it: with uv where it is found, else with pip.
# Usage: .ci/install.sh PYTHON LOCKFILE
set -eu
python=$1
lock=$2
if ! "$python" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))'; then
    echo "需要 Python 3.11 或更高版本；可用 make PYTHON=python3.12 指定。" >&2
    exit 2
fi
if command -v uv >/dev/null 2>&1; then
    [ -x .venv/bin/python ] || uv venv --quiet --python "$python" .venv
    uv pip install --quiet --python .venv/bin/python -r "$lock"
    uv pip install --quiet --python .venv/bin/python --no-deps --editable .
else
    if [ ! -x .venv/bin/pip ]; then
        "$python" -m venv .venv || {
            echo "无法建立虚拟环境；Debian 系统请先安装 python3-venv。" >&2
            exit 2
        }
    fi
    .venv/bin/pip install --quiet --disable-pip-version-check -r "$lock"
    .venv/bin/pip install --quiet --disable-pip-version-check --no-deps --editable .
fi
