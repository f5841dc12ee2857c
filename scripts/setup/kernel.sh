# The guest's kernel: Debian's own signed package of the 6.12 series, downloaded and unpacked, not installed.
#
#     build/kernel/vmlinuz   config   version (as `uname -r` prints it)
#     build/kernel/modules/  the tree of lib/modules/<version>

# 6.12 has VMGENID built in, and its cloud flavour the virtio devices of a VM.
kernel_names='^linux-image-6\.12\.[0-9]+(\+deb[0-9]+)?(-[0-9]+)?-cloud-amd64$'

bring_kernel() {
  if [ -s "$build/kernel/version" ] && [ -s "$build/kernel/vmlinuz" ] && [ -d "$build/kernel/modules/kernel" ]; then return 0; fi
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
    fail "the guest's kernel comes from a Debian package, and this is no Debian; set RAMET_KERNEL and RAMET_INITRAMFS to your own"
  package=$(newest_kernel_package)
  if [ -z "$package" ]; then
    update_lists
    package=$(newest_kernel_package)
  fi
  [ -n "$package" ] || fail "apt knows no kernel package linux-image-6.12*-cloud-amd64; is the security or backports suite in its sources?"

  work=$build/kernel.new
  rm -rf "$work"
  mkdir -p "$work/deb" "$work/tree"
  say "downloading the guest's kernel, $package (unpacked into build/kernel, not installed)"
  if ! download_package "$package" "$work/deb"; then
    update_lists
    package=$(newest_kernel_package)
    download_package "$package" "$work/deb" || fail "apt could not download $package; the whole output is in build/apt.log"
  fi
  unpack_kernel "$work"
  rm -rf "$build/kernel" "$work/deb" "$work/tree"
  mv "$work" "$build/kernel"
}

# Old packages stay known by name after they left the archive: only one that apt can still show is there.
newest_kernel_package() {
  for name in $(apt-cache pkgnames linux-image-6.12 2>/dev/null | grep -E "$kernel_names" | sort -rV); do
    if apt-cache show --no-all-versions "$name" 2>/dev/null | grep -q '^Filename:'; then
      echo "$name"
      return 0
    fi
  done
}

# apt checks the file against the signed list. Its sandbox user cannot write to a private checkout: the option says that root, if it is root, will.
download_package() (
  cd "$2"
  logged apt apt-get -q -o APT::Sandbox::User=root download "$1"
)

unpack_kernel() {
  dpkg-deb -x "$1"/deb/*.deb "$1/tree"
  set -- "$1" "$1"/tree/boot/vmlinuz-*
  kernel_version=${2##*/vmlinuz-}
  modules=$1/tree/lib/modules
  # Debian 13 keeps them under usr/.
  if [ ! -d "$modules" ]; then modules=$1/tree/usr/lib/modules; fi
  mv "$2" "$1/vmlinuz"
  mv "$1/tree/boot/config-$kernel_version" "$1/config"
  mv "$modules/$kernel_version" "$1/modules"
  echo "$kernel_version" >"$1/version"
}
