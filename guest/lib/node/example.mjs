/**
 * A worker that is forked while it waits: arms the mailbox NAME, and each child prints its own payload.
 *
 *     node example.mjs NAME [TIMEOUT_MS] [PARTS]
 */
import { armMailbox, CorruptMailError, MailTimeoutError } from "./ramet-mailbox.mjs";

const [name = "job", timeoutMs, parts = "1"] = process.argv.slice(2);
const mailbox = armMailbox(name, { parts: Number(parts) });
process.stderr.write("armed\n");
try {
  const mail = await mailbox.wait(timeoutMs === undefined ? {} : { timeoutMs: Number(timeoutMs) });
  process.stdout.write(`${mail.text}\n`);
  await mail.acknowledge();
} catch (error) {
  if (error instanceof MailTimeoutError) process.exitCode = 124;
  else if (error instanceof CorruptMailError) process.exitCode = 1;
  else throw error;
} finally {
  mailbox.close();
}
