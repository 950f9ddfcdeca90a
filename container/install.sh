#!/bin/sh
# Makes an environment with the dashboard from requirements.lock, whose every file has its hash: DEVICE TORCH_INDEX TARGET.
# For a CPU torch comes from an index of its own, as one file and without what belongs to CUDA.
set -eu
device=$1 index=$2 target=$3
here=$(dirname "$0")
python3 -m venv "$target"
pip="$target/bin/python -m pip install --quiet"
lock="$here/../requirements.lock"
if [ "$device" = cpu ] && [ -n "$index" ]; then
    "$target/bin/python" "$here/without_cuda.py" "$lock" > "$target/requirements.lock"
    lock="$target/requirements.lock"
    $pip --no-deps --index-url "$index" -c "$here/../constraints.txt" torch
fi
$pip --no-deps --require-hashes -r "$lock"
$pip 'hatchling>=1.27,<2' 'hatch-requirements-txt>=0.4,<0.5'
$pip --no-deps --no-build-isolation "$here/.."
cp "$here/health.py" "$target/health.py"
