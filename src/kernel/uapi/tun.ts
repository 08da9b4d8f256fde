import { err, ok } from "../../base/result.ts";
import { MAC_ZERO } from "../../wire/address.ts";
import { journalled, withCarriers } from "../device/state.ts";
import { Tun } from "../device/tun.ts";
import type { Netns } from "../netns.ts";
import { freeName, nameFault, register } from "./link-checks.ts";
import { removeDevice } from "./link.ts";
import type { Actor, IfIndex, KernelResult, TunOptions } from "./types.ts";

/** An open /dev/net/tun. */
export interface TunFile {
  readonly dev: IfIndex;
  /** A packet, or a frame for a tap. */
  write(bytes: Uint8Array): KernelResult<void>;
  /** The device goes too, unless it is persistent. */
  close(): void;
}

/** TUNSETIFF and TUNSETPERSIST. */
export interface TunApi {
  /** A device that stays without a program (`ip tuntap add`). A missing name is made by the kernel. */
  create(name: string | undefined, options: Omit<TunOptions, "persist">): KernelResult<IfIndex>;
  /** `ip tuntap del`: it goes as soon as no program holds it; one that is not there is made and goes at once. */
  delete(name: string, mode: TunOptions["mode"]): KernelResult<void>;
  /** A program opens the device, which is made when it is not there; `reader` gets what the stack sends. */
  open(
    name: string | undefined,
    mode: TunOptions["mode"],
    reader: (packet: Uint8Array) => void,
  ): KernelResult<TunFile>;
}

/** Models: tun_set_iff. */
export function tunApi(ns: Netns, by: Actor): TunApi {
  const make = (name: string | undefined, options: TunOptions): KernelResult<Tun> => {
    const fault = name === undefined ? undefined : nameFault(name);
    if (fault !== undefined) return err(fault);
    const mac = options.mode === "tun" ? MAC_ZERO : ns.kernel.randomMac();
    const dev = new Tun(ns, name ?? freeName(ns, options.mode), mac, by, options);
    register(ns, dev, false, by);
    return ok(dev);
  };
  const find = (name: string | undefined, mode: TunOptions["mode"]): KernelResult<Tun | undefined> => {
    const dev = name === undefined ? undefined : ns.deviceByName(name);
    if (dev === undefined) return ok(undefined);
    return dev instanceof Tun && dev.options.mode === mode ? ok(dev) : err({ errno: "EINVAL" });
  };
  return {
    create(name, options) {
      if (name !== undefined && ns.deviceByName(name) !== undefined) return err({ errno: "EBUSY" });
      const made = make(name, { ...options, persist: true });
      return made.ok ? ok(ns.indexOf(made.value)) : made;
    },
    delete(name, mode) {
      const found = find(name, mode);
      if (!found.ok) return found;
      if (found.value?.attached === true) return err({ errno: "EBUSY" });
      if (found.value !== undefined) removeDevice(found.value, by);
      return ok();
    },
    open(name, mode, reader) {
      const found = find(name, mode);
      if (!found.ok) return found;
      if (found.value?.attached === true) return err({ errno: "EBUSY" });
      const made = found.value === undefined ? make(name, { mode, persist: false }) : ok(found.value);
      if (!made.ok) return made;
      attach(made.value, reader, by);
      return ok(file(made.value, by));
    },
  };
}

function attach(dev: Tun, reader: ((packet: Uint8Array) => void) | null, by: Actor): void {
  journalled([dev], by, () => withCarriers(dev, () => dev.attach(reader)));
}

function file(dev: Tun, by: Actor): TunFile {
  let open = true;
  return {
    dev: dev.ns.indexOf(dev),
    write(bytes) {
      if (!open) return err({ errno: "EPIPE" });
      return dev.write(bytes) ? ok() : err({ errno: "EINVAL" });
    },
    close() {
      if (!open) return;
      open = false;
      attach(dev, null, by);
      if (!dev.options.persist) removeDevice(dev, by);
    },
  };
}
