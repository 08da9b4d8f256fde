import { decodeBase64 } from "../base/base64.ts";
import { concat } from "../base/bytes.ts";
import { utf8Decode, utf8Encode } from "../base/utf8.ts";

/** Who a certificate is for and from: RFC 5280, as far as names go. Signatures are not checked. */
export interface CertificateNames {
  /** `O=Example; CN=example.org`, as curl shows it. */
  readonly subject: string;
  readonly issuer: string;
  readonly commonName: string;
  /** DNS names of the subject's alternative names. */
  readonly dnsNames: readonly string[];
  /** YYYYMMDDHHMMSSZ, UTC. */
  readonly notBefore: string;
  readonly notAfter: string;
}

interface Element {
  readonly tag: number;
  readonly value: Uint8Array;
}

/** The elements of a DER sequence; undefined when it is cut off. */
function elements(bytes: Uint8Array): readonly Element[] | undefined {
  const found: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at] ?? 0;
    let length = bytes[at + 1] ?? 0;
    at += 2;
    if (length >= 128) {
      const count = length & 127;
      if (count > 4) return undefined;
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + (bytes[at + i] ?? 0);
      at += count;
    }
    if (at + length > bytes.length) return undefined;
    found.push({ tag, value: bytes.subarray(at, at + length) });
    at += length;
  }
  return found;
}

const inside = (element: Element | undefined): readonly Element[] =>
  element === undefined ? [] : (elements(element.value) ?? []);

const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

const ATTRIBUTES: Readonly<Record<string, string>> = {
  "550403": "CN",
  "550406": "C",
  "550407": "L",
  "550408": "ST",
  "55040a": "O",
  "55040b": "OU",
  "2a864886f70d010901": "emailAddress",
};
const SUBJECT_ALT_NAME = "551d11";
const DNS_NAME = 0x82;

function nameOf(element: Element | undefined): readonly (readonly [string, string])[] {
  return inside(element).flatMap((set) =>
    inside(set).map((pair): readonly [string, string] => {
      const [type, value] = inside(pair);
      const oid = type === undefined ? "" : hexOf(type.value);
      return [ATTRIBUTES[oid] ?? oid, value === undefined ? "" : utf8Decode(value.value)];
    }),
  );
}

const nameText = (name: readonly (readonly [string, string])[]): string =>
  name.map(([key, value]) => `${key}=${value}`).join("; ");

/** UTCTime has two digits of the year. */
function timeOf(element: Element | undefined): string {
  const text = element === undefined ? "" : utf8Decode(element.value);
  if (element?.tag !== 0x17) return text;
  return `${Number(text.slice(0, 2)) >= 50 ? "19" : "20"}${text}`;
}

function dnsNamesOf(extensions: Element | undefined): readonly string[] {
  const [list] = inside(extensions);
  for (const extension of inside(list)) {
    const parts = inside(extension);
    if (parts[0] === undefined || hexOf(parts[0].value) !== SUBJECT_ALT_NAME) continue;
    const [names] = elements(parts.at(-1)?.value ?? new Uint8Array(0)) ?? [];
    return inside(names)
      .filter(({ tag }) => tag === DNS_NAME)
      .map(({ value }) => utf8Decode(value));
  }
  return [];
}

/** The first certificate of a PEM file. */
export function pemToDer(pem: string): Uint8Array | undefined {
  const block = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(pem);
  const der = decodeBase64((block?.[1] ?? "").replace(/\s/g, ""));
  return der.ok && der.value.length > 0 ? der.value : undefined;
}

/** The names in a certificate; undefined when it cannot be read. */
export function certificateNames(der: Uint8Array): CertificateNames | undefined {
  const [certificate] = elements(der) ?? [];
  const [signed] = inside(certificate);
  const fields = inside(signed);
  const first = fields[0]?.tag === 0xa0 ? 1 : 0;
  const [issuer, validity, subject] = [fields[first + 2], fields[first + 3], fields[first + 4]];
  if (subject === undefined || validity === undefined) return undefined;
  const name = nameOf(subject);
  const [notBefore, notAfter] = inside(validity);
  return {
    subject: nameText(name),
    issuer: nameText(nameOf(issuer)),
    commonName: name.find(([key]) => key === "CN")?.[1] ?? "",
    dnsNames: dnsNamesOf(fields.find(({ tag }) => tag === 0xa3)),
    notBefore: timeOf(notBefore),
    notAfter: timeOf(notAfter),
  };
}

const tagged = (tag: number, ...parts: readonly Uint8Array[]): Uint8Array => {
  const value = concat(parts);
  const { length } = value;
  const size = length < 128 ? [length] : length < 256 ? [129, length] : [130, length >>> 8, length & 255];
  return concat([Uint8Array.of(tag, ...size), value]);
};
const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));

/** A self-signed certificate for a year, without a key that would be worth anything. `from` is YYYY-MM-DDThh:mm:ssZ. */
export function fakeCertificate(about: {
  readonly organization: string;
  readonly commonName: string;
  readonly dnsName: string;
  readonly from: string;
}): Uint8Array {
  const attribute = (oid: string, text: string): Uint8Array =>
    tagged(0x31, tagged(0x30, tagged(6, fromHex(oid)), tagged(0x0c, utf8Encode(text))));
  const name = tagged(0x30, attribute("55040a", about.organization), attribute("550403", about.commonName));
  const digits = about.from.replace(/[-:T]/g, "");
  const until = `${Number(digits.slice(0, 4)) + 1}${digits.slice(4)}`;
  const validity = tagged(
    0x30,
    tagged(0x17, utf8Encode(digits.slice(2))),
    tagged(0x17, utf8Encode(until.slice(2))),
  );
  const rsa = tagged(0x30, tagged(6, fromHex("2a864886f70d010101")), Uint8Array.of(5, 0));
  const signed = tagged(0x30, tagged(6, fromHex("2a864886f70d01010b")), Uint8Array.of(5, 0));
  const names = tagged(0x30, tagged(DNS_NAME, utf8Encode(about.dnsName)));
  const extension = tagged(0x30, tagged(6, fromHex(SUBJECT_ALT_NAME)), tagged(4, names));
  const body = tagged(
    0x30,
    tagged(0xa0, Uint8Array.of(2, 1, 2)),
    tagged(2, new Uint8Array(16).fill(1)),
    signed,
    name,
    validity,
    name,
    tagged(0x30, rsa, tagged(3, new Uint8Array(271))),
    tagged(0xa3, tagged(0x30, extension)),
  );
  return tagged(0x30, body, signed, tagged(3, new Uint8Array(257)));
}
