import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { TestNet } from "../../testkit/net.ts";
import { namesOf, worldOf } from "./world.ts";
import { parseNft } from "../../formats/nft/command.ts";
import { tableText } from "../../formats/nft/print.ts";

/** What nft 1.0.6 made of the rules, recorded on a real kernel. */
const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");

function load(text: string): string {
  const net = new TestNet("n", "other");
  net.wire("n", "eth0", "02:00:00:00:00:01", "other", "eth1", "02:00:00:00:00:02");
  const api = net.at("n");
  const commands = parseNft(text, worldOf(api, []));
  const steps = commands.flatMap((command) => (command.kind === "change" ? command.steps : []));
  const result = api.nft.commit(steps);
  expect(result).toMatchObject({ ok: true });
  const style = { names: namesOf(api), handles: false, stateless: false, terse: false };
  return api.nft
    .list()
    .map((table) => tableText(table, style))
    .join("");
}

test("a ruleset is listed as the real nft lists it", () => {
  expect(load(fixture("rules.nft"))).toBe(fixture("listed.txt"));
});

test("what is listed can be loaded again, and is listed the same but for sets of one value, which are that value", () => {
  const listed = fixture("listed.txt").replace("ip saddr { 10.0.0.0/24 } drop", "ip saddr 10.0.0.0/24 drop");
  expect(load(fixture("listed.txt"))).toBe(listed);
});
