#!/bin/sh
# numba opens its cache for writing, but the root file system is read-only: it gets a copy.
set -eu
mkdir -p "$NUMBA_CACHE_DIR"
cp -R /opt/kernels/. "$NUMBA_CACHE_DIR"
exec "$@"
