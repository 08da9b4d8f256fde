import { parseMac, type Mac } from "../../wire/address.ts";
import { servicePort, type ServiceProtocol } from "../services.ts";
import type { Given } from "./extension.ts";
import { wrong } from "./failure.ts";
import { protocolNumber } from "../protocols.ts";

/** The kinds of value that options take. Models: libxtables xtoptions.c, xtables.c. */

/** strtoul(3), base 0: the number at the head of a text and what follows it. */
function leading(text: string): { readonly value: number; readonly rest: string } | undefined {
  const m = /^\s*\+?(?:0[xX]([0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*))/.exec(text);
  if (m === null) return undefined;
  const value =
    m[1] !== undefined ? parseInt(m[1], 16) : m[2] !== undefined ? parseInt(m[2], 8) : Number(m[3]);
  return { value, rest: text.slice(m[0].length) };
}

/** xtables_strtoui: a whole word that is a number in the range. */
export function wholeNumber(text: string, min: number, max: number): number | undefined {
  const got = leading(text);
  if (got === undefined || got.rest !== "" || got.value < min || got.value > max) return undefined;
  return got.value;
}

/** A number option of an extension. */
export function number(self: string, given: Given, min: number, max: number): number {
  return (
    wholeNumber(given.value, min, max) ??
    wrong(`${self}: bad value for option "--${given.name}", or out of range (${min}-${max}).\n`)
  );
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** `A`, `A:B`, `A:`, `:B` of numbers up to `max`. */
export function numberRange(self: string, given: Given, max: number): Range {
  const bad = (near: string): never =>
    wrong(`${self}: bad value for option "--${given.name}" near "${near}", or out of range (0-${max}).\n`);
  const [low = "", ...more] = given.value.split(":");
  if (more.length > 1) bad(given.value.slice(low.length + (more[0]?.length ?? 0) + 1));
  const min = low === "" && more.length > 0 ? 0 : (wholeNumber(low, 0, max) ?? bad(low));
  const high = more[0];
  if (high === undefined) return { min, max: min };
  return { min, max: high === "" ? max : (wholeNumber(high, 0, max) ?? bad(high)) };
}

/** `VALUE` or `VALUE/MASK`. */
export function markAndMask(self: string, given: Given): { readonly mark: number; readonly mask: number } {
  const mark = leading(given.value);
  if (mark === undefined || mark.value > 0xffffffff || (mark.rest !== "" && !mark.rest.startsWith("/")))
    return wrong(`${self}: bad integer value for option "--${given.name}", or out of range.\n`);
  if (mark.rest === "") return { mark: mark.value, mask: 0xffffffff };
  const mask = leading(mark.rest.slice(1));
  if (mask === undefined || mask.value > 0xffffffff)
    return wrong(`${self}: bad integer value for option "--${given.name}", or out of range.\n`);
  if (mask.rest !== "") wrong(`${self}: trailing garbage after value for option "--${given.name}".\n`);
  return { mark: mark.value, mask: mask.value };
}

/** xtables_parse_port: a number or a service's name. */
export function port(text: string, protocol?: ServiceProtocol): number {
  return (
    wholeNumber(text, 0, 65535) ??
    servicePort(text, protocol) ??
    wrong(`invalid port/service \`${text}' specified`)
  );
}

/** xtables_parse_port_range-like `A`, `A:B`, `A:`, `:B` of the tcp, udp and sctp matches. */
export function portRange(text: string, protocol: ServiceProtocol): Range {
  const colon = text.indexOf(":");
  if (colon < 0) {
    const only = port(text, protocol);
    return { min: only, max: only };
  }
  const low = text.slice(0, colon);
  const high = text.slice(colon + 1);
  const min = low === "" ? 0 : port(low, protocol);
  const max = high === "" ? 65535 : port(high, protocol);
  if (min > max) wrong("invalid portrange (min > max)");
  return { min, max };
}

/** A port range of the newer extensions, which have their own complaint. */
export function resolvedPortRange(text: string): Range {
  const one = (word: string, otherwise: number): number =>
    word === ""
      ? otherwise
      : (wholeNumber(word, 0, 65535) ??
        servicePort(word) ??
        wrong(`Port "${word}" does not resolve to anything.\n`));
  const colon = text.indexOf(":");
  if (colon < 0) {
    const only = one(text, 0);
    return { min: only, max: only };
  }
  return { min: one(text.slice(0, colon), 0), max: one(text.slice(colon + 1), 65535) };
}

/** xtables_parse_protocol. "all" is 0. */
export function protocol(text: string): number {
  if (text === "all") return 0;
  return wholeNumber(text, 0, 255) ?? protocolNumber(text) ?? wrong(`unknown protocol "${text}" specified`);
}

export function mac(text: string): Mac {
  return parseMac(text) ?? wrong("Invalid MAC address specified.");
}

/** A text option: the kernel's field keeps `max` characters. */
export function text(given: Given, max: number): string {
  if (given.value.length < 1) wrong("Argument must have a minimum length of 1 characters\n");
  return given.value.slice(0, max);
}

/** `--option` with a value that its list does not have. */
export function badValue(self: string, given: Given): never {
  return wrong(`${self}: Bad value for "--${given.name}" option: "${given.value}"`);
}
