/**
 * Records what the real kernel and tools of this machine do with the sessions of the fixtures, to be run as root on a
 * Debian 12: `node src/testkit/record-session.mjs src/userland/ethtool/fixtures/*.session.txt`. Lines `@ command` set
 * up (with the words of the labs' prelude), `$ command` is followed by what it printed, standard error included, and
 * `[exit N]` when that is not 0. Only the lines that begin with `#`, `@` and `$` are read. Times are left out.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PRELUDE = fileURLToPath(new URL("../../e2e/kernel/labs/prelude.sh", import.meta.url));
const ENV = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LC_ALL: "C.UTF-8",
  HOME: "/root",
};

/** As src/testkit/console.ts leaves them out. @param {string} text */
const withoutTimes = (text) =>
  text
    .replace(/time=[0-9.]+ ms/g, "time=T ms")
    .replace(/time \d+ms/g, "time Tms")
    .replace(/ +\d+\.\d{3}ms/g, "  Tms")
    .replace(/ mdev = .*/g, " mdev = T")
    .replace(/ {2}[0-9.]+ ms/g, "  T ms");

/** @param {string} path */
function record(path) {
  const folder = mkdtempSync(join(tmpdir(), "session-"));
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => /^[#@$] ?/.test(line));
  const script = [
    "mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns || exit 125",
    "mount --bind /dev/null /etc/resolv.conf; ip link set lo up; cd " + folder,
    `. ${PRELUDE}; set +e`,
  ];
  lines.forEach((line, i) => {
    const command = line.slice(2);
    if (line.startsWith("@")) script.push(`${command} || echo "FAILED ${command}"`, "sleep 0.1");
    else if (line.startsWith("$"))
      script.push(
        `{ timeout 15 ${command}\n} >${i}.out 2>&1 </dev/null; s=$?`,
        `[ $s = 0 ] || echo "[exit $s]" >>${i}.out`,
      );
  });
  const run = spawnSync(
    "unshare",
    ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", "-c", script.join("\n")],
    { env: ENV, encoding: "utf8", timeout: 120_000, killSignal: "SIGKILL" },
  );
  process.stdout.write(run.stdout + run.stderr);
  const out = lines.map((line, i) =>
    line.startsWith("$")
      ? `${line}\n${withoutTimes(readFileSync(join(folder, `${i}.out`), "utf8"))}`
      : `${line}\n`,
  );
  writeFileSync(path, out.join(""));
  rmSync(folder, { recursive: true });
}

for (const path of process.argv.slice(2)) {
  record(path);
  process.stdout.write(`${path}\n`);
}
