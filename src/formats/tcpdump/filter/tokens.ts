/** The words of a filter expression (pcap-filter(7)). */

export type Token =
  | { readonly kind: "word"; readonly text: string; readonly escaped: boolean }
  | { readonly kind: "number"; readonly value: number; readonly text: string }
  | { readonly kind: "mac"; readonly text: string }
  | { readonly kind: "ipv6"; readonly text: string }
  | { readonly kind: "ipv4"; readonly text: string }
  | { readonly kind: "sign"; readonly text: string };

const SIGNS = [
  "<=",
  ">=",
  "!=",
  "==",
  "<<",
  ">>",
  "&&",
  "||",
  "(",
  ")",
  "[",
  "]",
  ":",
  "!",
  "<",
  ">",
  "=",
  "+",
  "-",
  "*",
  "/",
  "%",
  "&",
  "|",
  "^",
];

const MAC = /^[0-9a-fA-F]{1,2}([:.-][0-9a-fA-F]{1,2}){5}(?![0-9a-zA-Z:])/;
const IPV6 = /^(?=[0-9a-fA-F]*:[0-9a-fA-F]*:)[0-9a-fA-F:]+(\.[0-9]+){0,3}(?![\w:])/;
const IPV4 = /^\d+(\.\d+){1,3}(?![\w.-])/;
const NUMBER = /^(0[xX][0-9a-fA-F]+|\d+)(?![\w.-])/;
const WORD = /^[A-Za-z0-9](?:[-_.A-Za-z0-9]*[A-Za-z0-9])?/;

/** Undefined when a character belongs to no word. */
export function tokenize(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  for (let o = 0; o < text.length;) {
    const rest = text.slice(o);
    if (/^\s/.test(rest)) {
      o++;
      continue;
    }
    const token = readToken(rest);
    if (token === undefined) return undefined;
    tokens.push(token);
    o += token.text.length + (token.kind === "word" && token.escaped ? 1 : 0);
  }
  return tokens;
}

function readToken(rest: string): Token | undefined {
  const mac = MAC.exec(rest);
  if (mac !== null) return { kind: "mac", text: mac[0] };
  const ipv6 = IPV6.exec(rest);
  if (ipv6 !== null) return { kind: "ipv6", text: ipv6[0] };
  const ipv4 = IPV4.exec(rest);
  if (ipv4 !== null) return { kind: "ipv4", text: ipv4[0] };
  const number = NUMBER.exec(rest);
  if (number !== null) {
    const text = number[0];
    const octal = /^0[0-7]+$/.test(text);
    return { kind: "number", text, value: octal ? parseInt(text, 8) : Number(text) };
  }
  if (rest.startsWith("\\")) {
    const word = WORD.exec(rest.slice(1));
    return word === null ? undefined : { kind: "word", text: word[0], escaped: true };
  }
  const word = WORD.exec(rest);
  if (word !== null) return { kind: "word", text: word[0], escaped: false };
  const sign = SIGNS.find((each) => rest.startsWith(each));
  return sign === undefined ? undefined : { kind: "sign", text: sign };
}
