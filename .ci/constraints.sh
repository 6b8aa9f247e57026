#!/usr/bin/env bash
# Resolves every dependency again, for all supported Pythons and platforms at once, into constraints.txt.
# Needs uv. Panel and Bokeh are held at one version on every Python: what a page may do with text from a model
# is tested against exactly these (tests/browser), so a new one is taken on purpose, not by the way.
set -euo pipefail
cd "$(dirname "$0")/.."

header="# Exact versions for Python 3.11 to 3.13, written by 'make constraints'. Used as: pip install -c constraints.txt"
{
  echo "$header"
  uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-annotate --no-header --no-emit-index-url \
    --constraint <(printf 'panel==1.9.4\nbokeh==3.9.2\n') pyproject.toml
} >constraints.new
mv constraints.new constraints.txt
