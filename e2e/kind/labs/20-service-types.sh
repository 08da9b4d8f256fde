# Every type of Service, by packets.
kubectl create deployment web --image=example.com/web:1 --replicas=2 --port=80
kubectl rollout status deployment/web | tail -1
kubectl run client --image=busybox --restart=Never --command -- sleep 3600
kubectl wait --for=condition=Ready pod/client

echo "== LoadBalancer: nobody serves it, then cloud-provider-kind does"
kubectl expose deployment web --port=80 --type=LoadBalancer --name=lb
sleep 5
kubectl get svc lb
cloud-provider-kind > /dev/null 2>&1 &
sleep 6
kubectl get svc lb
ip=$(kubectl get svc lb -o jsonpath='{.status.loadBalancer.ingress[0].ip}')
for i in 1 2 3 4 5 6; do curl -s -m 3 http://$ip/; done | sort -u | wc -l
kubectl patch svc lb -p '{"spec":{"externalTrafficPolicy":"Local"}}'
kubectl scale deployment web --replicas=1
sleep 12
check=$(kubectl get svc lb -o jsonpath='{.spec.healthCheckNodePort}')
for node in 3 4; do curl -s -o /dev/null -w '%{http_code}\n' http://172.18.0.$node:$check/healthz; done | sort
for i in 1 2 3 4; do curl -s -m 3 http://$ip/; echo "rc $?"; done
kubectl delete svc lb
curl -s -m 3 http://$ip/; echo "rc $?"

echo "== NodePort, externalTrafficPolicy Local: only where the pod is, and it sees the client"
kubectl expose deployment web --port=80 --name=np --type=NodePort
kubectl patch svc np -p '{"spec":{"externalTrafficPolicy":"Local"}}'
sleep 3
port=$(kubectl get svc np -o jsonpath='{.spec.ports[0].nodePort}')
home=$(kubectl get pod -l app=web -o jsonpath='{.items[0].status.hostIP}')
for ip in 172.18.0.3 172.18.0.4; do
  curl -s -o /dev/null -m 2 http://$ip:$port/; status=$?
  [ $ip = $home ] && echo "here rc $status" || echo "there rc $status"
done | sort
kubectl logs deploy/web --tail=1 | grep -o 'answered 172.18.0.1'

echo "== headless"
kubectl create -f - <<'Y'
apiVersion: v1
kind: Service
metadata: {name: headless}
spec: {clusterIP: None, selector: {app: web}, ports: [{name: http, port: 80}]}
Y
kubectl scale deployment web --replicas=2
kubectl rollout status deployment/web | tail -1
sleep 2
kubectl exec client -- dig +short headless.default.svc.cluster.local | wc -l
kubectl exec client -- dig +short SRV _http._tcp.headless.default.svc.cluster.local | wc -l

echo "== ExternalName"
kubectl create service externalname out --external-name=web.example.org
kubectl exec client -- dig +noall +answer out.default.svc.cluster.local

echo "== without a selector: Endpoints by hand, mirrored"
kubectl apply -f - <<'Y'
apiVersion: v1
kind: Service
metadata: {name: hand}
spec: {ports: [{port: 80, targetPort: 8000}]}
---
apiVersion: v1
kind: Endpoints
metadata: {name: hand}
subsets: [{addresses: [{ip: 172.18.0.1}], ports: [{port: 8000}]}]
Y
cd /tmp; echo by hand > index.html; python3 -m http.server 8000 > /dev/null 2>&1 &
sleep 2
kubectl get endpointslices -l kubernetes.io/service-name=hand --no-headers
kubectl exec client -- curl -s -m 3 http://hand/

echo "== sessionAffinity"
kubectl expose deployment web --port=80 --name=sticky --session-affinity=ClientIP
sleep 2
for i in 1 2 3 4 5 6; do kubectl exec client -- curl -s -m 3 http://sticky/; done | sort -u | wc -l
