# flannel's ipsec backend: no device; policies by flanneld, keys by charon, and ESP on the wire.
PSK=$(printf '0123456789abcdef%.0s' 1 2 3 4 5 6)
flannel() { sed "s/\"Type\": \"vxlan\"/$1/" /lab/kube-flannel.yml | kubectl apply -f - > /dev/null; }
logs() { kubectl logs -n kube-flannel "$(kubectl get pods -n kube-flannel -o name --field-selector spec.nodeName=kind-worker)" -c kube-flannel | grep -E "$1" | sed 's/^[IWE][0-9]* [0-9:.]* *1 //'; }
flannel '"Type": "ipsec", "PSK": "short"'; sleep 20; logs 'Error registering' | head -1
flannel "\"Type\": \"ipsec\", \"PSK\": \"$PSK\""; kubectl -n kube-flannel delete pod -l app=flannel > /dev/null
kubectl wait --for=condition=Ready nodes --all --timeout=120s
for i in 1 2; do
  n=kind-worker; [ $i = 2 ] && n=kind-worker2
  kubectl apply -f - <<Y
apiVersion: v1
kind: Pod
metadata: {name: pod$i, labels: {app: web}}
spec: {nodeName: $n, containers: [{name: c, image: nginx}]}
Y
done
kubectl wait --for=condition=Ready pods --all --timeout=60s > /dev/null; sleep 2
logs 'ipsec|xfrm|charon|\[(IKE|CFG|ENC|NET)\]' | grep -E '172.18.0.4|ipsec.go|Charon|IKE_AUTH' | head -60
ssh kind-worker 'cat /run/flannel/subnet.env; ip route; ip xfrm policy list dir out; ip xfrm state count; ip xfrm policy count; ss -lun | grep -E ":(500|4500) "'
ssh kind-worker 'ip xfrm state list nokeys dst 172.18.0.4 | sed "s/spi 0x[0-9a-f]*/spi SPI/"'
other=$(kubectl get pod pod2 -o jsonpath='{.status.podIP}')
ssh kind-worker 'timeout 4 tcpdump -lnni eth0 "proto 50 or icmp" 2>/dev/null | sed "s/^[0-9:.]* //; s/spi=0x[0-9a-f]*/spi=SPI/"' & sleep 1
kubectl exec pod1 -- ping -c2 "$other" | grep -v time=; wait
kubectl exec pod1 -- ping -c1 -W1 -M do -s 1396 "$other" | grep transmitted
kubectl exec pod1 -- curl -s -m 2 "http://$other" | grep title
# A policy that is gone: what comes in protected is not wanted any more.
ssh kind-worker2 ip xfrm policy deleteall dir fwd
kubectl exec pod1 -- ping -c1 -W1 "$other" | grep transmitted; ssh kind-worker2 grep InNoPols /proc/net/xfrm_stat
# Keys that are gone: policies stay, so nothing leaves in the clear; the kernel asks charon, which has no trap.
ssh kind-worker 'ip xfrm state flush'; kubectl exec pod1 -- ping -c1 -W1 "$other" | grep transmitted
ssh kind-worker 'ip xfrm state; grep OutNoStates /proc/net/xfrm_stat'; logs 'acquire' | sed 's/to 10[0-9.]*/to ADDRESS/' | head -2
# flanneld starts anew: policies and keys are made again.
kubectl -n kube-flannel delete pod -l app=flannel > /dev/null; sleep 12
kubectl exec pod1 -- ping -c1 -W1 "$other" | grep transmitted
