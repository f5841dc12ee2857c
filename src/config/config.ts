/** Every setting of a server. Where each comes from: `load-config.ts`; what each means to an operator: `docs/reference/configuration.md`. */
export interface Config {
  /** Holds all that must survive: database, token, images, instances. */
  readonly dataDir: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** PEM files of the certificate chain and its key: both or neither. */
  readonly tlsCertPath: string | null;
  readonly tlsKeyPath: string | null;
  /** Tokens may cross a network unencrypted. */
  readonly allowPlainHttp: boolean;
  /** Holds the secret of HS256 JWTs. A secret in RAMET_JWT_SECRET goes before it and is not kept here. */
  readonly jwtSecretPath: string | null;
  /** 0: any number. Of each caller, and of each address that calls without a token. */
  readonly requestsPerMinute: number;
  /** 0: any number. Of each address. */
  readonly authFailuresPerMinute: number;
  readonly qemuPath: string;
  readonly kernelPath: string;
  readonly initramfsPath: string;
  /** What set-up built: the root of `ramet/base` and the blank writable disk. */
  readonly buildDir: string;
  readonly accelerator: Accelerator;
  /** QEMU's tb-size: memory for translated code of each VM, under software emulation only. */
  readonly translationCacheBytes: number;
  readonly logLevel: LogLevel;
  readonly bodyLimitBytes: number;
  /** Memory of this host that warm slots leave to everybody else. */
  readonly warmSlotsReserveBytes: number;
  readonly acks: { readonly requireNonce: boolean };
  /** The bridge of network mode `bridge`, made when it is first needed. */
  readonly bridgeName: string;
  /** `A.B.C.D/N`. */
  readonly bridgeSubnet: string;
  /** The name server that its guests are told. */
  readonly bridgeDns: string;
  /** Docker's config.json or containers-auth.json(5) for registries; null: where skopeo looks by itself. */
  readonly registryAuthFile: string | null;
  /** `HOST[:PORT]` of registries that may speak plain HTTP or show a certificate that nobody vouches for. */
  readonly insecureRegistries: readonly string[];
  /** Images may be read from files in this directory; null: from none. */
  readonly imageSourceDir: string | null;
  /** End all machines when the server ends, instead of leaving them to be adopted by the next start. */
  readonly endMachinesOnExit: boolean;
  /** Print one line of JSON on stdout once the server listens. */
  readonly readyJson: boolean;
}

export const accelerators = ["auto", "kvm", "tcg"] as const;
export type Accelerator = (typeof accelerators)[number];

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];
