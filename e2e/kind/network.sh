# Sourced before every lab: a cluster with flannel.
kubectl apply -f kube-flannel.yml > /dev/null
kubectl wait --for=condition=Ready nodes --all --timeout=120s > /dev/null
kubectl wait --for=condition=Ready pods -l k8s-app=kube-dns -n kube-system --timeout=120s > /dev/null
cd /tmp
