/** Something that is to happen to an instance at a time, in milliseconds since the epoch. */
export interface Due {
  readonly instanceId: string;
  readonly atMs: number;
}
