/**
 * Server-sent events, as in the WHATWG HTML standard, section 9.2:
 *
 *     event: NAME      at most one; "message" when absent
 *     data: LINE       several are joined with a line feed
 *     id: ID           where to go on from after a break; sent without data it is no event, but it counts
 *     : comment        ignored; servers send them so that idle connections stay open
 *                      an empty line ends the event
 *
 * Lines end with CR, LF or CRLF. Bytes may be cut anywhere, also inside a character or between CR and LF.
 */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

/**
 * Reads events until the stream ends. An event that its empty line does not end is dropped, as the standard says.
 * @param onId called with each id, once the event that brought it is over and before it is given out.
 */
export async function* readServerSentEvents(
  stream: AsyncIterable<Uint8Array>,
  onId: (id: string) => void = () => undefined,
): AsyncGenerator<ServerSentEvent, void, void> {
  let event = "";
  let data: string[] = [];
  let id: string | null = null;
  for await (const line of readLines(stream)) {
    if (line === "") {
      if (id !== null) onId(id);
      if (data.length > 0) yield { event: event === "" ? "message" : event, data: data.join("\n") };
      event = "";
      data = [];
      id = null;
      continue;
    }
    const [field, value] = splitField(line);
    if (field === "event") event = value;
    if (field === "data") data.push(value);
    if (field === "id") id = value;
  }
}

async function* readLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  // TextDecoder drops a leading byte order mark and holds back the beginning of a character that was cut.
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true });
    // A CR at the end may be half of a CRLF: it waits for the next chunk.
    const heldBack = rest.endsWith("\r") ? 1 : 0;
    const lines = rest.slice(0, rest.length - heldBack).split(/\r\n|\r|\n/);
    rest = (lines.pop() ?? "") + rest.slice(rest.length - heldBack);
    yield* lines;
  }
  if (rest.endsWith("\r")) yield rest.slice(0, -1);
}

function splitField(line: string): [field: string, value: string] {
  const colon = line.indexOf(":");
  if (colon === -1) return [line, ""];
  const value = line.slice(colon + 1);
  return [line.slice(0, colon), value.startsWith(" ") ? value.slice(1) : value];
}
