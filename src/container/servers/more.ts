import { fakeCertificate } from "../../formats/x509.ts";
import { serveGrpc } from "../../userland/grpc/health.ts";
import { tlsAccept } from "../../userland/tls/handshake.ts";
import type { LateServers } from "./late.ts";

/** When every world begins. */
const FROM = "2026-01-01T00:00:00Z";

/** What `late.ts` stands in for. */
export const MORE_SERVERS: LateServers = {
  *tls(process, socket, began) {
    const { name } = process.host;
    const about = { organization: "flannelgraph", commonName: name, dnsName: name, from: FROM };
    const accepted = yield* tlsAccept(socket, process.host.random, () => fakeCertificate(about), began);
    return accepted.kind === "tls" ? accepted.stream : undefined;
  },
  grpc: serveGrpc,
};
