#!/bin/sh
# Programs that only the tests of images need: Debian's docker-registry, whose package would start a service, and mmdebstrap. One that is
# not on this machine is downloaded and unpacked into BUILD_DIR, not installed.
#
#     test-program.sh BUILD_DIR PROGRAM      prints the path of the program, which has its package's name
set -eu

root=$(dirname -- "$(readlink -f -- "$0")")/../..
root=$(readlink -f -- "$root")
. "$root/scripts/setup/common.sh"
build=$1
program=$2
. "$root/scripts/setup/debian.sh"

if command -v "$program"; then exit 0; fi
home=$build/test-programs/$program
if [ ! -x "$home/usr/bin/$program" ]; then
  # Tests run side by side: each unpacks for itself, and the first one's stays.
  work=$(mktemp -d "$build/test-program.XXXXXX")
  trap 'rm -rf "$work"' EXIT INT TERM
  if lacks_candidate "$program"; then update_lists; fi
  (cd "$work" && apt-get -q download "$program" >&2) || fail "apt could not download $program"
  dpkg-deb -x "$work/$program"_*.deb "$work"
  rm -f "$work"/*.deb
  mkdir -p "$build/test-programs"
  mv -nT "$work" "$home"
fi
echo "$home/usr/bin/$program"
