import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { utf8Decode, utf8Encode } from "../base/utf8.ts";
import { runLab } from "./run.ts";

/**
 * The labs of e2e/kind, each on a cluster of its own with flannel. What chance decides is made even before the text is
 * compared with the kept one; `UPDATE=1` keeps what is said now.
 */

const FOLDER = fileURLToPath(new URL("../../e2e/kind/", import.meta.url));
const FLANNEL = fileURLToPath(new URL("../scenario/data/kube-flannel.yml", import.meta.url));

/** Names of pods, addresses and ports that were drawn, ages, the width of columns. */
function even(text: string): string {
  return text
    .replaceAll(/[ \t]+/g, " ")
    .replaceAll(/-[bcdfghjklmnpqrstvwxz2456789]{8,10}-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, "-POD")
    .replaceAll(/\b(db)-[bcdfghjklmnpqrstvwxz2456789]{8,10}\b/g, "$1-REVISION")
    .replaceAll(/\b(hand)-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, "$1-SLICE")
    .replaceAll(/\b10\.96\.\d+\.\d+\b(?=.*\/TCP)/g, "CLUSTER-IP")
    .replaceAll(/:3\d{4}\/TCP/g, ":NODE-PORT/TCP")
    .replaceAll(/\b\d+s$/gm, "AGE")
    .replaceAll(/(?<=\d\/1 )\d+s(?= AGE)/g, "SPAN");
}

function play(name: string): string {
  const text = (path: string): string => readFileSync(`${FOLDER}${path}`, "utf8");
  const read = (path: string): Uint8Array | undefined => {
    if (path === "/lab/kube-flannel.yml") return utf8Encode(readFileSync(FLANNEL, "utf8"));
    const manifest = /^\/lab\/(manifests\/[\w-]+\.yaml)$/.exec(path)?.[1];
    return manifest === undefined ? undefined : utf8Encode(text(`labs/${manifest}`));
  };
  let said = "";
  // A lab with a configuration of its own is on the network that this gives it.
  const own = existsSync(`${FOLDER}labs/${name}.yaml`);
  const network = own ? [] : [{ path: "/lab/network.sh", text: text("network.sh") }];
  const result = runLab({
    scripts: [...network, { path: `/lab/${name}.sh`, text: text(`labs/${name}.sh`) }],
    cwd: "/lab",
    seed: 1,
    captures: false,
    traced: false,
    lower: { read },
    kind: { path: "kind.yaml", text: text(own ? `labs/${name}.yaml` : "kind.yaml") },
    output: (_, bytes) => {
      said += utf8Decode(bytes);
    },
  });
  return even(`${said}${result.message ?? ""}exit ${result.status}\n`);
}

const LABS = readdirSync(`${FOLDER}labs`)
  .filter((file) => file.endsWith(".sh"))
  .map((file) => file.replace(/\.sh$/, ""));

test.each(LABS)("%s", (name) => {
  const said = play(name);
  const kept = `${FOLDER}recorded/${name}.txt`;
  if (process.env["UPDATE"] !== undefined || !existsSync(kept)) writeFileSync(kept, said);
  expect(said).toBe(readFileSync(kept, "utf8"));
});
