import { isRecord } from "../../formats/json.ts";
import { describe, expect, it } from "vitest";
import { ControlPlane } from "../../testkit/control-plane.ts";

function world(): ControlPlane {
  const made = new ControlPlane();
  made.allReady();
  return made;
}

describe("create", () => {
  it("cronjob, and a Job from it that it owns", () => {
    const it = world();
    const said = it.run("kubectl create cronjob tick --image=busybox --schedule=@hourly -- date");
    expect(said.text).toBe("cronjob.batch/tick created\n");
    expect(it.run("kubectl create job now --from=cronjob/tick").text).toBe("job.batch/now created\n");
    const job = it.client.get("Job", "default", "now");
    expect(job?.metadata.annotations).toEqual({ "cronjob.kubernetes.io/instantiate": "manual" });
    expect(job?.metadata.ownerReferences?.[0]).toMatchObject({ kind: "CronJob", name: "tick" });
    expect(job?.spec.template.spec.containers[0]?.command).toEqual(["date"]);
    expect(it.run("kubectl create job x --from=cronjob/none").text).toBe(
      'Error from server (NotFound): cronjobs.batch "none" not found\n',
    );
    expect(it.run("kubectl create cronjob x --image=a").text).toBe(
      'error: required flag(s) "schedule" not set\n',
    );
  });

  it("quota says that nothing acts on it; budgets and roles", () => {
    const it = world();
    expect(it.run("kubectl create quota q --hard=pods=2,cpu=1").text).toBe(
      "Warning: flannelgraph keeps ResourceQuota objects, but nothing acts on them here\nresourcequota/q created\n",
    );
    expect(it.run("kubectl create pdb b --selector=app=web --min-available=50%").text).toBe(
      "poddisruptionbudget.policy/b created\n",
    );
    expect(it.client.get("PodDisruptionBudget", "default", "b")?.spec).toEqual({
      minAvailable: "50%",
      selector: { matchLabels: { app: "web" } },
    });
    expect(it.run("kubectl create pdb b --selector=app=web").text).toBe(
      "error: one of min-available or max-unavailable must be specified\n",
    );
    expect(it.run("kubectl create role r --verb=get --resource=nosuch").text).toBe(
      'error: the server doesn\'t have a resource type "nosuch"\n',
    );
  });

  it("token: three parts, the second says for whom and how long", () => {
    const it = world();
    const token = it.run("kubectl create token default --duration=20m").text.trim().split(".");
    expect(token).toHaveLength(3);
    const claims: unknown = JSON.parse(Buffer.from(token[1] ?? "", "base64url").toString());
    const begun = isRecord(claims) ? Number(claims["iat"]) : NaN;
    expect(claims).toMatchObject({ sub: "system:serviceaccount:default:default", exp: begun + 1200 });
    expect(it.run("kubectl create token nobody")).toMatchObject({
      status: 1,
      text: 'error: failed to create token: serviceaccounts "nobody" not found\n',
    });
  });
});

describe("get", () => {
  it("--raw answers as the server's paths do", () => {
    const it = world();
    it.run("kubectl create deployment web --image=nginx");
    expect(
      ["/healthz", "/livez", "/readyz/"].map((path) => it.run(`kubectl get --raw ${path}`).text),
    ).toEqual(["ok", "ok", "ok"]);
    expect(it.run("kubectl get --raw /api").text).toBe('{"kind":"APIVersions","versions":["v1"]}');
    const one = it.run("kubectl get --raw /apis/apps/v1/namespaces/default/deployments/web").text;
    expect(JSON.parse(one)).toMatchObject({ kind: "Deployment", metadata: { name: "web" } });
    const all = it.run("kubectl get --raw '/apis/apps/v1/deployments?labelSelector=app%3Dother'").text;
    expect(JSON.parse(all)).toMatchObject({ kind: "DeploymentList", items: [] });
    expect(it.run("kubectl get --raw /apis/none/v1")).toMatchObject({
      status: 1,
      text: "Error from server (NotFound): the server could not find the requested resource\n",
    });
  });

  it("-o go-template prints keys that are missing as nothing known", () => {
    const it = world();
    it.run("kubectl create deployment web --image=nginx");
    const template = "{{range.items}}{{.metadata.name}},{{.nosuch}};{{end}}";
    expect(it.run(`kubectl get deploy -o go-template=${template}`).text).toBe("web,<no value>;");
    expect(it.run("kubectl get deploy web -o go-template={{.spec.replicas}}").text).toBe("1");
  });
});

it("autoscale makes an autoscaler, which never gets metrics here", () => {
  const it = world();
  it.run("kubectl create deployment web --image=nginx");
  expect(it.run("kubectl autoscale deployment web --max=3 --cpu=70% --memory=100Mi").text).toBe(
    "horizontalpodautoscaler.autoscaling/web autoscaled\n",
  );
  expect(it.client.get("HorizontalPodAutoscaler", "default", "web")?.spec).toMatchObject({
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
    maxReplicas: 3,
    metrics: [
      { resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } },
      { resource: { name: "memory", target: { type: "AverageValue", averageValue: "100Mi" } } },
    ],
  });
  expect(it.run("kubectl autoscale deployment web").text).toBe('error: required flag(s) "max" not set\n');
  expect(it.run("kubectl autoscale deployment web --min=5 --max=2").text).toBe(
    "error: --max=MAXPODS must be larger or equal to --min=MINPODS, max: 2, min: 5\n",
  );
});

it("replace puts a manifest in an object's place; with --force the object is another one", () => {
  const it = world();
  it.run("kubectl create configmap c --from-literal=a=1");
  const uid = it.client.get("ConfigMap", "default", "c")?.metadata.uid;
  it.write("/c.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {b: '2'}\n");
  expect(it.run("kubectl replace -f /c.yaml").text).toBe("configmap/c replaced\n");
  expect(it.client.get("ConfigMap", "default", "c")).toMatchObject({ metadata: { uid }, data: { b: "2" } });
  expect(it.run("kubectl replace --force -f /c.yaml").text).toBe(
    'configmap "c" deleted from default namespace\nconfigmap/c replaced\n',
  );
  expect(it.client.get("ConfigMap", "default", "c")?.metadata.uid).not.toBe(uid);
  it.run("kubectl delete configmap c");
  expect(it.run("kubectl replace -f /c.yaml")).toMatchObject({
    status: 1,
    text: 'Error from server (NotFound): error when replacing "/c.yaml": configmaps "c" not found\n',
  });
});

it("drain waits for what a budget holds up, and asks again every five seconds", () => {
  const it = world();
  it.run("kubectl create deployment web --image=nginx --replicas=2");
  it.settle(5);
  it.allReady();
  it.run("kubectl create pdb web --selector=app=web --min-available=2");
  it.settle(2);
  const node = it.client.list("Pod")[0]?.spec.nodeName ?? "";
  const said = it.run(`kubectl drain ${node} --ignore-daemonsets --timeout=12s`);
  expect(said.status).toBe(1);
  expect(said.text.match(/\(will retry after 5s\): Cannot evict pod as it would violate/g)?.length).toBe(3);
  it.run("kubectl delete pdb web");
  const free = it.run(`kubectl drain ${node} --ignore-daemonsets --timeout=12s`).text;
  expect(free).not.toContain("will retry");
  it.settle(5);
  expect(
    it.client.list("Pod", { namespace: "default" }).filter(({ spec }) => spec.nodeName === node),
  ).toEqual([]);
});
