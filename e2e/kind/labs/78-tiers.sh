# A dozen services behind policies, every one asked by every other: the same table whoever enforces them.
kubectl create namespace shop > /dev/null; kubectl create namespace ops > /dev/null; kubectl label namespace ops team=ops > /dev/null
serve() { # NAMESPACE NAME LABELS
kubectl apply -f - > /dev/null <<Y
apiVersion: v1
kind: Pod
metadata: { name: $2, namespace: $1, labels: { app: $2, $3 } }
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - { name: a, image: registry.k8s.io/e2e-test-images/agnhost:2.53, args: [netexec, --http-port=8080, --udp-port=-1], ports: [{ name: http, containerPort: 8080 }] }
  - { name: m, image: registry.k8s.io/e2e-test-images/agnhost:2.53, args: [netexec, --http-port=9090, --udp-port=-1], ports: [{ name: metrics, containerPort: 9090 }] }
---
apiVersion: v1
kind: Service
metadata: { name: $2, namespace: $1 }
spec: { selector: { app: $2 }, ports: [{ name: http, port: 80, targetPort: http }, { name: metrics, port: 9090 }] }
Y
}
all="shop/www shop/mobile shop/catalog shop/cart shop/orders shop/users shop/pg shop/redis shop/queue shop/misc ops/prom ops/shell"
for n in www mobile; do serve shop $n "tier: web"; done
for n in catalog cart orders users; do serve shop $n "tier: api"; done
for n in pg redis queue; do serve shop $n "tier: data"; done
serve shop misc "tier: none"; serve ops prom 'scrape: "yes"'; serve ops shell 'scrape: "no"'
kubectl wait --for=condition=Ready pods --all -n shop --timeout=120s > /dev/null; kubectl wait --for=condition=Ready pods --all -n ops --timeout=120s > /dev/null
kubectl apply -f manifests/tiers.yaml | wc -l; sleep 10
row() { # PORT: who may speak to whom by the Services' names
  for from in $all; do printf '%-13s' $from; for to in $all; do
    [ $from = $to ] && { printf ' -'; continue; }
    kubectl exec -n ${from%/*} ${from#*/} -c a -- curl -s -o /dev/null -m 1 http://${to#*/}.${to%/*}:$1/ 2>/dev/null && printf ' y' || printf ' .'
  done; echo; done; }
echo "port 80"; row 80
echo "port 9090"; row 9090
echo "from another node"
for to in www catalog; do other=$(kubectl get nodes -o name | grep -v "$(kubectl get pod -n shop $to -o jsonpath={.spec.nodeName})" | grep worker | head -1); ssh ${other#node/} curl -s -o /dev/null -m 1 http://$(kubectl get pod -n shop $to -o jsonpath={.status.podIP}):8080/ && echo "$to y" || echo "$to ."; done
kubectl delete networkpolicy -n shop deny-all > /dev/null; sleep 5
echo "without the denial: misc is free"
kubectl exec -n ops shell -c a -- curl -s -o /dev/null -m 1 http://misc.shop/ && echo y
kubectl exec -n shop misc -c a -- curl -s -o /dev/null -m 1 http://prom.ops/ 2>/dev/null || echo "but DNS is all that it may ask"
