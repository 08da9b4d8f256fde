import { expect, test } from "vitest";
import { utf8Decode } from "../base/utf8.ts";
import { runLab } from "./run.ts";

const KIND = "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n";
const START = `kubectl wait --for=condition=Ready nodes --all --timeout=60s > /dev/null
kubectl run web --image=nginx --port=80 > /dev/null
kubectl wait --for=condition=Ready pod/web --timeout=60s > /dev/null
cd /tmp
`;

/** What a script says on a cluster of one node with a pod `web`. */
function say(script: string): string {
  let said = "";
  const result = runLab({
    scripts: [{ path: "/lab/verbs.sh", text: START + script }],
    cwd: "/lab",
    seed: 1,
    captures: false,
    traced: false,
    kind: { path: "kind.yaml", text: KIND },
    output: (_, bytes) => (said += utf8Decode(bytes)),
  });
  return said + (result.message ?? "");
}

test("cp carries a file in and out", () => {
  expect(
    say(`echo hello > f; kubectl cp f web:/tmp/; kubectl exec web -- cat /tmp/f
kubectl cp web:/etc/hostname name; cat name; kubectl cp none web:/tmp/; kubectl cp a b`),
  ).toBe(
    "hello\ntar: Removing leading `/' from member names\nweb\nerror: none doesn't exist in local filesystem\n" +
      "error: one of src or dest must be a remote file specification\n",
  );
});

test("edit runs whatever is the editor", () => {
  expect(
    say(`KUBE_EDITOR='sed -i s/run:/walks:/' kubectl edit pod web
kubectl get pod web --show-labels --no-headers | awk '{print $6}'
EDITOR=true kubectl edit pod web; EDITOR=false kubectl edit pod web; kubectl edit pod web`),
  ).toBe(
    'pod/web edited\nwalks=web\nEdit cancelled, no changes made.\nerror: there was a problem with the editor "false"\n' +
      "flannelgraph: kubectl edit without KUBE_EDITOR or EDITOR (there is no vi here) is not modelled yet\n",
  );
});

test("events, top, auth", () => {
  expect(say("kubectl events --for pod/web | awk '{print $2, $3, $4}'; kubectl events -n kube-public")).toBe(
    "SEEN TYPE REASON\nNormal Scheduled Pod/web\nNormal Pulling Pod/web\nNormal Pulled Pod/web\n" +
      "Normal Created Pod/web\nNormal Started Pod/web\nNo events found in kube-public namespace.\n",
  );
  expect(say("kubectl top pods; kubectl auth can-i '*' '*'; kubectl auth can-i get pods --as=joe")).toBe(
    "error: Metrics API not available\nyes\nno\n",
  );
});

test("custom columns without their headers", () => {
  expect(say("kubectl get pods -o custom-columns=NAME:.metadata.name --no-headers")).toBe("web\n");
});
