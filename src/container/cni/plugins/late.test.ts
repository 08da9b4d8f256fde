import { expect, test } from "vitest";
import { LATE_TYPES, latePlugin } from "./late.ts";
import { MORE_PLUGINS } from "./more.ts";

test.each(LATE_TYPES)("%s says of itself what its stand-in says", (type) => {
  const { kind, versions } = latePlugin(type);
  expect(MORE_PLUGINS[type]).toMatchObject({ type, kind });
  expect(versions).toEqual(MORE_PLUGINS[type].versions);
});
