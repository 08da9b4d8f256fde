import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Console } from "../testkit/console.ts";

/** Sessions that a real kernel and Debian 12's tools had (`<command>/fixtures/*.session.txt`), replayed with our commands. */
const here = new URL(".", import.meta.url);
const sessions = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => {
    const folder = new URL(`${name}/fixtures/`, here);
    try {
      return readdirSync(folder)
        .filter((file) => file.endsWith(".session.txt"))
        .map((file) => [`${name}/${file}`, readFileSync(new URL(file, folder), "utf8")] as const);
    } catch {
      return [];
    }
  });

describe("what the real tools printed", () => {
  test.each(sessions)("%s", (_, recorded) => {
    expect(new Console().replay(recorded)).toBe(recorded);
  });
});
