import * as tls from "../tls.ts";
import { looksLikeHttp } from "../http.ts";
import { cutShort, field, type Dissector, type Field } from "./layer.ts";

const TYPES: Readonly<Record<number, string>> = {
  [tls.TLS_CHANGE_CIPHER_SPEC]: "Change Cipher Spec",
  [tls.TLS_ALERT]: "Alert",
  [tls.TLS_HANDSHAKE]: "Handshake",
  [tls.TLS_APPLICATION_DATA]: "Application Data",
};
const MESSAGES: Readonly<Record<number, string>> = {
  [tls.TLS_CLIENT_HELLO]: "Client Hello",
  [tls.TLS_SERVER_HELLO]: "Server Hello",
  [tls.TLS_ENCRYPTED_EXTENSIONS]: "Encrypted Extensions",
  [tls.TLS_CERTIFICATE]: "Certificate",
  [tls.TLS_CERTIFICATE_VERIFY]: "Certificate Verify",
  [tls.TLS_FINISHED]: "Finished",
};
const HEADER = 5;

function handshakeFields(payload: Uint8Array, at: number): Field[] {
  const name = MESSAGES[payload[0] ?? 0] ?? `type ${payload[0] ?? 0}`;
  const hello = tls.decodeClientHello(payload);
  return [
    field("tls.handshake", "Handshake", name, at, payload.length),
    ...(hello?.serverName === undefined
      ? []
      : [field("tls.server_name", "Server Name", hello.serverName, at, payload.length)]),
    ...(hello === undefined || hello.protocols.length === 0
      ? []
      : [field("tls.alpn", "ALPN", hello.protocols.join(", "), at, payload.length)]),
  ];
}

/** One record; what stands behind it in the segment is the next layer. */
export const dissectTls: Dissector = ({ b, from, to }) => {
  const read = tls.decodeTlsRecord(b.subarray(from, to));
  if (read === undefined) {
    if (to - from < HEADER) return cutShort("TLS record header", HEADER, to - from);
    return { missing: "TLS record that goes on in another segment" };
  }
  const { record, length } = read;
  const body = from + HEADER;
  const hidden = tls.isReadable(record) ? tls.unprotect(record) : undefined;
  const fields = [
    field("tls.type", "Content Type", `${TYPES[record.type] ?? "?"} (${record.type})`, from, 1),
    field("tls.length", "Length", record.payload.length, from + 3, 2),
  ];
  if (record.type === tls.TLS_HANDSHAKE) fields.push(...handshakeFields(record.payload, body));
  if (hidden !== undefined) {
    const inner = TYPES[hidden.type] ?? "?";
    fields.push(
      field(
        "tls.inner",
        "Would be encrypted",
        `${inner}: the cipher is not modelled`,
        body,
        hidden.payload.length,
      ),
    );
    if (hidden.type === tls.TLS_HANDSHAKE) fields.push(...handshakeFields(hidden.payload, body));
  }
  const summary = tls.tlsSummary(record);
  const end = body + (hidden?.payload.length ?? 0);
  if (hidden?.type === tls.TLS_APPLICATION_DATA && end > body) {
    const protocol = looksLikeHttp(b, body, end) ? "http" : "payload";
    return { length: HEADER, summary, fields, next: { protocol, from: body, to: end } };
  }
  const rest = from + length;
  return { length, summary, fields, ...(rest < to ? { next: { protocol: "tls", from: rest, to } } : {}) };
};
