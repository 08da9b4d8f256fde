import { certificateNames, type CertificateNames } from "../../formats/x509.ts";
import type { StreamSocket } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import type { Nanos } from "../../sim/time.ts";
import {
  TLS_CERTIFICATE,
  TLS_CERTIFICATE_VERIFY,
  TLS_CHANGE_CIPHER_SPEC,
  TLS_CLIENT_HELLO,
  TLS_ENCRYPTED_EXTENSIONS,
  TLS_FINISHED,
  TLS_SERVER_HELLO,
} from "../../wire/tls.ts";
import type { Process } from "../os/process.ts";
import { tlsConnect } from "../tls/handshake.ts";
import type { TlsStream } from "../tls/stream.ts";

/** curl's https: what OpenSSL does, as curl -v tells it. */

const NAMES: Readonly<Record<number, string>> = {
  [TLS_CLIENT_HELLO]: "TLS handshake, Client hello (1)",
  [TLS_SERVER_HELLO]: "TLS handshake, Server hello (2)",
  [TLS_ENCRYPTED_EXTENSIONS]: "TLS handshake, Encrypted Extensions (8)",
  [TLS_CERTIFICATE]: "TLS handshake, Certificate (11)",
  [TLS_CERTIFICATE_VERIFY]: "TLS handshake, CERT verify (15)",
};
const FINISHED = "TLS handshake, Finished (20)";
const CHANGE_CIPHER = "TLS change cipher, Change cipher spec (1)";

export const CLOSE_NOTIFY_TOLD =
  "} [5 bytes data]\n* TLSv1.3 (OUT), TLS alert, close notify (256):\n} [2 bytes data]\n";
const WHY_IT_FAILED =
  "More details here: https://curl.se/docs/sslcerts.html\n\n" +
  "curl failed to verify the legitimacy of the server and therefore could not\n" +
  "establish a secure connection to it. To learn more about this situation and\n" +
  "how to fix it, please visit the web page mentioned above.";
/** Said with -v, and only here: frames show what is sent. */
const DEPARTURE = "* flannelgraph: the encryption of TLS is not modelled: frames show what it would hide\n";

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** `20260102030405Z` as OpenSSL prints it. */
function dateText(time: string): string {
  const [, year = "", month = "01", day = "", hour = "", minute = "", second = ""] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(time) ?? [];
  return `${MONTHS[Number(month) - 1] ?? ""} ${String(Number(day)).padStart(2)} ${hour}:${minute}:${second} ${year} GMT`;
}

/** No authority is trusted here. */
function problemOf(names: CertificateNames | undefined): readonly [text: string, number: number] {
  return names === undefined || names.subject === names.issuer
    ? ["self-signed certificate", 18]
    : ["unable to get local issuer certificate", 20];
}

export function* secure(
  process: Process,
  socket: StreamSocket,
  options: {
    readonly host: string;
    readonly insecure: boolean;
    readonly timeout: Nanos;
    readonly tell: (text: string) => Task<void>;
  },
): Task<{ readonly stream: TlsStream } | { readonly code: number; readonly message: string }> {
  const { host, insecure, tell } = options;
  yield* tell("* ALPN: offers http/1.1\n");
  const hello = { serverName: /^[\d.]+$|:/.test(host) ? undefined : host, protocols: ["http/1.1"] };
  const connected = yield* tlsConnect(socket, process.host.random, hello, {
    timeout: options.timeout,
    trusts: () => insecure,
    *seen(direction, type, length) {
      const out = direction === "out";
      const name =
        type === TLS_CHANGE_CIPHER_SPEC && length === 1
          ? CHANGE_CIPHER
          : type === TLS_FINISHED
            ? FINISHED
            : NAMES[type];
      if (type === TLS_CLIENT_HELLO) yield* tell("} [5 bytes data]\n");
      yield* tell(`* TLSv1.3 (${out ? "OUT" : "IN"}), ${name ?? `TLS handshake, [no content] (${type})`}:\n`);
      yield* tell(`${out ? "}" : "{"} [${length} bytes data]\n`);
      if (type !== TLS_CLIENT_HELLO || insecure) return;
      yield* tell(
        "*  CAfile: /etc/ssl/certs/ca-certificates.crt\n*  CApath: /etc/ssl/certs\n{ [5 bytes data]\n",
      );
    },
  });
  if (connected.kind === "plain")
    return { code: 35, message: "error:0A00010B:SSL routines::wrong version number" };
  if (connected.kind === "closed")
    return { code: 35, message: "error:0A000126:SSL routines::unexpected eof while reading" };
  const names = certificateNames(connected.certificate);
  const [problem, number] = problemOf(names);
  if (connected.kind === "refused") {
    yield* tell("* TLSv1.3 (OUT), TLS alert, unknown CA (560):\n} [2 bytes data]\n");
    yield* tell(`* SSL certificate problem: ${problem}\n`);
    return { code: 60, message: `SSL certificate problem: ${problem}\n${WHY_IT_FAILED}` };
  }
  yield* tell("* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384\n* ALPN: server accepted http/1.1\n");
  yield* tell(DEPARTURE);
  yield* tell(
    "* Server certificate:\n" +
      `*  subject: ${names?.subject ?? ""}\n*  start date: ${dateText(names?.notBefore ?? "")}\n` +
      `*  expire date: ${dateText(names?.notAfter ?? "")}\n*  issuer: ${names?.issuer ?? ""}\n` +
      `*  SSL certificate verify result: ${problem} (${number}), continuing anyway.\n` +
      "* using HTTP/1.1\n} [5 bytes data]\n",
  );
  return { stream: connected.stream };
}
