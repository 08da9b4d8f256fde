import { expect, test } from "vitest";
import { ControlPlane, FLANNEL, GUESTBOOK } from "../../testkit/control-plane.ts";

/** A cluster with the guestbook's and flannel's files at hand; `ready` lets its pods run. */
function world(ready = false): ControlPlane {
  const made = new ControlPlane();
  made.write("/guestbook.yaml", GUESTBOOK);
  made.write("/flannel.yml", FLANNEL);
  if (!ready) return made;
  made.allReady();
  made.run("kubectl apply -f guestbook.yaml");
  made.settle(10);
  return made;
}

/** Names drawn by chance, made even. */
const plain = (text: string): string =>
  text.replace(
    /-[bcdfghjklmnpqrstvwxz2456789]{8,10}(-[bcdfghjklmnpqrstvwxz2456789]{5})?\b/g,
    (_, pod?: string) => (pod === undefined ? "-HASH" : "-HASH-POD"),
  );

test("nodes without a network", () => {
  expect(world().run("kubectl get nodes -o wide").text).toBe(
    `NAME                 STATUS     ROLES           AGE   VERSION   INTERNAL-IP   EXTERNAL-IP   OS-IMAGE                         KERNEL-VERSION   CONTAINER-RUNTIME
kind-control-plane   NotReady   control-plane   10s   v1.36.2   172.18.0.2    <none>        Debian GNU/Linux 12 (bookworm)   6.18.0 (amd64)   containerd://2.2.1
kind-worker          NotReady   <none>          10s   v1.36.2   172.18.0.3    <none>        Debian GNU/Linux 12 (bookworm)   6.18.0 (amd64)   containerd://2.2.1
kind-worker2         NotReady   <none>          10s   v1.36.2   172.18.0.4    <none>        Debian GNU/Linux 12 (bookworm)   6.18.0 (amd64)   containerd://2.2.1
`,
  );
});

test("apply says what it did, and that nothing is left to do", () => {
  const it = world();
  const objects = ["service/redis-master", "deployment.apps/redis-master", "service/redis-replica"];
  const all = [...objects, "deployment.apps/redis-replica", "service/frontend", "deployment.apps/frontend"];
  const first = it.run("kubectl apply -f guestbook.yaml");
  expect(first.text).toBe(all.map((name) => `${name} created\n`).join(""));
  expect(it.run("kubectl apply -f guestbook.yaml").text).toBe(
    all.map((name) => `${name} unchanged\n`).join(""),
  );
  it.write("/guestbook.yaml", GUESTBOOK.replace("replicas: 3", "replicas: 5"));
  expect(it.run("kubectl apply -f guestbook.yaml").text).toContain("deployment.apps/frontend configured\n");
  expect(it.run("kubectl get deploy frontend -o jsonpath={.spec.replicas}").text).toBe("5");
});

test("six pods wait; then they run, spread over the workers", () => {
  const it = world();
  it.run("kubectl apply -f guestbook.yaml");
  const pending = it.run("kubectl get pods -o wide");
  expect(pending.text.split("\n")[0]).toBe(
    "NAME                            READY   STATUS    RESTARTS   AGE   IP       NODE     NOMINATED NODE   READINESS GATES",
  );
  expect(
    pending.text.match(/0\/1 {5}Pending {3}0 {10}0s {4}<none> {3}<none> {3}<none> {11}<none>/g),
  ).toHaveLength(6);
  const waiting = it.start("kubectl wait --for=condition=Ready pod --all --timeout=120s");
  it.allReady();
  it.settle(5);
  expect(waiting.process.status).toBe(0);
  expect(plain(waiting.text()).split("\n").slice(0, 2)).toEqual([
    "pod/frontend-HASH-POD condition met",
    "pod/frontend-HASH-POD condition met",
  ]);
  expect(
    it.run("kubectl get pods --field-selector spec.nodeName=kind-worker -o name").stdout.split("\n"),
  ).toHaveLength(4);
});

test("get prints what is asked for", () => {
  const it = world(true);
  expect(plain(it.run("kubectl get deploy,rs --no-headers -l tier!=x").text)).toMatch(
    /^deployment.apps\/frontend +3\/3 +3 +3 +10s\n/,
  );
  expect(it.run("kubectl get svc").text).toMatch(
    /^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE\nfrontend +NodePort +10\.96\.\d+\.\d+ +<none> +80:3\d{4}\/TCP +10s\nkubernetes +ClusterIP +10\.96\.0\.1 +<none> +443\/TCP +20s\n/,
  );
  expect(it.run("kubectl get pods -n nowhere").text).toBe("No resources found in nowhere namespace.\n");
  expect(it.run("kubectl get pods -n nowhere").stdout).toBe("");
  expect(it.run("kubectl get ingress -A").text).toBe("No resources found\n");
  expect(it.run("kubectl get node kind-worker -o jsonpath={.spec.podCIDR}").text).toBe("10.244.1.0/24");
  expect(it.run("kubectl get nodes -o custom-columns=NAME:.metadata.name,CIDR:.spec.podCIDR").text).toBe(
    "NAME                 CIDR\nkind-control-plane   10.244.0.0/24\nkind-worker          10.244.1.0/24\nkind-worker2         10.244.2.0/24\n",
  );
  const phases = "kubectl get pods -o 'jsonpath={range .items[*]}{.status.phase} {end}'";
  expect(it.run(phases).text).toBe("Running Running Running Running Running Running ");
});

test("get -w goes on until it is ended", () => {
  const it = world(true);
  const watch = it.start("kubectl get deploy frontend -w");
  it.pass(1);
  it.run("kubectl scale deploy/frontend --replicas=4");
  it.settle(5);
  expect(watch.process.alive).toBe(true);
  watch.process.kill("INT");
  const lines = watch.text().trimEnd().split("\n");
  expect(lines[0]).toBe("NAME       READY   UP-TO-DATE   AVAILABLE   AGE");
  expect(lines[1]).toMatch(/^frontend {3}3\/3 {5}3 {12}3 {11}\d+s$/);
  expect(lines.at(-1)).toMatch(/^frontend {3}4\/4 {5}4 {12}4 {11}\d+s$/);
});

test.each([
  ["kubectl get foo", 'error: the server doesn\'t have a resource type "foo"\n'],
  ["kubectl get pods --foo", "error: unknown flag: --foo\nSee 'kubectl get --help' for usage.\n"],
  ["kubectl get -Z", "error: unknown shorthand flag: 'Z' in -Z\nSee 'kubectl get --help' for usage.\n"],
  ["kubectl get pods -o", "error: flag needs an argument: 'o' in -o\nSee 'kubectl get --help' for usage.\n"],
  ["kubectl gte pods", 'error: unknown command "gte" for "kubectl"\n\nDid you mean this?\n\tget\n\n'],
  ["kubectl get pod nope", 'Error from server (NotFound): pods "nope" not found\n'],
  ["kubectl get deploy nope -n x", 'Error from server (NotFound): deployments.apps "nope" not found\n'],
  ["kubectl apply -f nope.yaml", 'error: the path "nope.yaml" does not exist\n'],
  ["kubectl apply", "error: must specify one of -f and -k\n"],
  ["kubectl delete pods", "error: resource(s) were provided, but no name was specified\n"],
  [
    "kubectl delete ns default",
    'Error from server (Forbidden): namespaces "default" is forbidden: this namespace may not be deleted\n',
  ],
  ["kubectl wait pod --all --for=condition=Ready", "error: no matching resources found\n"],
  ["kubectl wait pod --all --for=ready", 'error: unrecognized condition: "ready"\n'],
  [
    "kubectl wait pod/x --for=delete --timeout=5",
    'error: invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"\nSee \'kubectl wait --help\' for usage.\n',
  ],
  [
    "kubectl exec a ls",
    "error: exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead\nSee 'kubectl exec -h' for help and examples\n",
  ],
  ["kubectl exec a --", "error: you must specify at least one command for the container\n"],
  ["kubectl scale deploy x --replicas=2", 'Error from server (NotFound): deployments.apps "x" not found\n'],
  [
    "kubectl get pods --field-selector a.b=c",
    'Error from server (BadRequest): Unable to find "v1, Resource=pods" that match label selector "", field selector "a.b=c": field label not supported: a.b\n',
  ],
  ["kubectl get pods --context other", 'error: context "other" does not exist\n'],
])("%s", (line, text) => {
  const ran = world().run(line);
  expect([ran.status, ran.text]).toEqual([1, text]);
});

test("what is not modelled is refused by name", () => {
  const it = world();
  expect(it.run("kubectl debug pods")).toMatchObject({
    status: 95,
    text: "flannelgraph: kubectl debug is not modelled yet\n",
  });
  expect(it.run("kubectl get pods -o go-template-file=x").text).toBe(
    "flannelgraph: kubectl -o go-template-file is not modelled yet\n",
  );
  it.write("/quota.yaml", "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\nspec: {}\n");
  expect(it.run("kubectl apply -f quota.yaml").text).toBe(
    "Warning: flannelgraph keeps ResourceQuota objects, but nothing acts on them here\nresourcequota/q created\n",
  );
});

test("wait counts those that did not get there, each by its name", () => {
  const it = world();
  expect(it.run("kubectl wait --for=condition=Ready node --all --timeout=2s")).toMatchObject({
    status: 1,
    text: "timed out waiting for the condition on nodes/kind-control-plane\ntimed out waiting for the condition on nodes/kind-worker\ntimed out waiting for the condition on nodes/kind-worker2\n",
  });
  expect(it.run("kubectl wait --for=condition=Ready node/kind-worker --timeout=1s").text).toBe(
    "error: timed out waiting for the condition on nodes/kind-worker\n",
  );
  expect(it.run("kubectl wait --for=jsonpath={.spec.podCIDR}=10.244.1.0/24 node/kind-worker").text).toBe(
    "node/kind-worker condition met\n",
  );
});

test("delete waits for what it deletes", () => {
  const it = world(true);
  const started = it.start("kubectl delete deploy frontend --cascade=foreground");
  it.pass(1);
  expect(started.process.alive).toBe(true);
  expect(started.text()).toBe('deployment.apps "frontend" deleted from default namespace\n');
  it.settle(3);
  expect(started.process.status).toBe(0);
  expect(it.run("kubectl get pods -l tier=frontend").text).toBe("No resources found in default namespace.\n");
  const pod = it.run("kubectl get pods -o jsonpath={.items[0].metadata.name}").text;
  expect(it.run(`kubectl delete pod ${pod} --grace-period=0 --force`).text).toBe(
    "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n" +
      `pod "${pod}" force deleted from default namespace\n`,
  );
});

test("exec and logs choose the container and pass the status on", () => {
  const it = world(true);
  const pod = it.run("kubectl get pods -o jsonpath={.items[0].metadata.name}").text;
  expect(it.run(`kubectl exec ${pod} -- ping -c1 10.0.0.1`).text).toBe(
    `${pod}/php-redis: ping -c1 10.0.0.1\n`,
  );
  expect(it.run(`kubectl exec ${pod} -- exit 3`)).toMatchObject({
    status: 3,
    text: "command terminated with exit code 3\n",
  });
  expect(it.run(`kubectl exec ${pod} -c x -- ls`).text).toBe(
    `error: container x is not valid for pod ${pod} out of: php-redis\n`,
  );
  expect(it.run(`kubectl exec deploy/redis-master -- true`).text).toMatch(
    /^redis-master-.*\/master: true\n$/,
  );
  it.run("kubectl apply -f flannel.yml");
  it.settle(3);
  const daemon = it.run("kubectl get pods -n kube-flannel -o jsonpath={.items[0].metadata.name}").text;
  expect(it.run(`kubectl logs -n kube-flannel ${daemon}`).text).toBe(
    'Defaulted container "kube-flannel" out of: kube-flannel, install-cni-plugin (init), install-cni (init)\nlog of kube-flannel\n',
  );
});

test("nodes are labelled, tainted and cordoned", () => {
  const it = world();
  const said = [
    "kubectl label node kind-worker tier=a",
    "kubectl label node kind-worker tier=b",
    "kubectl label node kind-worker tier=b --overwrite",
    "kubectl label node kind-worker tier-",
    "kubectl taint node kind-worker k=v:NoSchedule",
    "kubectl taint node kind-worker k=w:NoSchedule",
    "kubectl taint node kind-worker k:NoSchedule-",
    "kubectl taint node kind-worker k-",
    "kubectl cordon kind-worker",
    "kubectl cordon kind-worker",
    "kubectl uncordon kind-worker",
  ].map((line) => it.run(line).text);
  expect(said.join("")).toBe(`node/kind-worker labeled
error: 'tier' already has a value (a), and --overwrite is false
node/kind-worker labeled
node/kind-worker unlabeled
node/kind-worker tainted
error: node kind-worker already has k taint(s) with same effect(s) and --overwrite is false
node/kind-worker untainted
error: taint "k" not found
node/kind-worker cordoned
node/kind-worker already cordoned
node/kind-worker uncordoned
`);
});

test("describe tells why a pod waits", () => {
  const it = world();
  it.run("kubectl apply -f guestbook.yaml");
  const text = it.run("kubectl describe pod redis-master").text;
  expect(text).toMatch(
    /^Name: {13}redis-master-.*\nNamespace: {8}default\nPriority: {9}0\nService Account: {2}default\nNode: {13}<none>\n/,
  );
  expect(text).toContain(
    "Events:\n  Type     Reason            Age   From               Message\n  ----     ------            ----  ----               -------\n  Warning  FailedScheduling  0s    default-scheduler  0/3 nodes are available: 3 node(s) had untolerated taint(s). no new claims",
  );
});

test("custom kinds come with their definition", () => {
  const it = world();
  it.write(
    "/crd.yaml",
    `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boards.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: boards, kind: Board, shortNames: [bo]}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`,
  );
  it.write(
    "/board.yaml",
    "apiVersion: example.com/v1\nkind: Board\nmetadata: {name: felt}\nspec: {color: blue}\n",
  );
  expect(it.run("kubectl apply -f board.yaml").text).toBe(
    'error: resource mapping not found for name: "felt" namespace: "" from "board.yaml": no matches for kind "Board" in version "example.com/v1"\nensure CRDs are installed first\n',
  );
  it.run("kubectl apply -f crd.yaml");
  expect(it.run("kubectl apply -f board.yaml").text).toBe("board.example.com/felt created\n");
  expect(it.run("kubectl get bo felt -o jsonpath={.spec.color}").text).toBe("blue");
});
