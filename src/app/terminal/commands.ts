import type { OriginRecord } from "../../trace/record.ts";
import type { TraceReader } from "../../trace/reader.ts";
import { type Conversation, findConversation, type Sender, type Turn } from "../model/conversation.ts";

/** A command that was typed at a terminal. */
export interface TypedCommand {
  readonly terminal: number;
  readonly at: string;
  readonly number: number;
  readonly text: string;
  /** Place in the trace at which it began, and at which it was over. */
  readonly from: number;
  readonly to: number | undefined;
  readonly status: number | undefined;
  /** The programs that it ran. */
  readonly senders: readonly Required<Pick<Sender, "netns" | "program">>[];
}

/** A packet of a command with what came back for it. */
export interface PacketOfCommand {
  readonly conversation: Conversation;
  readonly turn: Turn;
  /** Place of its birth in the trace. */
  readonly index: number;
}

/** No more of the trace than this is looked through for one command: the newest. */
const MOST_RECORDS = 60_000;

/** First word of a program's command line, without its folder. */
export function programOf(owner: string): string {
  return (owner.split(" ")[0] ?? "").split("/").at(-1) ?? "";
}

function origins(reader: TraceReader, from: number, to: number): readonly OriginRecord[] {
  const found: OriginRecord[] = [];
  for (let index = from; index < to; index++) {
    if (reader.kind(index) !== "origin") continue;
    const record = reader.record(index);
    if (record.kind === "origin" && (record.origin === "socket" || record.origin === "tcp"))
      found.push(record);
  }
  return found;
}

/** Whether any of a command's programs sent a packet. */
export function isSender(reader: TraceReader, command: TypedCommand, until: number): boolean {
  if (command.senders.length === 0) return false;
  return origins(reader, Math.max(command.from, until - MOST_RECORDS), until).some((origin) =>
    command.senders.some(
      ({ netns, program }) => origin.netns === netns && programOf(origin.owner) === program,
    ),
  );
}

/**
 * The packets that a command's programs sent, newest first. Late ones count (the end of a connection, a job in the
 * background): they are looked for up to `until`, where the next command of the terminal begins.
 */
export function packetsOf(
  reader: TraceReader,
  command: TypedCommand,
  until: number,
): readonly PacketOfCommand[] {
  const from = Math.max(command.from, until - MOST_RECORDS);
  const sent = origins(reader, from, until);
  const senders = command.senders.filter(({ netns, program }) =>
    sent.some((origin) => origin.netns === netns && programOf(origin.owner) === program),
  );
  return senders
    .flatMap((sender) => {
      const conversation = findConversation(reader, from, until, sender);
      return (conversation?.turns ?? []).map((turn) => ({
        conversation: conversation!,
        turn,
        index: (turn.there ?? turn.back)?.origin.index ?? 0,
      }));
    })
    .toSorted((a, b) => b.index - a.index);
}

/** Where the packets of a command end: where the next one of its terminal begins, or now. `commands` are newest first. */
export function endOf(command: TypedCommand, commands: readonly TypedCommand[], now: number): number {
  const next = commands.findLast(
    (each) => each.terminal === command.terminal && each.number > command.number,
  );
  // A shell inside a shell: what is typed there is a command of its own, and begins before the outer one is over.
  return next === undefined ? now : next.from;
}
