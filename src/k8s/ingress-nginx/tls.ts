import type { Opened } from "../../container/servers/nginx/server.ts";
import type { StreamSocket } from "../../kernel/uapi/index.ts";
import type { Task } from "../../sim/task.ts";
import type { Process } from "../../userland/os/process.ts";

/** The PEM text that is shown to a client that names this host. */
export type CertificateFor = (serverName: string) => string;

/** TLS on port 443. */
export function* acceptTls(
  process: Process,
  socket: StreamSocket,
  certificate: CertificateFor,
): Task<Opened | undefined> {
  void certificate;
  void socket;
  yield* process.printError("flannelgraph: TLS is not modelled yet\n");
  return undefined;
}
