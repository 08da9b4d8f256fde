# NodeLocal DNSCache beside kube-proxy's iptables mode: it also answers for kube-dns' own address, without conntrack.
kubedns=$(kubectl get svc kube-dns -n kube-system -o jsonpath={.spec.clusterIP}); domain=cluster.local; localdns=169.254.20.10
sed "s/__PILLAR__LOCAL__DNS__/$localdns/g; s/__PILLAR__DNS__DOMAIN__/$domain/g; s/__PILLAR__DNS__SERVER__/$kubedns/g" manifests/node-local-dns.yaml > /tmp/dns.yaml
kubectl apply -f /tmp/dns.yaml
kubectl -n kube-system rollout status ds/node-local-dns --timeout=120s | tail -1
kubectl wait --for=condition=Ready pod/client --timeout=60s
sleep 5
ssh kind-worker ip -o -4 addr show nodelocaldns; ssh kind-worker cat /sys/class/net/nodelocaldns/operstate
ssh kind-worker iptables-save | grep NodeLocal
kubectl exec client -- cat /etc/resolv.conf | head -2
ssh kind-worker 'timeout 2 tcpdump -lnn -i any tcp port 53 2>/dev/null | grep -o "Flags.*" | cut -d, -f1 | sort | uniq -c > /tmp/asked & sleep 0.5'
ask() { kubectl exec client -- dig "$@" | grep -E '^[a-z].*IN|status:|Query time' | sed 's/;; ->>HEADER<<- opcode: QUERY, //; s/, id: .*//'; }
ask web.default.svc.cluster.local
sleep 5
echo "asked over TCP:"; ssh kind-worker cat /tmp/asked
ask web.default.svc.cluster.local @169.254.20.10
ask no.such.svc.cluster.local
ssh kind-worker conntrack -L -p udp --dport 53 2>&1 | tail -1
ssh kind-worker dig +short web.default.svc.cluster.local @10.96.0.10
echo "the cluster's own servers are gone: what was asked for is still known, for half a minute"
kubectl -n kube-system scale deployment coredns --replicas=0 > /dev/null; sleep 5
ask web.default.svc.cluster.local; ask kubernetes.default.svc.cluster.local; sleep 30; ask web.default.svc.cluster.local
kubectl -n kube-system scale deployment coredns --replicas=2 > /dev/null; sleep 20
ask web.default.svc.cluster.local
kubectl -n kube-system delete daemonset node-local-dns; sleep 10
ssh kind-worker ip link show nodelocaldns; ssh kind-worker iptables-save | grep -c NodeLocal
ask web.default.svc.cluster.local
