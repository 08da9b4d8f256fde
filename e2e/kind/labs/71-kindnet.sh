# kind's own network plugin: routes, masquerading, policies decided packet by packet.
kubectl wait --for=condition=Ready nodes --all --timeout=60s
kubectl -n kube-system get daemonset kindnet
ssh kind-worker 'tr -d "\n\t " < /etc/cni/net.d/10-kindnet.conflist'; echo
ssh kind-worker 'ip route show via 172.18.0.4; iptables -t nat -S KIND-MASQ-AGENT'
kubectl create deployment web --image=registry.k8s.io/e2e-test-images/agnhost:2.47 -- /agnhost netexec --http-port=8080
kubectl expose deployment web --port=80 --target-port=8080
kubectl run friend --image=busybox --labels=role=friend -- sleep 3600
kubectl run stranger --image=busybox -- sleep 3600
kubectl wait --for=condition=Ready pods --all --timeout=60s > /dev/null
ask() { kubectl exec "$1" -- curl -s -m 2 "http://web/echo?msg=hello" && echo; echo "$1: $?"; }
ask friend; ask stranger
cd /tmp; cat > policy.yaml <<'Y'
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: friends}
spec:
  podSelector: {matchLabels: {app: web}}
  ingress:
  - from: [{podSelector: {matchLabels: {role: friend}}}]
    ports: [{port: 8080}]
Y
kubectl apply -f policy.yaml; sleep 3
ask friend; ask stranger
node=$(kubectl get pod -l app=web -o jsonpath='{.items[0].spec.nodeName}')
ssh "$node" nft list chain inet kindnet-network-policies input
ssh "$node" nft list set inet kindnet-network-policies podips-v4 | grep -c elements
kubectl -n kube-system delete daemonset kindnet; sleep 5
# Nobody decides any more: bypass lets the stranger through.
ask stranger
