# Sourced before every lab: a cluster with flannel.
kubectl apply -f kube-flannel.yml > /dev/null
kubectl wait --for=condition=Ready nodes --all --timeout=120s > /dev/null
kubectl wait --for=condition=Ready pods --all -A --timeout=120s > /dev/null
cd /tmp
