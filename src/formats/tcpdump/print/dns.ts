import { Truncated, type Printer } from "./printer.ts";
import { RecordReader } from "./dns-record.ts";

/** The Domain Name System (RFC 1035), with mDNS's two extra bits (RFC 6762). */

const HEADER = 12;

const OPCODES =
  ", inv_q, stat, op3, notify, update, op6, op7, op8, updateA, updateD, updateDA, updateM, updateMA, zoneInit, zoneRef".split(
    ",",
  );

const RCODES =
  ", FormErr, ServFail, NXDomain, NotImp, Refused, YXDomain, YXRRSet, NXRRSet, NotAuth, NotZone, Resp11, Resp12, Resp13, Resp14, NoChange".split(
    ",",
  );

/** Bits of the flags that a query should not have: AA, TC, RA, Z, a response code. */
const ODD_BITS = 0x06cf;

/** The message at `o`. */
export function printDomain(p: Printer, o: number, length: number, multicast: boolean): void {
  p.protocol = "domain";
  if (length < HEADER) {
    p.out += `domain [length ${length} < ${HEADER}] (invalid)`;
    return;
  }
  p.need(o, HEADER);
  const reader = new RecordReader(p, o, multicast);
  const flags = p.u16(o + 2);
  if ((flags & 0x8000) !== 0) printResponse(p, o, flags, reader);
  else printQuery(p, o, flags, reader);
  p.out += ` (${length})`;
}

function counts(p: Printer, o: number): readonly [number, number, number, number] {
  return [p.u16(o + 4), p.u16(o + 6), p.u16(o + 8), p.u16(o + 10)];
}

function printResponse(p: Printer, o: number, flags: number, reader: RecordReader): void {
  const [questions, answers, authorities, additional] = counts(p, o);
  p.out += `${p.u16(o)}${OPCODES[(flags >>> 11) & 15]!.trimEnd()}${RCODES[flags & 15]!}`;
  if ((flags & 0x0400) !== 0) p.out += "*";
  if ((flags & 0x0080) === 0) p.out += "-";
  if ((flags & 0x0200) !== 0) p.out += "|";
  if ((flags & 0x0020) !== 0) p.out += "$";
  if (questions !== 1) p.out += ` [${questions}q]`;
  for (let i = 0; i < questions; i++) {
    if (i > 0) p.out += ",";
    if (p.verbose > 1) {
      p.out += " q:";
      reader.printQuestion();
    } else reader.skipQuestion();
  }
  p.out += ` ${answers}/${authorities}/${additional}`;
  if (!reader.printRecords(answers)) throw new Truncated();
  if (p.verbose < 2) return;
  printSections(p, reader, [
    ["ns", authorities],
    ["ar", additional],
  ]);
}

function printSections(
  p: Printer,
  reader: RecordReader,
  sections: readonly (readonly [string, number])[],
): void {
  for (const [name, count] of sections) {
    if (count === 0) continue;
    p.out += ` ${name}:`;
    if (!reader.printRecords(count)) throw new Truncated();
  }
}

function printQuery(p: Printer, o: number, flags: number, reader: RecordReader): void {
  let [questions, answers] = counts(p, o);
  const [, , authorities, additional] = counts(p, o);
  const opcode = (flags >>> 11) & 15;
  p.out += `${p.u16(o)}${OPCODES[opcode]!}`;
  if ((flags & 0x0100) !== 0) p.out += "+";
  if ((flags & 0x0010) !== 0) p.out += "%";
  if ((flags & ODD_BITS) !== 0) p.out += ` [b2&3=0x${flags.toString(16)}]`;
  if (opcode === 1) {
    // An inverse query puts what it asks about among the answers.
    if (questions > 0) p.out += ` [${questions}q]`;
    if (answers !== 1) p.out += ` [${answers}a]`;
  } else {
    if (questions !== 1) p.out += ` [${questions}q]`;
    if (answers > 0) p.out += ` [${answers}a]`;
  }
  if (authorities > 0) p.out += ` [${authorities}n]`;
  if (additional > 0) p.out += ` [${additional}au]`;
  for (; questions > 0; questions--) reader.printQuestion();
  if (p.verbose < 2) return;
  if (answers > 0) {
    if (!reader.printRecords(answers)) throw new Truncated();
    answers = 0;
  }
  printSections(p, reader, [
    ["ns", authorities],
    ["ar", additional],
  ]);
}
