import { hexDump } from "./hexdump.ts";
import { bitNames, type Printer, Truncated } from "./printer.ts";

/** The options of neighbour discovery, one line each (RFC 4861, section 4.6; RFC 4191; RFC 8106). */

const NAMES: ReadonlyMap<number, string> = new Map([
  [1, "source link-address"],
  [2, "destination link-address"],
  [3, "prefix info"],
  [4, "redirected header"],
  [5, "mtu"],
  [24, "route info"],
  [25, "rdnss"],
  [31, "dnssl"],
]);

const PREFERENCES = ["medium", "high", "rsvd", "low"];

export function printNdOptions(p: Printer, from: number, to: number): void {
  for (let o = from; o < to;) {
    const [type, units] = [p.u8(o), p.u8(o + 1)];
    if (units === 0) throw new Truncated();
    p.out += `\n\t  ${NAMES.get(type) ?? "unknown"} option (${type}), length ${units * 8} (${units}): `;
    p.need(o, units * 8);
    const text = optionText(p, o, type, units);
    if (text !== undefined) p.out += text;
    if (text === undefined || p.verbose > 1)
      p.out += hexDump(p.bytes, o + 2, o + units * 8, false, p.verbose > 1 ? "\t    " : "\t  ");
    o += units * 8;
  }
}

/** Undefined for options that are shown as they are. */
function optionText(p: Printer, o: number, type: number, units: number): string | undefined {
  switch (type) {
    case 1:
    case 2:
      return p.mac(o + 2);
    case 3: {
      const flags = [
        [0x80, "onlink"],
        [0x40, "auto"],
        [0x20, "router"],
      ] as const;
      const times = `valid time ${lifetime(p.u32(o + 4))}, pref. time ${lifetime(p.u32(o + 8))}`;
      return `${p.ipv6(o + 16)}/${p.u8(o + 2)}, Flags [${bitNames(p.u8(o + 3), flags)}], ${times}`;
    }
    case 5:
      return ` ${p.u32(o + 4)}`;
    case 24:
      return ` ${routeText(p, o, units)}`;
    case 25: {
      let text = ` lifetime ${p.u32(o + 4)}s,`;
      for (let i = 8; i + 16 <= units * 8; i += 16) text += ` addr: ${p.ipv6(o + i)}`;
      return text;
    }
    case 31:
      return ` lifetime ${p.u32(o + 4)}s, domain(s):${domains(p, o + 8, o + units * 8)}`;
    case 4:
      return p.refuse("the redirected packet");
    default:
      return undefined;
  }
}

function lifetime(seconds: number): string {
  return seconds === 0xffffffff ? "infinity" : `${seconds}s`;
}

function routeText(p: Printer, o: number, units: number): string {
  if (units > 1 && p.u32(o + 8) !== 0) p.refuse("a route information option");
  return `::/${p.u8(o + 2)}, pref=${PREFERENCES[(p.u8(o + 3) >>> 3) & 3]}, lifetime=${lifetime(p.u32(o + 4))}`;
}

function domains(p: Printer, from: number, to: number): string {
  let text = "";
  for (let o = from; o < to && p.u8(o) !== 0;) {
    text += " ";
    while (o < to && p.u8(o) !== 0) {
      const length = p.u8(o);
      for (let i = 1; i <= length; i++) text += String.fromCharCode(p.u8(o + i));
      text += ".";
      o += length + 1;
    }
    o++;
  }
  return text;
}
