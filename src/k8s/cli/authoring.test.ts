import { expect, test } from "vitest";
import { ControlPlane } from "../../testkit/control-plane.ts";

/** Objects made, exposed, changed and rolled out from the command line alone. */

function world(): ControlPlane {
  const made = new ControlPlane();
  made.allReady();
  return made;
}

const FAILED = "Error from server (AlreadyExists): ";

test("run makes a pod, and its Service with --expose", () => {
  const it = world();
  expect(it.run("kubectl run web --image=nginx --port=80 --expose").text).toBe(
    "service/web created\npod/web created\n",
  );
  expect(it.client.get("Pod", "default", "web")?.metadata.labels).toEqual({ run: "web" });
  expect(it.client.get("Service", "default", "web")?.spec).toMatchObject({
    selector: { run: "web" },
    ports: [{ port: 80, targetPort: 80, protocol: "TCP" }],
  });
  expect(it.run("kubectl run web --image=nginx")).toMatchObject({
    status: 1,
    text: `${FAILED}pods "web" already exists\n`,
  });
  it.run(
    "kubectl run job --image=busybox --restart=Never --env=A=1 --labels=a=b,c=d --command -- sh -c true",
  );
  expect(it.client.get("Pod", "default", "job")).toMatchObject({
    metadata: { labels: { a: "b", c: "d" } },
    spec: {
      restartPolicy: "Never",
      containers: [{ command: ["sh", "-c", "true"], env: [{ name: "A", value: "1" }] }],
    },
  });
});

test("mistakes of run, in kubectl's words", () => {
  const it = world();
  const said = (line: string): string => it.run(`kubectl run ${line}`).text;
  expect(said("web")).toBe('error: required flag(s) "image" not set\n');
  expect(said("--image=nginx")).toBe(
    "error: NAME is required for run\nSee 'kubectl run -h' for help and examples\n",
  );
  expect(said("web --image=nginx --restart=Sometimes")).toBe(
    "error: invalid restart policy: Sometimes\nSee 'kubectl run -h' for help and examples\n",
  );
  expect(said("web --image=nginx --rm")).toBe("error: --rm should only be used for attached containers\n");
  expect(said("web --image=nginx --expose")).toBe("error: --port must be set when exposing a service\n");
});

test("create service, and what it refuses", () => {
  const it = world();
  expect(it.run("kubectl create service nodeport web --tcp=80:8080 --node-port=30080").text).toBe(
    "service/web created\n",
  );
  expect(it.client.get("Service", "default", "web")?.spec).toMatchObject({
    type: "NodePort",
    selector: { app: "web" },
    ports: [{ name: "80-8080", port: 80, targetPort: 8080, nodePort: 30080 }],
  });
  expect(it.run("kubectl create service clusterip web --tcp=80").text).toBe(
    'error: failed to create ClusterIP service: services "web" already exists\n',
  );
  expect(it.run("kubectl create service clusterip x").text).toBe(
    "error: at least one tcp port specifier must be provided\n",
  );
  it.run("kubectl create service externalname out --external-name=example.org");
  expect(it.run("kubectl get svc out").text).toMatch(
    /out {4}ExternalName {3}<none> {7}example\.org {3}<none>/,
  );
});

test("expose takes ports, selector and labels from what it exposes", () => {
  const it = world();
  it.run("kubectl create deployment web --image=nginx --port=8080");
  expect(it.run("kubectl expose deployment web --port=80 --target-port=8080 --name=front").text).toBe(
    "service/front exposed\n",
  );
  expect(it.run("kubectl expose deployment/web").text).toBe("service/web exposed\n");
  expect(it.client.get("Service", "default", "web")).toMatchObject({
    metadata: { labels: { app: "web" } },
    spec: { ports: [{ port: 8080, targetPort: 8080 }], selector: { app: "web" } },
  });
  it.run("kubectl create deployment bare --image=nginx");
  expect(it.run("kubectl expose deployment bare").text).toBe(
    "error: couldn't find port via --port flag or introspection\nSee 'kubectl expose -h' for help and examples\n",
  );
  expect(it.run("kubectl expose node kind-worker --port=80").text).toBe("error: cannot expose a Node\n");
});

test("a rollout forward, back and back again", () => {
  const it = world();
  it.run("kubectl create deployment web --image=nginx:1 --replicas=2");
  it.settle(5);
  expect(it.run("kubectl rollout status deployment/web").text).toBe(
    'deployment "web" successfully rolled out\n',
  );
  expect(it.run("kubectl set image deployment/web nginx=nginx:2").text).toBe(
    "deployment.apps/web image updated\n",
  );
  it.run("kubectl annotate deployment web kubernetes.io/change-cause=newer");
  it.settle(8);
  const table = (rows: string): string => `deployment.apps/web \nREVISION  CHANGE-CAUSE\n${rows}\n`;
  expect(it.run("kubectl rollout history deployment/web").text).toBe(
    table("1         <none>\n2         newer\n"),
  );
  expect(it.run("kubectl rollout undo deployment/web").text).toBe("deployment.apps/web rolled back\n");
  it.settle(8);
  expect(it.run("kubectl get deploy web -o jsonpath={..image}").text).toBe("nginx:1");
  expect(it.run("kubectl rollout history deployment/web").text).toBe(
    table("2         newer\n3         newer\n"),
  );
  expect(it.run("kubectl rollout undo deployment/web --to-revision=9").text).toBe(
    "error: unable to find specified revision 9 in history\n",
  );
  expect(it.run("kubectl set image deployment/web other=x").text).toBe(
    'error: unable to find container named "other"\n',
  );
});

test("patches of three kinds", () => {
  const it = world();
  it.run("kubectl create deployment web --image=nginx");
  const patch = (words: string): string => it.run(`kubectl patch deployment web ${words}`).text;
  const done = "deployment.apps/web patched\n";
  expect(
    patch(`-p '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"busybox"}]}}}}'`),
  ).toBe(done);
  expect(it.run("kubectl get deploy web -o jsonpath={..containers[*].name}").text).toBe("side nginx");
  expect(
    patch(`-p '{"spec":{"template":{"spec":{"containers":[{"name":"side","$patch":"delete"}]}}}}'`),
  ).toBe(done);
  expect(patch(`--type=json -p '[{"op":"replace","path":"/spec/replicas","value":3}]'`)).toBe(done);
  expect(patch(`--type=merge -p '{"spec":{"replicas":3}}'`)).toBe(
    "deployment.apps/web patched (no change)\n",
  );
  expect(it.run("kubectl get deploy web -o jsonpath={..containers[*].name}{.spec.replicas}").text).toBe(
    "nginx3",
  );
  expect(patch(`--type=json -p '[{"op":"remove","path":"/spec/nothing"}]'`)).toBe(
    "The request is invalid: the server rejected our request due to an error in our request\n",
  );
  expect(patch("--type=odd -p {}")).toBe('error: --type must be one of [json merge strategic], not "odd"\n');
});

test("the context's namespace is remembered", () => {
  const it = world();
  expect(it.run("kubectl config set-context --current --namespace=kube-system").text).toBe(
    'Context "kind-kind" modified.\n',
  );
  expect(it.run("kubectl get svc -o name").text).toBe("service/kube-dns\n");
  expect(it.run("kubectl get svc -n default -o name").text).toBe("service/kubernetes\n");
});
