#!/bin/sh
# Brings what is missing and nothing else: `setup.sh packages|machine`. The launcher runs it, one at a time per checkout.
# What it brings stays in node_modules/ and build/; only the programs that Debian ships are installed on the machine.
set -eu

what=$1
root=$(dirname -- "$(readlink -f -- "$0")")/../..
root=$(readlink -f -- "$root")
here=$root/scripts/setup
. "$here/common.sh"
. "$here/debian.sh"
. "$here/packages.sh"
. "$here/kernel.sh"

main() {
  # Another launcher may have done it while this one waited for the lock.
  if is_stamped "$what"; then exit 0; fi
  case $what in
    packages) bring_packages ;;
    machine)
      bring_programs
      if ! has_own_guest; then bring_kernel; fi
      build_guest
      build_host
      ;;
    *) fail "setup.sh knows packages and machine, not $what" ;;
  esac
  "has_$what" || fail "set-up ended, but something is still missing; see the lines above"
  fingerprint "$what" >"$build/$what.stamp.new"
  mv "$build/$what.stamp.new" "$build/$what.stamp"
}

# guest/build.sh makes only what is missing or older than its sources.
build_guest() {
  say "building the guest: agent, initramfs, base image (a few seconds)"
  logged guest sh "$root/guest/build.sh" "$build" || fail "the guest could not be built; the whole output is in build/guest.log"
}

build_host() {
  logged host sh "$root/host/build.sh" "$build" || fail "what is loaded into QEMU could not be built; the whole output is in build/host.log"
}

main
