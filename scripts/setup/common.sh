# Sourced by the launcher and by set-up; expects $root. Words to the user go to stderr: stdout belongs to the command.

build=$root/build
# Node asks for the packages of package-lock.json only; the machine is those, and all that a VM needs.
PATH=$PATH:/usr/sbin:/sbin

say() {
  printf 'ramet: %s\n' "$*" >&2
}

fail() {
  say "$@"
  exit 1
}

asks_for_help() {
  for argument; do
    case $argument in
      --help | -h) return 0 ;;
      --) return 1 ;;
    esac
  done
  return 1
}

# Makes sure that "packages" or the whole "machine" is there; runs set-up when the stamp says otherwise.
require() {
  if is_stamped "$1"; then return 0; fi
  mkdir -p "$build" 2>/dev/null && [ -w "$build" ] ||
    fail "set-up is needed, but $build is not writable for you; run by its owner: $root/ramet setup"
  command -v flock >/dev/null || fail "set-up needs flock; install it by hand: apt-get install util-linux"
  # --close: what set-up starts must not hold the lock longer than set-up itself.
  taken=75
  status=0
  flock --nonblock --close --conflict-exit-code $taken "$build/.lock" sh "$root/scripts/setup/setup.sh" "$1" || status=$?
  if [ $status = $taken ]; then
    say "another ramet is setting up this checkout; waiting for it"
    status=0
    flock --close "$build/.lock" sh "$root/scripts/setup/setup.sh" "$1" || status=$?
  fi
  [ $status = 0 ] || exit $status
}

is_stamped() {
  [ -r "$build/$1.stamp" ] && [ "$(cat "$build/$1.stamp")" = "$(fingerprint "$1")" ] && "has_$1"
}

has_packages() {
  [ -d "$root/node_modules" ] && find_node >/dev/null
}

has_machine() {
  command -v "$(qemu)" >/dev/null &&
    { has_own_guest || { [ -s "$build/guest/vmlinux" ] && [ -s "$build/guest/initramfs.cpio" ]; }; } &&
    [ -s "$build/guest/images/ramet-base.erofs" ] && [ -s "$build/host/track-writes.so" ]
}

qemu() {
  echo "${RAMET_QEMU:-qemu-system-x86_64}"
}

# The user boots a kernel and initramfs of their own; we bring neither.
has_own_guest() {
  [ -n "${RAMET_KERNEL-}" ] && [ -n "${RAMET_INITRAMFS-}" ]
}

# Changes when set-up would do something else than it did.
fingerprint() (
  cd "$root"
  case $1 in
    packages) cat package-lock.json ;;
    machine)
      has_own_guest && echo own || echo built
      find scripts/setup guest host -type f ! -name '*.test.ts' ! -name '*.md' ! -name '*.pyc' -exec sha256sum {} + | sort
      ;;
  esac | sha256sum | cut -d ' ' -f 1
)

# Prints the path of a Node that strips types and has node:sqlite: 24 or newer.
find_node() {
  own=$root/node_modules/.bin/node
  # The version of our own is fixed by package-lock.json; only a stranger is asked for it.
  if [ -x "$own" ]; then
    echo "$own"
    return 0
  fi
  for candidate in "${RAMET_NODE-}" "$(command -v node || true)"; do
    if [ -n "$candidate" ] && is_new_node "$candidate"; then
      echo "$candidate"
      return 0
    fi
  done
  return 1
}

is_new_node() {
  version=$("$1" --version 2>/dev/null) || return 1
  major=${version#v}
  major=${major%%.*}
  [ "$major" -ge 24 ] 2>/dev/null
}
