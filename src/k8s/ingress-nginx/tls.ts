import { fakeCertificate, pemToDer } from "../../formats/x509.ts";
import { concat } from "../../base/bytes.ts";
import type { Opened } from "../../container/servers/nginx/server.ts";
import type { StreamSocket } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import { type ByteStream } from "../../userland/stream/stream.ts";
import type { Process } from "../../userland/os/process.ts";
import { tlsAccept } from "../../userland/tls/handshake.ts";
import { timestamp } from "../api/index.ts";

/** The PEM text that is shown to a client that names this host; "" for the controller's own. */
export type CertificateFor = (serverName: string) => string;

/** Models: internal/net/ssl getFakeHostSSLCert: self-signed, for a year. */
const FAKE = {
  organization: "Acme Co",
  commonName: "Kubernetes Ingress Controller Fake Certificate",
  dnsName: "ingress.local",
};

/** TLS on port 443; plain HTTP there is answered with nginx's complaint. */
export function* acceptTls(
  process: Process,
  socket: StreamSocket,
  certificate: CertificateFor,
): Task<Opened | undefined> {
  const { queue, random } = process.host;
  const accepted = yield* tlsAccept(socket, random, (serverName) => {
    const pem = certificate(serverName ?? "");
    return (
      (pem === "" ? undefined : pemToDer(pem)) ?? fakeCertificate({ ...FAKE, from: timestamp(queue.now) })
    );
  });
  if (accepted.kind === "closed") return undefined;
  if (accepted.kind === "plain")
    return { stream: replay(socket, accepted.bytes), scheme: "http", plain: true };
  return { stream: accepted.stream, scheme: "https", serverName: accepted.hello.serverName };
}

/** The socket with what was read off it already before it. */
function replay(socket: StreamSocket, bytes: Uint8Array): ByteStream {
  let rest: Uint8Array | undefined = bytes;
  return {
    readable: socket.readable,
    writable: socket.writable,
    send: (out) => socket.send(out),
    receive: (max) => {
      if (rest === undefined) return socket.receive(max);
      const value = concat([rest]);
      rest = undefined;
      return { ok: true, value };
    },
  };
}
