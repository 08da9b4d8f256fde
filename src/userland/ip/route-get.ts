import type { LinkInfo, RouteQuery } from "../../kernel/uapi/index.ts";
import type { Ipv4 } from "../../wire/address.ts";
import { fail, refuse } from "../args/exit.ts";
import { invalidArgument, matches, parseUnsigned, type Words } from "../args/words.ts";
import { parseWrittenPrefix } from "../netlink/addresses.ts";
import { done } from "../netlink/answer.ts";
import { addressFamily, device, type Ip } from "./context.ts";
import { parseDsfield, printAnswer, printRoute } from "./route-print.ts";
import { readIpProtocol } from "./rule-words.ts";
import { isAboutIpv6 } from "./ipv6/family.ts";
import { getRoute6 } from "./ipv6/route.ts";
import { ROUTE_USAGE } from "./usage.ts";

/** `ip route get`. Models: ip/iproute.c iproute_get. */

interface Question {
  dst?: Ipv4;
  from?: Ipv4;
  iif?: LinkInfo;
  oif?: LinkInfo;
  mark?: number;
  tos?: number;
  ipProtocol?: number;
  sport?: number;
  dport?: number;
  fibMatch: boolean;
}

function readAddress(ip: Ip, question: Question, key: "dst" | "from", word: string): void {
  const family = question.dst === undefined && question.from === undefined ? addressFamily(ip) : "inet";
  const { address, length } = parseWrittenPrefix(word, family);
  if (length !== 32)
    ip.warnings.push(`Warning: /${length} as prefix is invalid, only /32 (or none) is supported.\n`);
  question[key] = address;
}

function readTos(question: Question, words: Words): void {
  const word = words.value();
  question.tos = parseDsfield(word) ?? invalidArgument("TOS value is invalid\n", word);
}

function readMark(question: Question, words: Words): void {
  const word = words.value();
  question.mark = parseUnsigned(word) ?? invalidArgument("invalid mark value", word);
}

/** Only root's own. */
function readUser(words: Words): void {
  const word = words.value();
  const uid = parseUnsigned(word) ?? invalidArgument("invalid UID\n", word);
  if (uid !== 0) refuse("a lookup for another user");
}

function readPort(question: Question, key: "sport" | "dport", words: Words): void {
  const word = words.value();
  question[key] = parseUnsigned(word, 0xffff) ?? invalidArgument(`invalid ${key}\n`, word);
}

function readWord(ip: Ip, question: Question, word: string, words: Words): void {
  if (word === "tos" || matches(word, "dsfield")) readTos(question, words);
  else if (matches(word, "iif")) question.iif = device(ip.net, words.value());
  else if (matches(word, "mark")) readMark(question, words);
  else if (matches(word, "oif") || word === "dev") question.oif = device(ip.net, words.value());
  else if (matches(word, "fibmatch")) question.fibMatch = true;
  else if (word === "uid") readUser(words);
  else if (word === "ipproto") question.ipProtocol = readIpProtocol(words);
  else if (word === "sport" || word === "dport") readPort(question, word, words);
  else if (["notify", "connected", "vrf", "as"].includes(word))
    refuse(`the option "${word}" of ip route get`);
  else if (word === "from") readAddress(ip, question, "from", words.value());
  else if (matches(word, "help")) fail(255, ROUTE_USAGE);
  else readAddress(ip, question, "dst", word === "to" ? words.value() : word);
}

export function getRoute(ip: Ip, words: Words): number {
  if (isAboutIpv6(ip, words)) return getRoute6(ip, words);
  const question: Question = { fibMatch: false };
  for (let word = words.next(); word !== undefined; word = words.next()) readWord(ip, question, word, words);
  const { dst, from, iif, oif, mark, tos, ipProtocol, sport, dport } = question;
  if (dst === undefined) fail(1, "need at least a destination address\n");
  const query: RouteQuery = {
    dst,
    ...(from !== undefined && { src: from }),
    ...(iif !== undefined && { iif: iif.index }),
    ...(oif !== undefined && { oif: oif.index }),
    ...(mark !== undefined && { mark }),
    ...(tos !== undefined && { tos }),
    ...(ipProtocol !== undefined && { ipProtocol }),
    ...(sport !== undefined && { sport }),
    ...(dport !== undefined && { dport }),
  };
  const answer = done(ip.net.route.get(query));
  if (question.fibMatch && answer.entry !== undefined) printRoute(ip, answer.entry);
  else
    printAnswer(ip, answer, {
      ...(from !== undefined && { from }),
      ...(iif !== undefined && { iif: iif.name }),
      ...(mark !== undefined && { mark }),
    });
  return 0;
}
