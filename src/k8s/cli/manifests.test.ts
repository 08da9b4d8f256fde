import { expect, test } from "vitest";
import { ControlPlane } from "../../testkit/control-plane.ts";

/** What `kubectl apply -f f.yaml` says about a manifest. */
function apply(text: string): string {
  const world = new ControlPlane();
  world.write("/f.yaml", text);
  const ran = world.run("kubectl apply -f f.yaml");
  return `${ran.text}[${ran.status}]`;
}

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec:
  selector: {matchLabels: {app: a}}
  template:
    metadata: {labels: {app: a}}
    spec: {containers: [{name: c, image: redis}]}
`;

test.each([
  [
    "a broken document, after one that is applied",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\nkind: B\nmetadata:\n  name: x: y\n",
    `configmap/a created
error: error parsing f.yaml: error converting YAML to JSON: yaml: line 3: mapping values are not allowed in this context
  f.yaml:7:9 (document 2): put text that contains ": " between quotes, or begin the key on a line of its own
[1]`,
  ],
  [
    "an unknown field",
    DEPLOYMENT.replace("selector:", "selectors: 1\n  selector:"),
    'Error from server (BadRequest): error when creating "f.yaml": Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.selectors"\n[1]',
  ],
  [
    "a field of the wrong type",
    DEPLOYMENT.replace("selector:", "replicas: two\n  selector:"),
    'Error from server (BadRequest): error when creating "f.yaml": Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32\n[1]',
  ],
  [
    "a selector that selects something else",
    DEPLOYMENT.replace("labels: {app: a}", "labels: {app: b}"),
    'The Deployment "a" is invalid: spec.template.metadata.labels: Invalid value: {"app":"b"}: `selector` does not match template `labels`\n[1]',
  ],
  [
    "two mistakes",
    DEPLOYMENT.replace("image: redis", "ports: [{containerPort: 70000}]"),
    'The Deployment "a" is invalid: \n* spec.template.spec.containers[0].image: Required value\n* spec.template.spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive\n[1]',
  ],
  [
    "a name that is none",
    DEPLOYMENT.replace("name: a}", "name: A_b}"),
    "The Deployment \"A_b\" is invalid: metadata.name: Invalid value: \"A_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')\n[1]",
  ],
  [
    "a kind of a version that is not served",
    DEPLOYMENT.replace("apps/v1", "extensions/v1beta1"),
    'error: resource mapping not found for name: "a" namespace: "" from "f.yaml": no matches for kind "Deployment" in version "extensions/v1beta1"\nensure CRDs are installed first\n[1]',
  ],
  [
    "no kind",
    "apiVersion: v1\nmetadata: {name: a}\n",
    `error: unable to decode "f.yaml": Object 'Kind' is missing in '{"apiVersion":"v1","metadata":{"name":"a"}}'\n[1]`,
  ],
  [
    "a namespace that does not exist",
    DEPLOYMENT.replace("name: a}", "name: a, namespace: x}"),
    'Error from server (NotFound): error when creating "f.yaml": namespaces "x" not found\n[1]',
  ],
  [
    "a node port out of range",
    "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {type: NodePort, ports: [{port: 80, nodePort: 80}]}\n",
    'The Service "s" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767\n[1]',
  ],
  [
    "a cluster address that is taken",
    "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {clusterIP: 10.96.0.1, ports: [{port: 80}]}\n",
    'The Service "s" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: provided IP is already allocated\n[1]',
  ],
  [
    "a name that YAML 1.1 reads as false",
    DEPLOYMENT.replace("name: a}", "name: n}"),
    'Error from server (BadRequest): error when creating "f.yaml": Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.name of type string\n[1]',
  ],
  ["an empty file", "# nothing\n", "error: no objects passed to apply\n[1]"],
])("%s", (_, text, said) => {
  expect(apply(text)).toBe(said);
});

test("apply keeps what others set and takes back what it no longer says", () => {
  const world = new ControlPlane();
  world.write(
    "/f.yaml",
    DEPLOYMENT.replace("metadata: {name: a}", "metadata: {name: a, labels: {x: one, y: two}}"),
  );
  world.run("kubectl apply -f f.yaml");
  world.run("kubectl label deploy a z=three");
  world.run("kubectl scale deploy a --replicas=4");
  world.write(
    "/f.yaml",
    DEPLOYMENT.replace("metadata: {name: a}", "metadata: {name: a, labels: {x: other}}"),
  );
  expect(world.run("kubectl apply -f f.yaml").text).toBe("deployment.apps/a configured\n");
  expect(world.run("kubectl get deploy a -o jsonpath={.metadata.labels}{.spec.replicas}").text).toBe(
    '{"x":"other","z":"three"}4',
  );
  world.write("/f.yaml", DEPLOYMENT.replace("app: a}}\n  template", "app: z}}\n  template"));
  expect(world.run("kubectl apply -f f.yaml").text).toContain("field is immutable");
});

test("directories, standard input and lists are read", () => {
  const world = new ControlPlane();
  world.host.fs.mkdir("/d");
  world.write("/d/b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n");
  world.write(
    "/d/a.json",
    '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}]}',
  );
  world.write("/d/notes.txt", "nothing");
  expect(world.run("kubectl apply -f d").text).toBe("configmap/a created\nconfigmap/b created\n");
  expect(
    world.run("kubectl apply -f -", "apiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n").text,
  ).toBe("namespace/other created\n");
  expect(world.run("kubectl create configmap c --from-literal=k=a,b -n other").text).toBe(
    "configmap/c created\n",
  );
  expect(world.run("kubectl get cm c -n other -o jsonpath={.data.k}").text).toBe("a,b");
});
