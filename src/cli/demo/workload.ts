/** What the demo's VM runs, and what it says on its console. */

export const warmLine = "worker: warm";

/**
 * A process that is warm before it is forked: awk sieves the primes below 20,000 into its memory, arms the mailbox `job`, and then
 * serves one job after the other. What it knows is in RAM only, so every child knows it without having worked for it.
 */
export const workload = {
  entrypoint: ["/bin/sh", "-c"],
  cmd: [
    `exec awk 'BEGIN {
      for (n = 2; n < 20000; n++) {
        if (n in composite) continue
        primes++
        for (m = n * n; m < 20000; m += n) composite[m] = 1
      }
      if (system("mailbox arm job") != 0) exit 1
      print "${warmLine}, " primes " primes in memory"
      fflush()
      while (("mailbox wait job" | getline job) > 0) {
        close("mailbox wait job")
        "hostname" | getline host
        close("hostname")
        print "worker: I am " host " and my job is " job
        fflush()
      }
    }'`,
  ],
} as const;

const jobLine = /^worker: I am (\S+) and my job is (\{.*\})\s*$/;
/** Added by the host for the acknowledgement: the guest sees them, but they are not the sender's words. */
const ackKeys = new Set(["ack_host", "ack_port", "ack_nonce"]);

/** What the guest's process says of itself and its mail, or undefined when the line says something else. */
export function parseJobLine(
  line: string,
): { readonly host: string; readonly payload: Record<string, unknown> } | undefined {
  const [, host, text] = jobLine.exec(line) ?? [];
  if (host === undefined || text === undefined) return undefined;
  const members = Object.entries(JSON.parse(text) as Record<string, unknown>);
  return { host, payload: Object.fromEntries(members.filter(([key]) => !ackKeys.has(key))) };
}
