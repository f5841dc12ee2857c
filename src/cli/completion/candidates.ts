import type { Command } from "commander";
import { RametCalls } from "../../client/calls.ts";
import type { Io } from "../io.ts";
import { readWords, type ReadWords } from "./read-words.ts";

/** A word that may stand at the cursor, and what it is. */
export interface Candidate {
  readonly word: string;
  readonly what: string;
}

/** `"files"`: the shell itself knows best. */
export type Candidates = readonly Candidate[] | "files";

/** A shell waits for its user: a server that is slower than this is asked another time. */
const serverAnswersWithinMs = 1000;

const states = ["Initializing", "Running", "Paused", "Stopped", "Standby", "Unknown"];
const valuesOfOptions: Readonly<Record<string, (client: RametCalls, signal: AbortSignal) => Promise<Candidate[]>>> = {
  "--instance": listInstances,
  "--state": () => Promise.resolve(states.map(withoutWords)),
};
const optionsOfFiles = ["--data-dir", "--token-file"];

/** What may stand at the cursor, as far as it begins with what is there. Nothing when the server cannot be asked. */
export async function findCandidates(
  program: Command,
  words: readonly string[],
  current: string,
  io: Io,
): Promise<Candidates> {
  const read = readWords(program, words, current);
  const candidates = await candidatesFor(program, read, io);
  return candidates === "files" ? candidates : candidates.filter(({ word }) => word.startsWith(current));
}

async function candidatesFor(program: Command, read: ReadWords, io: Io): Promise<Candidates> {
  const { wanted } = read;
  switch (wanted.kind) {
    case "verbs":
      return verbsOf(wanted.command);
    case "options":
      return wanted.command.options
        .filter(({ hidden, long }) => !hidden && long !== undefined)
        .map(({ long, description }) => ({ word: long ?? "", what: description }));
    case "value": {
      const { long, argChoices } = wanted.option;
      if (argChoices !== undefined) return argChoices.map(withoutWords);
      if (optionsOfFiles.includes(long ?? "")) return "files";
      return await fromServer(valuesOfOptions[long ?? ""], read, io);
    }
    case "argument":
      if (wanted.name === "topic") return [...verbsOf(program), { word: "exit-codes", what: "what each one means" }];
      return await argument(wanted.command, wanted.name, read, io);
    case "nothing":
      return [];
  }
}

async function argument(command: Command, name: string, read: ReadWords, io: Io): Promise<Candidates> {
  const choices = command.registeredArguments.find((each) => each.name() === name)?.argChoices;
  if (choices !== undefined) return choices.map(withoutWords);
  const list =
    name === "source" ? (read.given.has("--snapshot") ? listSnapshots : listInstances) : listsByArgument[name];
  return await fromServer(list, read, io);
}

const listsByArgument: Readonly<Record<string, List>> = {
  instance: listInstances,
  instances: listInstances,
  snapshot: listSnapshots,
  snapshots: listSnapshots,
  volume: listVolumes,
  volumes: listVolumes,
  image: listImages,
  images: listImages,
  token: listTokens,
  tokens: listTokens,
};

type List = (client: RametCalls, signal: AbortSignal) => Promise<Candidate[]>;

async function fromServer(list: List | undefined, { given }: ReadWords, io: Io): Promise<Candidate[]> {
  if (list === undefined) return [];
  const client = new RametCalls({ baseUrl: textOf(given, "--url"), dataDir: textOf(given, "--data-dir"), env: io.env });
  try {
    return await list(client, AbortSignal.any([io.signal, AbortSignal.timeout(serverAnswersWithinMs)]));
  } catch {
    // In the middle of a line that somebody is typing there is no place for an error; the command itself will tell it.
    return [];
  }
}

async function listInstances(client: RametCalls, signal: AbortSignal): Promise<Candidate[]> {
  return (await client.list({}, signal)).map(({ name, state, image }) => ({ word: name, what: `${state}, ${image}` }));
}

async function listSnapshots(client: RametCalls, signal: AbortSignal): Promise<Candidate[]> {
  const snapshots = await client.snapshots({}, signal);
  return snapshots.map(({ name, kind, source_instance_name }) => ({
    word: name,
    what: `${kind} of ${source_instance_name}`,
  }));
}

async function listVolumes(client: RametCalls, signal: AbortSignal): Promise<Candidate[]> {
  return (await client.volumes({}, signal)).map(({ name, size_gb }) => ({ word: name, what: `${size_gb} GB` }));
}

async function listImages(client: RametCalls, signal: AbortSignal): Promise<Candidate[]> {
  return (await client.images({}, signal)).map(({ name, status }) => ({ word: name, what: status }));
}

async function listTokens(client: RametCalls, signal: AbortSignal): Promise<Candidate[]> {
  return (await client.tokens(signal)).map(({ id, name }) => ({ word: id, what: name }));
}

function verbsOf(command: Command): Candidate[] {
  const { commands } = command;
  // A hidden verb is not for people; commander keeps that to its help.
  const visible = command.createHelp().visibleCommands(command);
  return commands
    .filter((each) => visible.includes(each))
    .map((each) => ({ word: each.name(), what: each.description() }));
}

function textOf(given: ReadWords["given"], name: string): string | undefined {
  const value = given.get(name);
  return value === true ? undefined : value;
}

function withoutWords(word: string): Candidate {
  return { word, what: "" };
}
