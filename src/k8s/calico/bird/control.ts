import { readText, writeText } from "../../../container/files.ts";
import type { EventQueue } from "../../../sim/queue.ts";
import type { Host } from "../../../userland/os/host.ts";

/** Answers a command of birdcl with its lines. */
export type ControlHandler = (command: string) => string;

/** The sockets of one world, by the number that the socket's file holds: mounts of one directory see the same one. */
class Sockets {
  private readonly handlers = new Map<string, ControlHandler>();
  private last = 20_000;

  add(handler: ControlHandler): string {
    const name = `socket:[${++this.last}]`;
    this.handlers.set(name, handler);
    return name;
  }

  get(name: string): ControlHandler | undefined {
    return this.handlers.get(name);
  }

  delete(name: string): void {
    this.handlers.delete(name);
  }
}

const SOCKETS = new WeakMap<EventQueue, Sockets>();

function socketsOf(host: Host): Sockets {
  let sockets = SOCKETS.get(host.queue);
  if (sockets === undefined) {
    sockets = new Sockets();
    SOCKETS.set(host.queue, sockets);
  }
  return sockets;
}

/** Listens on a control socket; the result ends it, and unlinks the file when it ended in order. */
export function listenControl(host: Host, path: string, handler: ControlHandler): (unlink: boolean) => void {
  const sockets = socketsOf(host);
  const name = sockets.add(handler);
  writeText(host.fs, path, name);
  return (unlink) => {
    sockets.delete(name);
    if (unlink) host.fs.remove(path);
  };
}

export type ControlFailure = "No such file or directory" | "Connection refused";

/** One command over a control socket. */
export function askControl(host: Host, path: string, command: string): { text: string } | ControlFailure {
  const name = readText(host.fs, path);
  if (!name.ok) return "No such file or directory";
  const handler = socketsOf(host).get(name.value);
  return handler === undefined ? "Connection refused" : { text: handler(command) };
}
