# Pods with names, pods that end, pods that are on their way out.
kubectl run client --image=busybox --restart=Never --command -- sleep 3600
kubectl apply -f - <<'Y'
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {clusterIP: None, selector: {app: db}, ports: [{name: web, port: 80}]}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 3
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
      - name: nginx
        image: nginx
        ports: [{containerPort: 80}]
        readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 2}
Y
kubectl rollout status sts/db
sleep 2
kubectl exec client -- curl -s -m 2 http://db-2.db/
kubectl exec client -- dig +short db.default.svc.cluster.local | wc -l
kubectl scale sts db --replicas=1
sleep 5
kubectl get pods -l app=db -o name
kubectl set image sts/db nginx=nginx:2
kubectl rollout status sts/db | tail -1
kubectl get pod db-0 -o jsonpath='{.spec.containers[0].image}{"\n"}'

echo "== Jobs"
kubectl create job hello --image=busybox -- echo hello
kubectl wait --for=condition=complete job/hello
kubectl logs job/hello
kubectl create job bad --image=busybox -- false
kubectl patch job bad -p '{"spec":{"backoffLimit":1}}'
kubectl wait --for=condition=failed job/bad --timeout=120s
kubectl get jobs
kubectl get pods -l job-name=bad --no-headers | wc -l

echo "== a server that takes its time to leave serves until it is gone"
kubectl run slow --image=python:3 --port=80 --expose --command -- sh -c 'trap "" TERM; cd /; python3 -m http.server 80'
kubectl wait --for=condition=Ready pod/slow
sleep 2
kubectl delete pod slow --wait=false
sleep 2
kubectl get endpointslices -l kubernetes.io/service-name=slow -o jsonpath='{.items[0].endpoints[0].conditions}{"\n"}'
kubectl exec client -- curl -s -o /dev/null -m 1 http://slow/; echo "rc $?"
sleep 31
kubectl exec client -- curl -s -o /dev/null -m 1 http://slow/; echo "rc $?"
