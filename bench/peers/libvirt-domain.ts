import { join } from "node:path";
import type { LibvirtWish } from "./libvirt.ts";

/**
 * Ramet's machine in libvirt's words: the same chipset, devices at the same addresses, disks, translation cache and kernel; what libvirt adds of
 * its own (a USB controller, a balloon) is left out. Its RAM is its own, which is libvirt's way.
 */
export function describeDomain(directory: string, wish: LibvirtWish): string {
  const at = (name: string): string => escape(join(directory, name));
  const slot = (number: number): string => `<address type='pci' bus='0' slot='${String(number)}'/>`;
  const isKvm = wish.accelerator === "kvm";
  const cache = isKvm ? "" : `<tcg><tb-cache unit='MiB'>${String(translationCacheMegabytes)}</tb-cache></tcg>`;
  return `<domain type='${isKvm ? "kvm" : "qemu"}'>
  <name>base</name>
  <memory unit='MiB'>${String(wish.memoryMegabytes)}</memory>
  <vcpu>1</vcpu>
  <genid/>
  <os>
    <type arch='x86_64' machine='${wish.machineType}'>hvm</type>
    <kernel>${at("vmlinux")}</kernel>
    <initrd>${at("initramfs")}</initrd>
    <cmdline>${escape(wish.kernelArguments)}</cmdline>
  </os>
  <features><acpi/><vmport state='off'/>${cache}</features>
  <cpu mode='${isKvm ? "host-passthrough" : "maximum"}'/>
  <on_reboot>destroy</on_reboot>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <controller type='usb' model='none'/>
    <controller type='virtio-serial' index='0' model='virtio-non-transitional'>${slot(2)}</controller>
    <console type='file'><source path='${at("console.log")}'/><target type='virtio' port='0'/></console>
    <channel type='unix'>
      <source mode='bind' path='${at("agent.sock")}'/>
      <target type='virtio' name='ramet.agent'/>
      <address type='virtio-serial' controller='0' bus='0' port='1'/>
    </channel>
    <interface type='user'>
      <model type='virtio-non-transitional'/>
      <rom enabled='no'/>
      ${slot(3)}
    </interface>
    <disk type='file' device='disk' model='virtio-non-transitional'>
      <driver name='qemu' type='raw'/>
      <source file='${at("root")}'/>
      <target dev='vda' bus='virtio'/>
      <readonly/>
      <serial>ramet-root</serial>
      ${slot(4)}
    </disk>
    <disk type='file' device='disk' model='virtio-non-transitional'>
      <driver name='qemu' type='qcow2' discard='unmap'/>
      <source file='${at("overlay")}'/>
      <backingStore type='file'><format type='raw'/><source file='${at("blank")}'/><backingStore/></backingStore>
      <target dev='vdb' bus='virtio'/>
      <serial>ramet-disk</serial>
      ${slot(5)}
    </disk>
    <memballoon model='none'/>
  </devices>
  <seclabel type='none'/>
</domain>
`;
}

const translationCacheMegabytes = 32;

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("'", "&apos;");
}
