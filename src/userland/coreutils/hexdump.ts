import { concat } from "../../base/bytes.ts";
import type { Task } from "../../sim/task.ts";
import { program, refuse } from "../args/exit.ts";
import { getopt } from "../args/getopt.ts";
import { strerror } from "../os/errno.ts";
import { openFile } from "../os/files.ts";
import { readAll } from "../os/io.ts";
import type { Process } from "../os/process.ts";

/** hexdump(1) of util-linux 2.38.1 with -C, and as hd(1). */

const ROW = 16;

function rowText(bytes: Uint8Array, o: number): string {
  let codes = "";
  let text = "";
  for (let i = 0; i < ROW; i++) {
    const byte = bytes[o + i];
    codes += byte === undefined ? "   " : ` ${byte.toString(16).padStart(2, "0")}`;
    if (i === 7) codes += " ";
    if (byte !== undefined) text += byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".";
  }
  return `${codes}  |${text}|`;
}

/** Rows that repeat the one before are shown as one asterisk. */
function dump(bytes: Uint8Array): string {
  let out = "";
  let last = "";
  let repeated = false;
  for (let o = 0; o < bytes.length; o += ROW) {
    const row = rowText(bytes, o);
    if (row === last && o + ROW <= bytes.length) {
      if (!repeated) out += "*\n";
      repeated = true;
      continue;
    }
    repeated = false;
    last = row;
    out += `${o.toString(16).padStart(8, "0")} ${row}\n`;
  }
  return bytes.length === 0 ? "" : `${out}${bytes.length.toString(16).padStart(8, "0")}\n`;
}

function* main(process: Process): Task<number> {
  const given = getopt(process.argv, "Cvn:s:bcdoxe:f:L::hV");
  const canonical = process.argv[0] === "hd" || given.options.some(({ letter }) => letter === "C");
  const other = given.options.find(({ letter }) => letter !== "C");
  if (given.complaint !== undefined || other !== undefined || !canonical)
    refuse("hexdump with other options than -C");
  const parts: Uint8Array[] = [];
  let status = 0;
  for (const path of given.operands) {
    const file = openFile(process, path, "read");
    if (file.ok) {
      parts.push(yield* readAll(file.value));
      file.value.close();
      continue;
    }
    yield* process.printError(`hexdump: ${path}: ${strerror(file.error)}\n`);
    status = 1;
  }
  if (given.operands.length === 0) parts.push(yield* readAll(process.stdin));
  if (status === 1 && parts.length === 0) {
    yield* process.printError("hexdump: all input file arguments failed\n");
    return 1;
  }
  yield* process.print(dump(concat(parts)));
  return status;
}

export const hexdump = program(main);
