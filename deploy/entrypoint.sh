#!/bin/sh
# First start: make a directory that runs. Later starts: run what is there.
set -eu
directory=${SLUICE_DIR:-/data/gateway}
if [ ! -f "$directory/sluice.yaml" ]; then
    sluice init "$directory" --upstream "${SLUICE_UPSTREAM:?say where to: SLUICE_UPSTREAM=https://...}"
fi
exec sluice serve --dir "$directory" --host 0.0.0.0 --workers "${SLUICE_WORKERS:-1}" "$@"
