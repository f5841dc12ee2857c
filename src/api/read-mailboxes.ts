import { validateMailboxes } from "../domain/mailboxes/validate.ts";
import type { MailboxRequest } from "../domain/mailboxes/mailbox.ts";
import { OperatingError } from "../errors.ts";
import { assert } from "../lib/assert.ts";
import { elementsOf, JsonSourceError, sourceOf } from "../lib/json-source.ts";
import type { ForkBody, ForkManyBody } from "./schemas/fork.ts";

type MailboxesBody = ForkBody["mailboxes"];

/**
 * The mailboxes of a fork's body, checked. Payloads are taken from the body's text and not from its parsed value, in which long numbers
 * have lost digits.
 * @throws OperatingError `invalid_request`.
 */
export function readMailboxes(body: { readonly mailboxes?: MailboxesBody }, bodyText: string): MailboxRequest[] {
  return readOf(body.mailboxes, bodyText);
}

/**
 * The mailboxes of each child of a fork of many. The text is cut level by level, so that the work grows with its length and not with the
 * number of payloads times its length.
 * @throws OperatingError `invalid_request`, of the first child in which something is wrong.
 */
export function readMailboxesOfChildren(children: ForkManyBody["children"], bodyText: string): MailboxRequest[][] {
  const texts = elements(bodyText, "children");
  return children.map(({ mailboxes }, index) => {
    try {
      return readOf(mailboxes, texts[index] ?? "");
    } catch (failure) {
      throw failure instanceof OperatingError ? naming(index, failure) : failure;
    }
  });
}

function readOf(mailboxes: MailboxesBody, ownerText: string): MailboxRequest[] {
  if (mailboxes === undefined) return [];
  const texts = elements(ownerText, "mailboxes");
  return validateMailboxes(
    mailboxes.map(({ payload: _, ...mailbox }, index) => ({
      ...mailbox,
      payloadText: source(texts[index] ?? "", "payload"),
    })),
  );
}

function elements(text: string, key: string): string[] {
  const found = elementsOf(source(text, key));
  assert(found !== null, "a body that passed its schema has arrays where they belong");
  return found;
}

function source(text: string, key: string): string {
  try {
    const found = sourceOf(text, [key]);
    assert(found !== null, "a body that passed its schema has what its parsed value has");
    return found;
  } catch (failure) {
    if (!(failure instanceof JsonSourceError)) throw failure;
    throw new OperatingError("invalid_request", `The body cannot be read without doubt: ${failure.message}.`);
  }
}

/** In a body of many children a field is found by its child. */
function naming(index: number, { code, message, details }: OperatingError): OperatingError {
  const place = `children[${String(index)}]`;
  const field = details?.["field"];
  if (typeof field !== "string") return new OperatingError(code, `${place}: ${message}`, { details: { index } });
  return new OperatingError(code, `${place}.${message}`, { details: { field: `${place}.${field}`, index } });
}
