import { fail, refuse } from "../args/exit.ts";
import { getopt } from "../args/getopt.ts";

/** What nc was asked for, nc(1) of netcat-openbsd 1.219. */
export interface NcOptions {
  readonly udp: boolean;
  readonly listen: boolean;
  readonly keep: boolean;
  readonly scan: boolean;
  readonly verbose: boolean;
  readonly numeric: boolean;
  readonly broadcast: boolean;
  readonly noStdin: boolean;
  /** -w, in seconds; absent waits for ever. */
  readonly timeout: number | undefined;
  /** -q: seconds after the end of standard input. */
  readonly quitAfter: number | undefined;
  readonly localPort: number;
  readonly source: string | undefined;
  readonly ttl: number | undefined;
  readonly operands: readonly string[];
}

export const USAGE = `usage: nc [-46CDdFhklNnrStUuvZz] [-I length] [-i interval] [-M ttl]
\t  [-m minttl] [-O length] [-P proxy_username] [-p source_port]
\t  [-q seconds] [-s sourceaddr] [-T keyword] [-V rtable] [-W recvlimit]
\t  [-w timeout] [-X proxy_protocol] [-x proxy_address[:port]]
\t  [destination] [port]
`;

const LETTERS = "46bCDdFhI:i:klM:m:NnO:P:p:q:rSs:T:tUuV:vW:w:X:x:Zz";
/** Options whose work is not done here, with what they ask for. */
const REFUSED: Readonly<Record<string, string>> = {
  "6": "nc -6 (IPv6)",
  C: "nc -C (CRLF)",
  D: "nc -D (socket debugging)",
  F: "nc -F (descriptor passing)",
  I: "nc -I (receive buffer)",
  i: "nc -i (interval)",
  m: "nc -m (minimum TTL)",
  O: "nc -O (send buffer)",
  P: "nc -P (proxies)",
  r: "nc -r (random ports)",
  S: "nc -S (TCP MD5)",
  T: "nc -T (type of service)",
  t: "nc -t (telnet)",
  U: "nc -U (Unix sockets)",
  V: "nc -V (routing tables)",
  W: "nc -W (receive limit)",
  X: "nc -X (proxies)",
  x: "nc -x (proxies)",
  Z: "nc -Z (DCCP)",
};

/** A port by number; the message is nc's. */
export function portNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) fail(1, `nc: port number invalid: ${text}\n`);
  const port = Number(text);
  if (port < 1) fail(1, `nc: port number too small: ${text}\n`);
  if (port > 65535) fail(1, `nc: port number too large: ${text}\n`);
  return port;
}

function seconds(text: string, what: string): number {
  if (!/^-?\d+$/.test(text)) fail(1, `nc: ${what} invalid: ${text}\n`);
  return Number(text);
}

export function readOptions(argv: readonly string[]): NcOptions {
  const read = getopt(argv, LETTERS);
  if (read.complaint !== undefined) fail(1, read.complaint + USAGE);
  const given = new Map(read.options.map(({ letter, value }) => [letter, value ?? ""]));
  for (const { letter } of read.options) {
    const what = REFUSED[letter];
    if (what !== undefined) refuse(what);
  }
  const port = given.get("p");
  const timeout = given.get("w");
  const quit = given.get("q");
  const ttl = given.get("M");
  return {
    udp: given.has("u"),
    listen: given.has("l"),
    keep: given.has("k"),
    scan: given.has("z"),
    verbose: given.has("v"),
    numeric: given.has("n"),
    broadcast: given.has("b"),
    noStdin: given.has("d"),
    timeout: timeout === undefined ? undefined : seconds(timeout, "timeout"),
    quitAfter: quit === undefined ? undefined : seconds(quit, "quit timer"),
    localPort: port === undefined ? 0 : portNumber(port),
    source: given.get("s"),
    ttl: ttl === undefined ? undefined : seconds(ttl, "ttl"),
    operands: read.operands,
  };
}
