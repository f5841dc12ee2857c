#!/bin/sh
# Builds what is loaded into programs of this host:
#
#   BUILD_DIR/host/track-writes.so   for QEMU, see track-writes.c
#
# A second run does nothing unless an input has changed. Needs musl-gcc, for its headers alone.
set -eu

[ $# -eq 1 ] || { echo "usage: sh host/build.sh BUILD_DIR" >&2; exit 2; }
source_dir=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "$1/host" && cd "$1/host" && pwd)
umask 022

stamp() {
  {
    cat "$source_dir/build.sh" "$source_dir/track-writes.c"
    if [ -f "$out/track-writes.so" ]; then echo "it is there"; fi
  } | sha256sum | cut -d ' ' -f 1
}

if [ -f "$out/stamp" ] && [ "$(cat "$out/stamp")" = "$(stamp)" ]; then exit 0; fi
work=$(mktemp -d "$out/work.XXXXXX")
trap 'rm -rf "$work"' EXIT INT TERM
# Written under another name and renamed: a QEMU that runs keeps the file that it has mapped.
musl-gcc -shared -fPIC -nostdlib -std=c11 -D_GNU_SOURCE -Os -Wall -Wextra -Werror -s -o "$work/track-writes.so" \
  "$source_dir/track-writes.c"
mv "$work/track-writes.so" "$out/track-writes.so"
stamp > "$out/stamp"
