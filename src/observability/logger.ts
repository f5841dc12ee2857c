import { destination, pino, type Logger } from "pino";

export type { Logger };

/** JSON lines on stderr, so that stdout stays free for what a program may read. Fields that could hold a secret are cut. */
export function createLogger(level: string): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: ["req.headers.authorization", "headers.authorization", "token", "payload", "*.token", "*.payload"],
        censor: "[secret]",
      },
    },
    destination({ dest: 2, sync: false }),
  );
}
