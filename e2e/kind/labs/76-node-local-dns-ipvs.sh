# NodeLocal DNSCache beside kube-proxy's ipvs mode: kube-dns' address is kube-ipvs0's, so the kubelets name the link-local one.
kubedns=$(kubectl get svc kube-dns -n kube-system -o jsonpath={.spec.clusterIP}); domain=cluster.local; localdns=169.254.20.10
sed "s/__PILLAR__LOCAL__DNS__/$localdns/g; s/__PILLAR__DNS__DOMAIN__/$domain/g; s/,__PILLAR__DNS__SERVER__//g; s/__PILLAR__CLUSTER__DNS__/$kubedns/g" manifests/node-local-dns.yaml > /tmp/dns.yaml
kubectl apply -f /tmp/dns.yaml > /dev/null
kubectl -n kube-system rollout status ds/node-local-dns --timeout=120s | tail -1
kubectl wait --for=condition=Ready pod/client --timeout=60s
sleep 5
ssh kind-worker ip -o -4 addr show nodelocaldns
ssh kind-worker iptables-save -t raw | grep -c NodeLocal
kubectl exec client -- cat /etc/resolv.conf
kubectl exec client -- dig +short web.default.svc.cluster.local
kubectl exec client -- nslookup web | grep -v recursion
ssh kind-worker ipvsadm -Ln -t 10.96.0.10:53
kubectl -n kube-system logs ds/node-local-dns 2>/dev/null | grep -E 'on 169|forward'
