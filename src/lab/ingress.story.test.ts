import { expect, test } from "vitest";
import { utf8Decode } from "../base/utf8.ts";
import { dissect } from "../wire/dissect.ts";
import { decodePcap } from "../wire/pcap.ts";
import { type LabResult, runLab } from "./run.ts";

/** ingress-nginx as kind's documentation sets it up, and what its two connections look like on the wires. */

const KIND = `
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking: {disableDefaultCNI: true}
nodes:
- role: control-plane
  extraPortMappings:
  - {containerPort: 80, hostPort: 8080}
  - {containerPort: 443, hostPort: 8443}
`;

const START = `
kubectl apply -f https://github.com/flannel-io/flannel/releases/latest/download/kube-flannel.yml
kubectl wait --for=condition=Ready nodes --all --timeout=120s
kubectl apply -f https://raw.githubusercontent.com/kubernetes/ingress-nginx/main/deploy/static/provider/kind/deploy.yaml
kubectl apply -f https://kind.sigs.k8s.io/examples/ingress/usage.yaml
kubectl wait -n ingress-nginx --for=condition=ready pod -l app.kubernetes.io/component=controller --timeout=90s
kubectl wait --for=condition=Ready pod --all
sleep 6
`;

function lab(script: string, captures = false): LabResult & { readonly said: string } {
  let said = "";
  const result = runLab({
    scripts: [
      { path: "/start.sh", text: START },
      { path: "/lab.sh", text: script },
    ],
    cwd: "/",
    seed: 1,
    captures,
    traced: false,
    kind: { path: "kind.yaml", text: KIND },
    output: (stream, bytes) => {
      if (stream === "stdout") said += utf8Decode(bytes);
    },
  });
  return { ...result, said: said.slice(said.indexOf("== ")) };
}

test("a published port of the node leads to the controller's host port, by name of the path to a pod", () => {
  const { said } = lab(`echo "== "
for path in foo foo/hostname bar none; do echo $(curl -s localhost:8080/$path | head -1); done
echo $(curl -sk https://localhost:8443/foo)
docker ps --format '{{.Ports}}'`);
  expect(said.split("\r").join("").split("\n")).toEqual([
    "== ",
    "foo-app",
    "foo-app",
    "bar-app",
    "<html>",
    "foo-app",
    "0.0.0.0:8080->80/tcp, 0.0.0.0:8443->443/tcp",
    "",
  ]);
});

test("two connections: the client's to the controller, the controller's own to the pod", () => {
  const { captures } = lab("echo '== '; curl -s localhost:8080/foo", true);
  const lines = (suffix: string): readonly string[] => {
    const file = captures.find(({ path }) => path.includes("default.foo-app") && path.endsWith(suffix));
    const read = decodePcap(file?.bytes ?? new Uint8Array(0));
    if (!read.ok) throw new Error(read.error);
    return read.value.records.flatMap(({ bytes }) => {
      const layers = dissect(bytes);
      const [ip, http] = ["ipv4", "http"].map((name) => layers.find(({ protocol }) => protocol === name));
      const field = (label: string): string => http?.fields.find((each) => each.label === label)?.value ?? "";
      return http === undefined
        ? []
        : [
            `${ip?.summary.split(" ")[1] ?? ""} ${http.summary} ${field("Host")} ${field("X-Real-IP")}`.trim(),
          ];
    });
  };
  const [request] = lines("eth0.in.pcap");
  // The pod sees the controller's address; the client's stands in a header.
  expect(request).toMatch(/^10\.244\.0\.\d+ HTTP: GET \/foo HTTP\/1\.1 localhost:8080 172\.18\.0\.1$/);
  expect(lines("eth0.out.pcap")[0]).toMatch(/HTTP: HTTP\/1\.1 200 OK$/);
});
