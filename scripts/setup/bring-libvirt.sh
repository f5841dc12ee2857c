#!/bin/sh
# libvirt, which `./ramet bench` measures beside Ramet and nothing else needs. Its packages, unlike libvirt-daemon-system, start no service.
#
#     bring-libvirt.sh BUILD_DIR
set -eu

root=$(dirname -- "$(readlink -f -- "$0")")/../..
root=$(readlink -f -- "$root")
. "$root/scripts/setup/common.sh"
build=$1
. "$root/scripts/setup/debian.sh"

has_libvirt() {
  command -v libvirtd >/dev/null && command -v virsh >/dev/null &&
    ls /usr/lib/*/libvirt/connection-driver/libvirt_driver_qemu.so >/dev/null 2>&1
}

if has_libvirt; then exit 0; fi
install_packages "the bench measures libvirt beside Ramet" libvirt-daemon libvirt-daemon-driver-qemu libvirt-clients
has_libvirt || fail "apt installed libvirt, but libvirtd, virsh or its QEMU driver is not where Debian puts it"
