# What containerd has on a node, as crictl tells it.
kubectl apply -f - <<Y
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {nodeName: kind-worker, containers: [{name: web, image: "nginx:1.27"}]}
Y
kubectl wait --for=condition=Ready pod/web --timeout=60s
ssh kind-worker crictl pods --name web | awk '{print $1 == "POD" ? "head" : $0}' | sed 's/^[0-9a-f]\{13\} /ID /'
ssh kind-worker crictl ps --name web | sed 's/[0-9a-f]\{13\} /ID /g'
ssh kind-worker crictl ps -q --name kube-proxy | wc -c
pod=$(ssh kind-worker crictl pods -q --name '^web$')
ssh kind-worker crictl inspectp $pod | grep -E '"(state|ip|network)"'
id=$(ssh kind-worker crictl ps -q --name '^web$')
ssh kind-worker crictl inspect $id | grep -E '"(state|name|exitCode)"'
ssh kind-worker crictl exec $id hostname; ssh kind-worker crictl exec $id false; echo $?
ssh kind-worker crictl logs --tail 1 $id
ssh kind-worker crictl rmp $pod 2>&1 | sed 's/[0-9a-f]\{64\}/ID/g'
ssh kind-worker crictl stopp $pod | sed 's/[0-9a-f]\{64\}/ID/'
# The kubelet sees that the sandbox is gone and makes another one.
kubectl wait --for=condition=Ready=false pod/web --timeout=30s; kubectl wait --for=condition=Ready pod/web --timeout=60s
kubectl get pod web --no-headers | awk '{print $1, $2, $3, $4}'
ssh kind-worker crictl pods -q --name '^web$' | wc -l
ssh kind-worker crictl inspect nope
