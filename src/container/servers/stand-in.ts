import { utf8Encode } from "../../base/utf8.ts";
import { Signal, type Task } from "../../sim/task.ts";
import { Coroutine } from "../../sim/task.ts";
import { formatIpv4, IPV4_ANY } from "../../wire/address.ts";
import type { Process, Program } from "../../userland/os/process.ts";
import type { ContainerConfig } from "../runtime/types.ts";
import { goErrno } from "../errno.ts";

/** Answers every datagram with the name of the host that got it, so that one sees which pod it reached. */
function* udpEcho(process: Process, port: number): Task<number> {
  const socket = process.net.socket.udp(process.argv[0] ?? "stand-in");
  try {
    const bound = socket.bind({ address: IPV4_ANY, port });
    if (!bound.ok) {
      yield* process.printError(`flannelgraph: ${port}/UDP: bind: ${goErrno(bound.error)}\n`);
      return 1;
    }
    for (;;) {
      const datagram = socket.receive();
      if (!datagram.ok || datagram.value === undefined) {
        yield* socket.readable.wait();
        continue;
      }
      const { from } = datagram.value;
      socket.send(utf8Encode(`${process.host.name}\n`), from);
      yield* process.print(`flannelgraph: ${port}/UDP: answered ${formatIpv4(from.address)}:${from.port}\n`);
    }
  } finally {
    socket.close();
  }
}

/** The program of an image that the product does not know: a server on the ports that the container declares. */
export function standIn(config: ContainerConfig): Program {
  return function* (process): Task<number> {
    yield* process.print(`flannelgraph: ${config.image} is not modelled; a small server stands in for it\n`);
    const servers: Coroutine<number>[] = [];
    try {
      for (const { port, protocol } of config.ports) {
        if (protocol === "UDP")
          servers.push(new Coroutine(process.host.queue, udpEcho(process, port)).start());
        else yield* process.print(`flannelgraph: ${port}/${protocol}: ${protocol} is not modelled yet\n`);
      }
      yield* new Signal().wait();
    } finally {
      for (const server of servers) server.kill("KILL");
    }
    return 0;
  };
}
