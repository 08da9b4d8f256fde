/** kind's manifest of its own network plugin. Source: kind pkg/build/nodeimage/const_cni.go (Apache-2.0), unchanged in what it says. */
const KINDNET = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: kindnet}
rules:
- {apiGroups: [policy], resources: [podsecuritypolicies], verbs: [use], resourceNames: [kindnet]}
- {apiGroups: [""], resources: [nodes, pods, namespaces], verbs: [list, watch]}
- {apiGroups: [networking.k8s.io], resources: [networkpolicies], verbs: [list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: kindnet}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kindnet}
subjects:
- {kind: ServiceAccount, name: kindnet, namespace: kube-system}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: kindnet, namespace: kube-system}
---
apiVersion: apps/v1
kind: DaemonSet
metadata:
  name: kindnet
  namespace: kube-system
  labels: {tier: node, app: kindnet, k8s-app: kindnet}
spec:
  selector:
    matchLabels: {app: kindnet}
  template:
    metadata:
      labels: {tier: node, app: kindnet, k8s-app: kindnet}
    spec:
      hostNetwork: true
      nodeSelector: {kubernetes.io/os: linux}
      tolerations:
      - operator: Exists
      priorityClassName: system-node-critical
      serviceAccountName: kindnet
      containers:
      - name: kindnet-cni
        image: docker.io/kindest/kindnetd:v20260820-69b56db7
        env:
        - name: HOST_IP
          valueFrom: {fieldRef: {fieldPath: status.hostIP}}
        - name: POD_IP
          valueFrom: {fieldRef: {fieldPath: status.podIP}}
        - {name: POD_SUBNET, value: {{podSubnet}}}
        - {name: CONTROL_PLANE_ENDPOINT, value: "{{endpoint}}"}
        volumeMounts:
        - {name: cni-cfg, mountPath: /etc/cni/net.d}
        - {name: xtables-lock, mountPath: /run/xtables.lock, readOnly: false}
        - {name: lib-modules, mountPath: /lib/modules, readOnly: true}
        - {name: nri-plugin, mountPath: /var/run/nri}
        resources:
          requests: {cpu: 100m, memory: 50Mi}
        securityContext:
          privileged: false
          capabilities: {add: [NET_RAW, NET_ADMIN]}
      volumes:
      - name: cni-cfg
        hostPath: {path: /etc/cni/net.d}
      - name: xtables-lock
        hostPath: {path: /run/xtables.lock, type: FileOrCreate}
      - name: lib-modules
        hostPath: {path: /lib/modules}
      - name: nri-plugin
        hostPath: {path: /var/run/nri}
`;

export function kindnet(podSubnet: string, endpoint: string): string {
  return KINDNET.replace("{{podSubnet}}", podSubnet).replace("{{endpoint}}", endpoint);
}
