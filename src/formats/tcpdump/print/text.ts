import type { Printer } from "./printer.ts";

/** Protocols whose messages begin with a line of text. */

export interface TextProtocol {
  /** As the line names it. */
  readonly name: string;
  /** As truncation names it. */
  readonly short: string;
  readonly ports: readonly number[];
  /** Words that a message may begin with; absent: any. */
  readonly commands?: readonly string[];
  /** Where a status code may stand: the number of the word, from 0. */
  readonly statusWord?: number;
}

const HTTP_COMMANDS = (
  "GET PUT COPY HEAD LOCK MOVE POLL POST BCOPY BMOVE MKCOL TRACE LABEL MERGE DELETE SEARCH UNLOCK REPORT UPDATE NOTIFY " +
  "BDELETE CONNECT OPTIONS CHECKIN PROPFIND CHECKOUT CCM_POST SUBSCRIBE PROPPATCH BPROPFIND BPROPPATCH UNCHECKOUT " +
  "MKACTIVITY MKWORKSPACE UNSUBSCRIBE RPC_CONNECT VERSION-CONTROL BASELINE-CONTROL"
).split(" ");

const RTSP_COMMANDS =
  "OPTIONS DESCRIBE ANNOUNCE SETUP PLAY PAUSE TEARDOWN GET_PARAMETER SET_PARAMETER REDIRECT RECORD".split(
    " ",
  );

const FTP_COMMANDS = (
  "ACCT APPE CWD DELE HELP LIST MKD MODE NLST NOOP PASS PASV PORT PWD QUIT REIN RETR RMD RNFR RNTO SITE STAT STOR STRU " +
  "SYST TYPE USER"
).split(" ");

const SMTP_COMMANDS = "DATA EHLO EXPN HELO HELP MAIL NOOP QUIT RCPT RSET SAML SEND SOML TURN VRFY".split(" ");

export const TEXT_PROTOCOLS: readonly TextProtocol[] = [
  { name: "HTTP", short: "http", ports: [80, 8080], commands: HTTP_COMMANDS, statusWord: 1 },
  { name: "RTSP", short: "rtsp", ports: [554, 8554], commands: RTSP_COMMANDS, statusWord: 1 },
  { name: "FTP", short: "ftp", ports: [21], commands: FTP_COMMANDS, statusWord: 0 },
  { name: "SMTP", short: "smtp", ports: [25], commands: SMTP_COMMANDS, statusWord: 0 },
  { name: "WHOIS", short: "whois", ports: [43] },
];

const CR = 13;
const LF = 10;

interface Line {
  readonly text: string;
  /** Where the next line begins. */
  readonly next: number;
  /** The end of the data came before the end of the line. */
  readonly open: boolean;
}

function isPrintable(byte: number): boolean {
  return (byte >= 32 && byte < 127) || byte === 9;
}

/** The line at `o`; undefined when it holds something that is not text. */
function readLine(p: Printer, o: number, to: number): Line | undefined {
  let text = "";
  for (let i = o; i < to; i++) {
    const byte = p.bytes[i]!;
    if (byte === LF) return { text, next: i + 1, open: false };
    if (byte === CR) {
      if (i + 1 < to && p.bytes[i + 1] === LF) return { text, next: i + 2, open: false };
      return i + 1 < to ? undefined : { text, next: to, open: true };
    }
    if (!isPrintable(byte)) return undefined;
    text += String.fromCharCode(byte);
  }
  return { text, next: to, open: true };
}

/** Whether the data begin as the protocol's messages do. */
function begins(p: Printer, protocol: TextProtocol, at: number, to: number): boolean {
  const { commands, statusWord } = protocol;
  if (commands === undefined) return true;
  let line = "";
  for (let i = at; i < to && isPrintable(p.bytes[i]!); i++) line += String.fromCharCode(p.bytes[i]!);
  const words = line.split(/[ \t]+/);
  const first = (words[0] ?? "").toUpperCase();
  if (commands.includes(first)) return true;
  return statusWord !== undefined && /^\d{3}$/.test(words[statusWord] ?? "");
}

/** `: HTTP: GET / HTTP/1.1`, or with `-v` all lines of it. */
export function printText(p: Printer, protocol: TextProtocol, at: number, size: number): void {
  p.protocol = protocol.short;
  const to = Math.min(at + size, p.end);
  p.out += `: ${protocol.name}`;
  const first = begins(p, protocol, at, to) ? readLine(p, at, to) : undefined;
  if (first === undefined) return;
  if (p.verbose === 0) {
    p.out += `: ${first.text}`;
    if (first.open) p.truncated();
    return;
  }
  p.out += `, length: ${size}`;
  let line: Line | undefined = first;
  while (line !== undefined) {
    p.out += `\n\t${line.text}`;
    if (line.open) {
      p.truncated();
      return;
    }
    if (line.next === to && to < at + size) p.truncated();
    line = line.next < to ? readLine(p, line.next, to) : undefined;
  }
}

/** RFC 4253, section 4.2: the line in which both sides name their version. */
export function printSsh(p: Printer, at: number, size: number): void {
  let text = "";
  for (let i = at; i < Math.min(at + size, p.end); i++) {
    const byte = p.bytes[i]!;
    if (byte === LF) {
      p.out += `: SSH: ${text}`;
      return;
    }
    if (byte !== CR && !isPrintable(byte)) return;
    if (byte !== CR) text += String.fromCharCode(byte);
  }
}
