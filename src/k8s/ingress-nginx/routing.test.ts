import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Ingress } from "../api/index.ts";
import { annotationsOf } from "./annotations.ts";
import { settingsOf } from "./config.ts";
import { ConfigurationBuilder, type Parsed } from "./model.ts";
import { chooseLocation, chooseServer, hostOf, normalize, rewritten } from "./routing.ts";

const PREFIX = "nginx.ingress.kubernetes.io";

interface Wanted {
  readonly host?: string;
  /** Path, type, Service. */
  readonly paths: readonly (readonly [path: string, type: string, service: string])[];
  readonly annotations?: Readonly<Record<string, string>>;
}

function ingress({ host, paths, annotations = {} }: Wanted, i: number): Parsed {
  const object: Ingress = {
    apiVersion: "networking.k8s.io/v1",
    kind: "Ingress",
    metadata: {
      name: `i${i}`,
      namespace: "default",
      uid: "",
      resourceVersion: "1",
      creationTimestamp: "",
      annotations: Object.fromEntries(
        Object.entries(annotations).map(([key, value]) => [`${PREFIX}/${key}`, value]),
      ),
    },
    spec: {
      rules: [
        {
          ...(host === undefined ? {} : { host }),
          http: {
            paths: paths.map(([path, pathType, name]) => ({
              path,
              pathType,
              backend: { service: { name, port: { number: 80 } } },
            })),
          },
        },
      ],
    },
  };
  return { object, annotations: annotationsOf(object, PREFIX, settingsOf({})) };
}

/** Who answers: the Service, with the target that it is asked for. */
function ask(wanted: readonly Wanted[], host: string, target: string): string {
  const own = ingress({ paths: [] }, 0).annotations;
  const builder = new ConfigurationBuilder({
    service: () => undefined,
    slices: () => [],
    certificate: () => "missing",
    defaultPeers: [],
    own,
    warn: () => undefined,
  });
  const { servers } = builder.build(wanted.map(ingress));
  const server = chooseServer(servers, hostOf(host));
  const uri = normalize(target);
  if (server === undefined || uri === undefined) return "400";
  const chosen = chooseLocation(server, uri);
  if (chosen?.kind !== "location") return chosen?.kind ?? "none";
  const asked = rewritten(chosen.location, target, uri);
  const name = chosen.location.backend
    .replace(/^default-(.*)-80$/, "$1")
    .replace("upstream-default-backend", "404");
  return `${name} ${"url" in asked ? asked.url : asked.target}`;
}

const SHOP: Wanted = {
  host: "shop.test",
  paths: [
    ["/", "Prefix", "web"],
    ["/api", "Prefix", "api"],
    ["/api/exact", "Exact", "exact"],
    ["/any", "ImplementationSpecific", "any"],
  ],
};

describe("an exact host before a wildcard before everybody", () => {
  const all: readonly Wanted[] = [
    { paths: [["/", "Prefix", "rest"]] },
    { host: "*.test", paths: [["/", "Prefix", "wild"]] },
    { host: "a.test", paths: [["/", "Prefix", "exact"]] },
  ];
  test.each([
    ["a.test", "exact /"],
    ["A.Test:8080", "exact /"],
    ["a.test.", "exact /"],
    ["b.test", "wild /"],
    ["c.b.test", "rest /"],
    ["test", "rest /"],
    ["", "rest /"],
  ])("%s", (host, answer) => {
    expect(ask(all, host, "/")).toBe(answer);
  });
});

test.each([
  ["/", "web /"],
  ["/other", "web /other"],
  ["/api", "api /api"],
  ["/api/", "api /api/"],
  ["/api/x?y=/api/exact", "api /api/x?y=/api/exact"],
  ["/apix", "web /apix"],
  ["/api/exact", "exact /api/exact"],
  ["/api/exact/", "api /api/exact/"],
  ["/any", "any /any"],
  ["/anyone", "web /anyone"],
  ["/%61pi/x", "api /%61pi/x"],
  ["//api///x", "api //api///x"],
  ["/x/../api", "api /x/../api"],
  ["/..", "400"],
  ["/%zz", "400"],
])("paths: %s", (target, answer) => {
  expect(ask([SHOP], "shop.test", target)).toBe(answer);
});

describe("rewriting", () => {
  const rewrite: Wanted = {
    host: "shop.test",
    paths: [["/app(/|$)(.*)", "ImplementationSpecific", "app"]],
    annotations: { "use-regex": "true", "rewrite-target": "/$2" },
  };
  test.each([
    ["/app", "app /"],
    ["/APP/x", "app /x"],
    ["/app/x/y?z=1", "app /x/y?z=1"],
    ["/application", "404 /"],
  ])("%s", (target, answer) => {
    expect(ask([rewrite], "shop.test", target)).toBe(answer);
  });

  test("one Ingress with it makes expressions of the paths of all others of the host", () => {
    expect(ask([SHOP, rewrite], "shop.test", "/apix")).toBe("api /apix");
    expect(ask([SHOP, rewrite], "shop.test", "/api/exactly")).toBe("exact /api/exactly");
  });

  test("a target that is a URL sends the client there", () => {
    const away = { ...rewrite, annotations: { "rewrite-target": "https://other.test/$2" } };
    expect(ask([away], "shop.test", "/app/x")).toBe("app https://other.test/x");
  });
});

test("the older Ingress keeps a path that two claim; another path of the younger one joins the host", () => {
  const younger: Wanted = {
    host: "shop.test",
    paths: [
      ["/api", "Prefix", "late"],
      ["/new", "Prefix", "late"],
    ],
  };
  expect(ask([SHOP, younger], "shop.test", "/api")).toBe("api /api");
  expect(ask([SHOP, younger], "shop.test", "/new")).toBe("late /new");
});

test("a host without a fitting path has the default backend", () => {
  expect(ask([{ host: "a.test", paths: [["/x", "Prefix", "web"]] }], "a.test", "/y")).toBe("404 /y");
});

test("normalized twice is normalized once, and every target has an answer", () => {
  const segment = fc.constantFrom("a", "..", ".", "", "%2e", "b%20c", "api");
  fc.assert(
    fc.property(fc.array(segment), (segments) => {
      const uri = normalize(`/${segments.join("/")}`);
      if (uri === undefined) return;
      expect(uri).not.toMatch(/\/\/|\/\.\.?(\/|$)/);
      expect(normalize(uri.replaceAll("%", "%25").replaceAll(" ", "%20"))).toBe(uri);
      expect(ask([SHOP], "shop.test", `/${segments.join("/")}`)).not.toBe("none");
    }),
  );
});

test("annotations that are not modelled are named; those that change nothing are not", () => {
  const { annotations } = ingress(
    { paths: [], annotations: { "auth-url": "x", "proxy-body-size": "8m", "backend-protocol": "GRPC" } },
    1,
  );
  expect(annotations.refused).toEqual(["auth-url", "backend-protocol: GRPC"]);
});
