/** Node's words for architectures (nodejs.org, `process.arch`) in those of images (Go's GOARCH). */
const architectures: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/** What programs the VMs of this host run, as images name it. */
export const hostPlatform = `linux/${architectures[process.arch] ?? process.arch}`;
