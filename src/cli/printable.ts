// Control characters (C0, DEL, C1) and the marks that turn the direction of text: a terminal would obey them.
const obeyedByTerminals = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Text of unknown origin, made fit for one line of a terminal: what a terminal would obey is shown as an escape. */
export function printable(text: string): string {
  return text.replace(obeyedByTerminals, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
