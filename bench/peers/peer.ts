/** Who restores one machine from a file and saves it back: what Ramet's restore and standby are measured beside. */
export interface RestoringPeer extends AsyncDisposable {
  readonly name: string;
  /** Starts the machine from its save. @returns milliseconds until the guest goes on. */
  restore(): Promise<number>;
  /** Saves the running machine and ends it. @returns milliseconds until that is done. */
  save(): Promise<number>;
}
