import { type Ipv4, ipv4 } from "../../wire/address.ts";

/** inet_aton(3): one to four numbers, decimal, octal or hexadecimal; the last one fills what is left. */
export function inetAton(text: string): Ipv4 | undefined {
  const parts = text.split(".");
  if (parts.length > 4) return undefined;
  let value = 0;
  for (const [i, part] of parts.entries()) {
    const last = i === parts.length - 1;
    const number = parseNumber(part);
    const room = last ? 2 ** (8 * (4 - i)) : 256;
    if (number === undefined || number >= room) return undefined;
    value += last ? number : number * 2 ** (24 - 8 * i);
  }
  return ipv4(value);
}

function parseNumber(part: string): number | undefined {
  if (/^0x[0-9a-f]+$/i.test(part)) return parseInt(part, 16);
  if (/^0[0-7]*$/.test(part)) return parseInt(part, 8);
  return /^[1-9][0-9]*$/.test(part) ? Number(part) : undefined;
}

/** Whether the text can only be an IPv6 address. */
export function isIpv6Text(text: string): boolean {
  return text.includes(":") && /^[0-9a-f:.]+(%.*)?$/i.test(text);
}
