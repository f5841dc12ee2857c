#!/bin/sh
# Builds what a VM boots from, out of a kernel's modules and this machine's tools:
#
#   BUILD_DIR/kernel/modules/        (input) a lib/modules/VERSION tree
#   BUILD_DIR/kernel/vmlinuz         (input, may be absent) the kernel as its package brings it
#   BUILD_DIR/guest/vmlinux          the same kernel unpacked: boots seconds sooner under software emulation
#   BUILD_DIR/guest/agent            the agent, static
#   BUILD_DIR/guest/initramfs.cpio   /init (the agent), /modules.list, /modules/*.ko
#   BUILD_DIR/guest/images/ramet-base.erofs   the built-in root: busybox
#
# A second run does nothing unless an input has changed. Needs musl-gcc, cpio, xz, mkfs.erofs and a static busybox.
set -eu

[ $# -eq 1 ] || { echo "usage: sh guest/build.sh BUILD_DIR" >&2; exit 2; }
source_dir=$(cd "$(dirname "$0")" && pwd)
build_dir=$(mkdir -p "$1" && cd "$1" && pwd)
modules_dir=$build_dir/kernel/modules
out=$build_dir/guest
PATH=$PATH:/usr/sbin:/sbin
busybox=$(command -v busybox)
umask 022
mkdir -p "$out/images"

# What the initramfs loads: GROUP MODULE. "boot" is loaded before the agent opens its port; the others when they are needed.
wanted_modules="boot virtio_blk
boot virtio_net
overlay overlay
erofs erofs
squashfs squashfs"

main() {
  has_own_guest || [ -d "$modules_dir/kernel" ] || fail "$modules_dir holds no kernel modules"
  if [ -f "$out/stamp" ] && [ "$(cat "$out/stamp")" = "$(stamp)" ]; then return; fi
  work=$(mktemp -d "$out/work.XXXXXX")
  trap 'rm -rf "$work"' EXIT INT TERM
  if ! has_own_guest; then
    build_vmlinux
    build_agent
    build_initramfs
  fi
  build_base_image
  stamp > "$out/stamp"
}

fail() {
  echo "guest/build.sh: $1" >&2
  exit 1
}

# The user boots a kernel and initramfs of their own: only the root is built.
has_own_guest() {
  [ -n "${RAMET_KERNEL-}" ] && [ -n "${RAMET_INITRAMFS-}" ]
}

stamp() {
  {
    if has_own_guest; then echo "own kernel and initramfs"; fi
    cat "$source_dir"/build.sh "$source_dir"/agent/*.[ch] "$source_dir"/lib/c/*.[ch] "$busybox"
    ls -l "$modules_dir" "$modules_dir/kernel/drivers/block" 2>&1 || :
    ls -l "$build_dir/kernel/vmlinuz" 2>&1 || :
    for file in vmlinux agent initramfs.cpio images/ramet-base.erofs; do
      if [ -f "$out/$file" ]; then echo "$file is there"; else echo "$file is missing"; fi
    done
  } | sha256sum | cut -d ' ' -f 1
}

# A kernel that is packed otherwise is taken as it is: slower to boot, and nothing else.
build_vmlinux() {
  vmlinuz=$build_dir/kernel/vmlinuz
  if [ ! -f "$vmlinuz" ]; then return; fi
  node=$source_dir/../node_modules/.bin/node
  if ! "$node" "$source_dir/extract-vmlinux.ts" "$vmlinuz" "$out/vmlinux"; then
    cp "$vmlinuz" "$work/vmlinux"
    mv "$work/vmlinux" "$out/vmlinux"
  fi
}

# Written under another name and renamed, so that a VM that boots meanwhile sees a whole file.
build_agent() {
  musl-gcc -static -std=c11 -Os -Wall -Wextra -Werror -ffunction-sections -fdata-sections -Wl,--gc-sections -s \
    -o "$work/agent" "$source_dir"/agent/*.c "$source_dir"/lib/c/ramet_json.c "$source_dir"/lib/c/ramet_mailbox.c
  mv "$work/agent" "$out/agent"
}

build_initramfs() {
  mkdir -p "$work/initramfs/modules" "$work/initramfs/dev"
  cp "$out/agent" "$work/initramfs/init"
  : > "$work/initramfs/modules.list"
  echo "$wanted_modules" | while read -r group name; do add_module "$group" "$name"; done
  # Not compressed: the kernel unpacks it faster than it could inflate it.
  pack_cpio "$work/initramfs" > "$work/initramfs.cpio"
  mv "$work/initramfs.cpio" "$out/initramfs.cpio"
}

# Dependencies first, as the module itself names them ("depends=a,b" in its .modinfo section): no depmod is needed.
add_module() {
  group=$1
  target=$work/initramfs/modules/$2.ko
  if grep -q " $2.ko\$" "$work/initramfs/modules.list"; then return; fi
  packed=$(find "$modules_dir/kernel" -name "$(echo "$2" | sed 's/[-_]/[-_]/g').ko*" | head -n 1)
  # Not a module of this kernel: it is built in, or the agent says later what it misses.
  if [ -z "$packed" ]; then return; fi
  case $packed in
    *.xz) xz -dc "$packed" > "$target" ;;
    *.zst) zstd -dcq "$packed" > "$target" ;;
    *.gz) gzip -dc "$packed" > "$target" ;;
    *) cp "$packed" "$target" ;;
  esac
  for needed in $(tr '\0' '\n' < "$target" | sed -n 's/^depends=//p' | tr ',' ' '); do
    (add_module "$group" "$needed")
  done
  echo "$group $2.ko" >> "$work/initramfs/modules.list"
}

pack_cpio() {
  find "$1" -exec touch -h -d @0 {} +
  (cd "$1" && find . -mindepth 1 | LC_ALL=C sort | cpio --quiet --reproducible -R 0:0 -o -H newc)
}

build_base_image() {
  root=$work/base
  for directory in bin sbin usr/bin usr/sbin etc dev proc sys run tmp root home var/log var/tmp mnt opt; do
    mkdir -p "$root/$directory"
  done
  cp "$busybox" "$root/bin/busybox"
  for applet in $("$busybox" --list-full); do
    [ "$applet" = bin/busybox ] || ln -sf /bin/busybox "$root/$applet"
  done
  [ -e "$root/bin/sh" ] || ln -s /bin/busybox "$root/bin/sh"
  printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n' > "$root/etc/passwd"
  printf 'root:x:0:\ntty:x:5:\nnogroup:x:65534:\n' > "$root/etc/group"
  printf '127.0.0.1\tlocalhost\n::1\tlocalhost\n' > "$root/etc/hosts"
  printf 'hosts: files dns\n' > "$root/etc/nsswitch.conf"
  printf 'NAME="Ramet base"\nID=ramet-base\n' > "$root/etc/os-release"
  printf 'export PATH="${PATH:-/usr/sbin:/usr/bin:/sbin:/bin}"\nexport PS1="\\h:\\w# "\n' > "$root/etc/profile"
  chmod 1777 "$root/tmp" "$root/var/tmp"
  chmod 0700 "$root/root"
  find "$root" -exec touch -h -d @0 {} +
  mkfs.erofs --quiet -T 0 -U 00000000-0000-4000-8000-000000000001 --all-root "$work/base.erofs" "$root" > "$work/mkfs.log" 2>&1 ||
    fail "mkfs.erofs failed: $(cat "$work/mkfs.log")"
  mv "$work/base.erofs" "$out/images/ramet-base.erofs"
}

main
