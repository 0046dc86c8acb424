#!/usr/bin/env bash
# Install the kit of `make offline` in an empty folder with the network off, and use it. On Linux, as root.
# bash workshop/try_offline.sh build/offline /tmp/kit
set -euo pipefail
kit=$(realpath "$1") to=$2
mkdir "$to" # an empty folder: what is there already would help the kit
cp -r "$kit/." "$to"
cd "$to"
rm -rf .venv
unshare --net bash -euo pipefail -c '
    export HOME="$PWD/home" PIP_CACHE_DIR="$PWD/home/no-cache" # no settings and no wheels of the user
    mkdir "$HOME"
    ip link set lo up # the kernels of Jupyter talk to it over this one
    if curl --silent --max-time 5 https://example.org >/dev/null; then
        echo "the network is on: this would prove nothing"
        exit 1
    fi
    "$0" install.py
    cd course
    S2S_FAST=1 ../.venv/bin/jupyter execute notebooks/00_start_here.ipynb
    ../.venv/bin/s2s-keras translate "How are you?"
    ../.venv/bin/jupyter lab --no-browser --allow-root --port=8899 --ServerApp.token= 2>lab.log &
    lab=$!
    trap "kill $lab" EXIT
    for _ in $(seq 60); do
        curl --silent --fail localhost:8899/lab/tree/notebooks/00_start_here.ipynb >/dev/null && break
        sleep 1
    done
    curl --silent --fail localhost:8899/api/contents/notebooks?content=0 >/dev/null
    echo "JupyterLab answers"
' "${PYTHON:-python3}"
