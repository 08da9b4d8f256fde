# What the API server refuses, in its words.
kubectl create service nodeport a --tcp=80 --node-port=80
kubectl create service nodeport a --tcp=80 --node-port=30080
kubectl create service nodeport b --tcp=80 --node-port=30080
kubectl create service clusterip c --tcp=80 --clusterip=10.97.0.1
kubectl create service clusterip c --tcp=80 --clusterip=10.96.0.10
kubectl create service clusterip c --tcp=80
kubectl patch svc c -p '{"spec":{"externalTrafficPolicy":"Local"}}'
kubectl patch svc c --type=merge -p '{"spec":{"clusterIP":"10.96.7.7"}}'
kubectl patch svc c --type=merge -p '{"spec":{"ports":[{"port":80,"nodePort":30090}]}}'
kubectl patch svc a -p '{"spec":{"type":"ClusterIP"}}'
kubectl get svc a -o jsonpath="{.spec.type} {.spec.ports[0].nodePort}"; echo
kubectl patch svc a -p '{"spec":{"type":"NodePort","externalTrafficPolicy":"Everywhere"}}'
kubectl create service clusterip 1c --tcp=80
kubectl create deployment Web --image=nginx
kubectl create deployment web --image=nginx
kubectl patch deployment web --type=json -p '[{"op":"replace","path":"/spec/selector/matchLabels","value":{"app":"other"}}]'
kubectl apply -f - <<'Y'
apiVersion: v1
kind: Endpoints
metadata: {name: c2}
subsets: [{addresses: [{ip: 127.0.0.1}], ports: [{port: 80}]}]
Y
kubectl apply -f - <<'Y'
apiVersion: batch/v1
kind: Job
metadata: {name: j}
spec: {template: {spec: {containers: [{name: a, image: busybox}]}}}
Y
kubectl create service externalname e --external-name=Not_a_name
