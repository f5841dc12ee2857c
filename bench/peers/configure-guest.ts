import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { connectAgent } from "../../src/guest/agent-client.ts";

/** What a server tells a guest that has just booted: who it is, and to start the workload. @param socketPath of the agent's channel. */
export async function configureGuest(socketPath: string, argv: readonly string[], signal: AbortSignal): Promise<void> {
  const socket = connect(socketPath);
  await once(socket, "connect", { signal });
  const agent = await connectAgent(socket, signal);
  try {
    await agent.configure(
      {
        instanceId: "base",
        name: "base",
        hostname: "base",
        mailboxToken: randomUUID(),
        systemToken: randomUUID(),
        argv,
        env: {},
        cwd: null,
        user: null,
        stopSignal: null,
        network: null,
        diskBytes: null,
        volumes: [],
        wallClockNs: BigInt(Date.now()) * 1_000_000n,
        entropy: randomBytes(64),
      },
      { timeoutMs: bootLimitMs, signal },
    );
  } finally {
    agent.close();
  }
}

const bootLimitMs = 120_000;
