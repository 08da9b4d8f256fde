import { decodeBase64 } from "../base/base64.ts";
import { utf8Decode } from "../base/utf8.ts";

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

/** The names in the first certificate of a PEM file; undefined when there is none that can be read. */
export function certificateNames(pem: string): CertificateNames | undefined {
  const block = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(pem);
  const der = decodeBase64((block?.[1] ?? "").replace(/\s/g, ""));
  if (!der.ok || der.value.length === 0) return undefined;
  const [certificate] = elements(der.value) ?? [];
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
