import { beforeAll, expect, test } from "vitest";
import { firstLight } from "../scenario/first-light.ts";
import { must } from "../base/result.ts";
import { parts } from "./more.ts";
import { provideUserland } from "./programs.ts";
import { userland } from "./userland.ts";
import { KEYS } from "../testkit/terminal-world.ts";
import { TerminalScreen } from "../testkit/terminal-screen.ts";
import { openLab } from "./index.ts";

type Lab = Extract<ReturnType<typeof openLab>, { ok: true }>["value"]["lab"];

let lab: Lab;
let last = 0;
const people = new Map<number, Person>();

beforeAll(() => {
  provideUserland(userland, parts);
  const opened = openLab(firstLight);
  if (!opened.ok) throw new Error(opened.error.message);
  lab = opened.value.lab;
  while (opened.value.start.step() === undefined);
}, 60_000);

/** Somebody at a terminal of the page: time passes only while something runs. */
class Person {
  readonly screen = new TerminalScreen(120);
  private readonly id = ++last;
  busy = true;

  constructor(at: string) {
    people.set(this.id, this);
    const done = lab.terminal(this.id, { kind: "open", at, columns: 120, rows: 30 });
    if (!done.ok) throw new Error(done.error.message);
    this.wait();
  }

  type(...keys: readonly string[]): this {
    for (const text of keys) lab.terminal(this.id, { kind: "input", text });
    this.look();
    return this;
  }

  run(command: string): this {
    return this.type(command, KEYS.enter).wait();
  }

  wait(limit = 60): this {
    this.look();
    for (let i = 0; this.busy && i < limit * 50; i++) this.pass(0.02);
    return this;
  }

  pass(seconds: number): this {
    const run = lab.advance(seconds * 1e9);
    while (run.step() === undefined);
    this.look();
    return this;
  }

  lines(count: number): string {
    return this.screen.text().split("\n").slice(-count).join("\n");
  }

  private look(): void {
    lab.takeTrace();
    for (const { terminal, event } of lab.takeTerminals()) {
      const person = people.get(terminal);
      if (event.kind === "output") person?.screen.write(event.text);
      if (event.kind === "busy" && person !== undefined) person.busy = event.busy;
    }
  }
}

const podOf = (person: Person): string =>
  must(/^(frontend-\S+)/m.exec(person.run("kubectl get pods").screen.text())?.[1], "pod");

test("a terminal on a node, in a pod, and by ssh: each with its own prompt", () => {
  const admin = new Person("");
  const pod = podOf(admin);
  expect(new Person("kind-worker").screen.text()).toBe(
    "$ docker exec -it kind-worker bash\nroot@kind-worker:/#",
  );
  expect(admin.run(`kubectl exec -it ${pod} -- sh`).lines(1)).toBe("#");
  expect(admin.run("hostname").lines(2)).toBe(`${pod}\n#`);
  expect(admin.run("exit 3").lines(2)).toBe("command terminated with exit code 3\nroot@flannelgraph:~#");
  expect(admin.run("docker exec -it kind-worker bash").lines(1)).toBe("root@kind-worker:/#");
  expect(admin.type(KEYS.eof).wait().lines(2)).toBe("root@kind-worker:/# exit\nroot@flannelgraph:~#");
  expect(admin.run("ssh kind-worker2").lines(1)).toBe("root@kind-worker2:~#");
});

test("^C ends what runs in a pod behind kubectl, and the shell outside goes on", () => {
  const admin = new Person("");
  const pod = podOf(admin);
  admin.type(`kubectl exec ${pod} -- ping 172.18.0.3`, KEYS.enter).pass(2.5);
  admin.type(KEYS.interrupt).wait();
  expect(admin.screen.text()).toMatch(/\^C\n--- 172\.18\.0\.3 ping statistics ---/);
  expect(admin.lines(1)).toBe("root@flannelgraph:~#");
  admin.type("kubectl get pods -w", KEYS.enter).pass(1);
  const other = new Person("");
  other.run(`kubectl delete pod ${pod}`);
  admin.pass(3);
  expect(admin.screen.text()).toMatch(new RegExp(`${pod} +1/1 +Terminating`));
  admin.type(KEYS.interrupt).wait();
  expect(admin.lines(2)).toMatch(/\^C\nroot@flannelgraph:~#$/);
});

test("Tab knows verbs, resources, pods, namespaces, nodes", () => {
  const admin = new Person("");
  const pod = podOf(admin);
  const completed = (typed: string): string => {
    const line = admin.type("\x15\x0b", typed, KEYS.tab).lines(1);
    return line.replace("root@flannelgraph:~# ", "");
  };
  expect(completed("kubectl desc")).toBe("kubectl describe");
  expect(completed("kubectl get endpointsl")).toBe("kubectl get endpointslices");
  expect(completed(`kubectl logs ${pod.slice(0, -2)}`)).toBe(`kubectl logs ${pod}`);
  expect(completed("kubectl -n kube-sys")).toBe("kubectl -n kube-system");
  expect(completed("kubectl -n kube-system describe ds kube-p")).toBe(
    "kubectl -n kube-system describe ds kube-proxy",
  );
  expect(completed("ssh kind-c")).toBe("ssh kind-control-plane");
  expect(completed("docker exec -it kind-c")).toBe("docker exec -it kind-control-plane");
  admin.type(KEYS.interrupt);
});

test("nslookup without arguments asks for names; server chooses who is asked", () => {
  const admin = new Person("");
  const pod = podOf(admin);
  admin.run(`kubectl exec -it ${pod} -- bash`).type("nslookup", KEYS.enter).wait();
  expect(admin.lines(1)).toBe(">");
  admin.run("frontend");
  expect(admin.screen.text()).toMatch(
    /> frontend\n(?:;; .*\n)?Server:\s+10\.96\.0\.10\nAddress:\s+10\.96\.0\.10#53\n\nName:\s+frontend\.default\.svc\.cluster\.local\nAddress: 10\.96\.\d+\.\d+/,
  );
  admin.run("server 10.244.0.2");
  expect(admin.lines(3)).toBe("Default server: 10.244.0.2\nAddress: 10.244.0.2#53\n>");
  admin.run("redis-leader");
  expect(admin.screen.text()).toMatch(/Server:\s+10\.244\.0\.2\n/);
  expect(admin.run("exit").lines(1)).toBe(`root@${pod}:/#`);
});

test("the power of a node goes: who was on it is thrown out, others go on, and nobody comes there until it is back", () => {
  const admin = new Person("");
  const onNode = new Person("kind-worker2");
  const byway = new Person("");
  const idle = new Person("kind-worker2");
  byway.run("ssh kind-worker2");
  onNode.type("ping 172.18.0.1", KEYS.enter).pass(2);
  admin.run("ipmitool -H kind-worker2 chassis power off");
  expect(admin.lines(2)).toBe("Chassis Power Control: Down/Off\nroot@flannelgraph:~#");
  for (const person of [onNode, idle, byway]) person.pass(1);
  expect(onNode.screen.text()).toContain("64 bytes from 172.18.0.1");
  const said = onNode.screen.text();
  expect(onNode.pass(5).screen.text()).toBe(said);
  expect(byway.wait().run("hostname").lines(2)).toBe("flannelgraph\nroot@flannelgraph:~#");
  expect(() => new Person("kind-worker2")).toThrow("kind-worker2 has no power");
  admin.run("ipmitool -H kind-worker2 chassis power on").run("sleep 90");
  expect(new Person("kind-worker2").run("ip -br addr show eth0").screen.text()).toMatch(
    /eth0@if\d+ +UP +172\.18\.0\.4\/16/,
  );
});
