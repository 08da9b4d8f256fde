import type { Process } from "../os/process.ts";

/** How GNU tools quote a word in a message: ‘so’ where the locale has UTF-8, 'so' elsewhere. */
export function quote(process: Process, text: string): string {
  const locale = process.env.get("LC_ALL") ?? process.env.get("LC_MESSAGES") ?? process.env.get("LANG") ?? "";
  return /utf-?8/i.test(locale) ? `‘${text}’` : `'${text}'`;
}
