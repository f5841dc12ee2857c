/**
 * The text of server-sent events (WHATWG HTML, section 9.2). A carriage return ends a line there too, so a log line with
 * one inside, as a progress bar prints it, becomes several `data:` lines, which the reader joins with line feeds.
 */
export function lineEvent(line: string): string {
  return `${line
    .split("\r")
    .map((piece) => `data: ${piece}\n`)
    .join("")}\n`;
}

/** A failure after the first byte, when no status can be sent any more. */
export function errorEvent(error: { readonly code: string; readonly message: string }): string {
  return `event: error\ndata: ${JSON.stringify({ code: error.code, message: error.message })}\n\n`;
}

/** A line that readers of events skip. */
export function commentEvent(text: string): string {
  return `: ${text}\n\n`;
}
