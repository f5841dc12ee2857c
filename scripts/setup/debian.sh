# Debian packages: found by what they bring, installed only when that is missing.

# Runs a command with its output in build/NAME.log; shows the last lines when it fails.
logged() {
  log=$build/$1.log
  shift
  if "$@" >"$log" 2>&1; then return 0; fi
  tail -n 15 "$log" | sed 's/^/    /' >&2
  return 1
}

# What a VM, its guest and the tests need. A program of the user's own is as good as the package's.
bring_programs() {
  missing=
  command -v "$(qemu)" >/dev/null || lacks qemu-system-x86
  command -v musl-gcc >/dev/null || lacks musl-tools
  command -v gcc >/dev/null || lacks gcc
  [ -e /usr/include/stdio.h ] || lacks libc6-dev
  [ -e /usr/include/linux/netlink.h ] || lacks linux-libc-dev
  has_static_busybox || lacks busybox-static
  command -v cpio >/dev/null || lacks cpio
  command -v xz >/dev/null || lacks xz-utils
  command -v mkfs.erofs >/dev/null || lacks erofs-utils
  command -v mkfs.ext4 >/dev/null || lacks e2fsprogs
  command -v python3 >/dev/null || lacks python3
  # The tests make certificates.
  command -v openssl >/dev/null || lacks openssl
  # Of images from registries: only root can give their files the owners that an image says. erofs-utils may be squashfs-tools.
  if [ "$(id -u)" = 0 ]; then
    command -v skopeo >/dev/null || lacks skopeo
    command -v umoci >/dev/null || lacks umoci
    # The tests make an image with mmdebstrap, which takes more of Perl than the essential perl-base has.
    perl -MEnglish -e 1 2>/dev/null || lacks perl
    # The tests pack images as a host without erofs-utils does.
    command -v mksquashfs >/dev/null || lacks squashfs-tools
  fi
  # Of network mode bridge, which takes root.
  if may_make_bridges; then
    command -v ip >/dev/null || lacks iproute2
    command -v nft >/dev/null || lacks nftables
  fi
  [ -z "$missing" ] || install_packages "QEMU and the tools that build the guest" $missing
}

# Without a TAP there is nothing to plug in, and nobody but root makes one.
may_make_bridges() {
  [ "$(id -u)" = 0 ] && [ -c /dev/net/tun ]
}

lacks() {
  missing="$missing $1"
}

# The guest's root has no C library: a dynamic busybox does not start there.
has_static_busybox() {
  command -v busybox >/dev/null && ! ldd "$(command -v busybox)" 2>/dev/null | grep -q '=>'
}

# install_packages WHY PACKAGE…
install_packages() {
  why=$1
  shift
  by_hand="apt-get install --no-install-recommends $*"
  command -v apt-get >/dev/null || fail "needs $why, and this is no Debian; install by hand what these packages bring: $*"
  may_be_root || fail "needs $why, and you are neither root nor able to use sudo; run as root: $by_hand"
  if lacks_candidate "$@"; then update_lists; fi
  say "installing with apt: $* ($why)"
  if apt_install "$@"; then return 0; fi
  # An old list names files that the mirror no longer has.
  update_lists
  apt_install "$@" || fail "apt could not install them; see build/apt.log, or run as root: $by_hand"
}

lacks_candidate() {
  for package; do
    apt-cache policy "$package" 2>/dev/null | grep -q '^ *Candidate: [^(]' || return 0
  done
  return 1
}

update_lists() {
  may_be_root || fail "the package lists are missing or old; run as root: apt-get update"
  say "updating the package lists with apt-get update"
  logged apt as_root apt-get -q -o DPkg::Lock::Timeout=300 update || fail "apt-get update failed; is there a network?"
}

apt_install() {
  logged apt as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 install --no-install-recommends "$@"
}

may_be_root() {
  [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && { sudo -n true 2>/dev/null || ask_for_sudo; }; }
}

# The password is asked for here, where the user sees it: later output goes to a file.
ask_for_sudo() {
  [ -t 0 ] && say "needs sudo to install Debian packages" && sudo -v
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}
