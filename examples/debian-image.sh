# Sourced by the build script of each example, which is called with the directory to make and the size of its data:
#
#     unpack PACKAGE…                the Debian packages and what they need, below $tree
#     …                              the example adds its own files there
#     publish UMOCI-CONFIG-OPTION…   $directory becomes an OCI layout that holds $tree as `image`
#
# What the packages' scripts would do is left out: seconds instead of a minute. Needs root, as images do.
set -eu

directory=$1
size=$2
example=$(dirname -- "$(readlink -f -- "$0")")
root=$(readlink -f -- "$example/../..")
. "$root/scripts/setup/common.sh"
. "$root/scripts/setup/debian.sh"

[ "$(id -u)" = 0 ] || fail "only root can give the files of an image their owners: run this as root"
work=$(mktemp -d)
tree=$work/tree
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
umask 022

# What no guest of ours calls: Perl and its tools, translations, and the compiler that PostgreSQL has for long queries.
left_out='^(perl|libperl|lib.*-perl|locales|libc-l10n|libllvm|libz3)'

unpack() {
  say "building an image of Debian packages: $*"
  mkdir "$work/deb" "$tree"
  # Old lists do not know a package, or name a version that the mirror no longer has.
  download "$@" || { update_lists && download "$@"; } || fail "apt could not bring $*"
  for package in "$work"/deb/*.deb; do dpkg-deb --extract "$package" "$tree"; done
  # The scripts of base-passwd would write these, and dash's the link.
  cp "$tree/usr/share/base-passwd/passwd.master" "$tree/etc/passwd"
  cp "$tree/usr/share/base-passwd/group.master" "$tree/etc/group"
  ln -sf dash "$tree/bin/sh"
}

download() {
  packages=$(packages_for "$@") && (cd "$work/deb" && apt -o APT::Sandbox::User=root download $packages)
}

# NAME=VERSION of each package that an empty system would get. In apt's list a line is 'URI' FILE SIZE HASH, and FILE is NAME_VERSION_ARCHITECTURE.deb.
packages_for() {
  list=$(apt -o Dir::State::status=/dev/null -o APT::Install-Recommends=false --print-uris install \
    base-files base-passwd coreutils dash libc-bin "$@" 2>/dev/null) || return 1
  echo "$list" | cut -d ' ' -f 2 | grep -vE "$left_out" | sed 's/%3a/:/; s/_/=/; s/_.*//'
}

# Debian's own sources, whatever else this machine installs from; the cache is not the machine's, whose status is another.
apt() {
  apt-get -qq -o Dir::Cache="$work/apt" -o Dir::Etc::SourceParts=- -o Dir::Etc::SourceList="$(debian_sources)" "$@"
}

debian_sources() {
  if [ -s /etc/apt/sources.list.d/debian.sources ]; then echo /etc/apt/sources.list.d/debian.sources; else echo /etc/apt/sources.list; fi
}

publish() {
  umoci init --layout "$directory" >/dev/null
  umoci new --image "$directory:image" >/dev/null
  tar --create --sort=name --numeric-owner --directory "$tree" --file "$work/layer.tar" .
  umoci raw add-layer --image "$directory:image" "$work/layer.tar" >/dev/null
  umoci config --image "$directory:image" --config.env PATH=/usr/bin:/bin --config.env LANG=C.UTF-8 "$@" >/dev/null
}
