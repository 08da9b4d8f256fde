import type { ImageSpec } from "../../container/runtime/images.ts";
import { baseName, dirName, fsErrorText } from "../../container/files.ts";
import { resolvePath } from "../../userland/os/fs.ts";
import type { Task } from "../../sim/task.ts";
import type { Process, Program } from "../../userland/os/process.ts";
import { CNI_PROGRAM } from "../../container/cni/exec.ts";
import type { ApiStore } from "../api/index.ts";
import { flanneld } from "./flanneld.ts";

/** Copies bytes and mode; the error as Go words it. */
function copyFile(process: Process, source: string, target: string): string | undefined {
  const { fs } = process.host;
  const from = resolvePath(process.cwd, source);
  const to = resolvePath(process.cwd, target);
  const bytes = fs.read(from);
  if (!bytes.ok) return `open ${source}: ${fsErrorText(bytes.error)}`;
  const written = fs.write(to, bytes.value, "truncate");
  if (!written.ok) return `open ${target}: ${fsErrorText(written.error)}`;
  const mode = fs.stat(from)?.mode;
  if (mode !== undefined) fs.chmod?.(to, mode);
  return undefined;
}

/** /opt/bin/install-conf SRC DEST. Models: flannel cmd/install_conf. */
const installConf: Program = function* (process): Task<number> {
  const [program = "", source, target] = process.argv;
  if (source === undefined || target === undefined || process.argv.length !== 3) {
    yield* process.printError(`usage: ${program} <src> <dest>\n`);
    return 1;
  }
  const failed = copyFile(process, source, target);
  if (failed === undefined) return 0;
  yield* process.printError(`error installing "${source}": ${failed}\n`);
  return 1;
};

/** The image's own `cp`, as its manifest calls it: `cp -f SOURCE DEST`. */
const cp: Program = function* (process): Task<number> {
  const [source, target, ...rest] = process.argv.slice(1).filter((word) => word !== "-f");
  if (source === undefined || target === undefined || rest.length > 0 || source.startsWith("-")) {
    yield* process.printError(`cp: only "cp [-f] SOURCE DEST" is modelled in this image\n`);
    return 1;
  }
  const isDirectory = process.host.fs.stat(resolvePath(process.cwd, target))?.kind === "directory";
  const failed = copyFile(process, source, isDirectory ? `${target}/${baseName(source)}` : target);
  if (failed === undefined) return 0;
  const missing = process.host.fs.stat(resolvePath(process.cwd, source)) === undefined;
  yield* process.printError(
    missing
      ? `cp: can't stat '${source}': No such file or directory\n`
      : `cp: can't create '${target}': ${dirName(target)}: ${failed}\n`,
  );
  return 1;
};

/** The two images of kube-flannel.yml. */
export function flannelImages(store: ApiStore): readonly ImageSpec[] {
  return [
    {
      repository: "ghcr.io/flannel-io/flannel",
      executables: { "/opt/bin/flanneld": "flanneld", "/opt/bin/install-conf": "install-conf" },
      programs: new Map([
        ["flanneld", flanneld(store)],
        ["install-conf", installConf],
      ]),
      entrypoint: ["/opt/bin/flanneld"],
    },
    {
      repository: "ghcr.io/flannel-io/flannel-cni-plugin",
      executables: { "/flannel": `${CNI_PROGRAM}flannel` },
      programs: new Map([["cp", cp]]),
      entrypoint: [],
    },
  ];
}
