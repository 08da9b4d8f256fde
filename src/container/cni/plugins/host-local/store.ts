import { utf8Encode } from "../../../../base/utf8.ts";
import type { FileSystem } from "../../../../userland/os/fs.ts";
import { formatIpv4, type Ipv4, parseIpv4 } from "../../../../wire/address.ts";
import { makeDirectories, readText } from "../../../files.ts";

/**
 * The allocations on disk: a file per address, named by it, whose content is `<containerID>\r\n<ifname>`.
 *
 * Models: host-local backend/disk.
 */
export class AddressStore {
  private readonly fs: FileSystem;
  private readonly dir: string;

  constructor(fs: FileSystem, dataDir: string, network: string) {
    this.fs = fs;
    this.dir = `${dataDir}/${network}`;
    makeDirectories(fs, this.dir);
    if (fs.stat(`${this.dir}/lock`) === undefined)
      fs.write(`${this.dir}/lock`, new Uint8Array(0), "truncate");
  }

  /** False when somebody has the address. */
  reserve(id: string, ifName: string, address: Ipv4, rangeId: number): boolean {
    const file = `${this.dir}/${formatIpv4(address)}`;
    if (this.fs.stat(file) !== undefined) return false;
    this.fs.write(file, utf8Encode(`${id}\r\n${ifName}`), "truncate");
    this.fs.write(this.lastFile(rangeId), utf8Encode(formatIpv4(address)), "truncate");
    return true;
  }

  lastReserved(rangeId: number): Ipv4 | undefined {
    const text = readText(this.fs, this.lastFile(rangeId));
    return text.ok ? parseIpv4(text.value.trim()) : undefined;
  }

  /** The addresses that a container's interface has. */
  byId(id: string, ifName: string): readonly Ipv4[] {
    return this.matching(id, ifName).flatMap((name) => parseIpv4(name) ?? []);
  }

  release(id: string, ifName: string): void {
    for (const name of this.matching(id, ifName)) this.fs.remove(`${this.dir}/${name}`);
  }

  private matching(id: string, ifName: string): readonly string[] {
    const names = this.fs.list(this.dir);
    if (!names.ok) return [];
    return names.value.filter((name) => {
      const text = readText(this.fs, `${this.dir}/${name}`);
      return text.ok && (text.value.trim() === `${id}\r\n${ifName}` || text.value.trim() === id);
    });
  }

  private lastFile(rangeId: number): string {
    return `${this.dir}/last_reserved_ip.${rangeId}`;
  }
}
