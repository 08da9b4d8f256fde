# Whom the controller sees: behind a NodePort the node that took the connection in, with externalTrafficPolicy Local the client.
kubectl apply -f https://raw.githubusercontent.com/kubernetes/ingress-nginx/controller-v1.15.1/deploy/static/provider/cloud/deploy.yaml > /dev/null
kubectl create deployment web --image=example.org/server --port=80
kubectl expose deployment web --port=80
kubectl create ingress web --class=nginx --rule='/*=web:80'
kubectl wait -n ingress-nginx --for=condition=ready pod -l app.kubernetes.io/component=controller --timeout=120s > /dev/null
cloud-provider-kind > /dev/null 2>&1 &
sleep 8
kubectl get svc -n ingress-nginx ingress-nginx-controller
pod=$(kubectl get pod -n ingress-nginx -l app.kubernetes.io/component=controller -o jsonpath='{.items[0].metadata.name}')
home=$(kubectl get pod -n ingress-nginx $pod -o jsonpath='{.status.hostIP}')
other=$([ $home = 172.18.0.3 ] && echo 172.18.0.4 || echo 172.18.0.3)
lb=$(kubectl get svc -n ingress-nginx ingress-nginx-controller -o jsonpath='{.status.loadBalancer.ingress[0].ip}')
np=$(kubectl get svc -n ingress-nginx ingress-nginx-controller -o jsonpath='{.spec.ports[0].nodePort}')
client() { kubectl logs -n ingress-nginx $pod --tail=1 | cut -d' ' -f1 | sed "s/^$lb$/the balancer/; s/^172.18.0.1$/the client/; s/^10.244.*/a node/"; }

echo "== Local: through the balancer, straight to the node of the controller, to another"
curl -s -m 3 http://$lb/ | sed 's/-.*//'; client
curl -s -m 3 http://$home:$np/ | sed 's/-.*//'; client
curl -s -m 3 http://$other:$np/; echo "rc $?"
echo "== Cluster: every node answers, none says who asks"
kubectl patch svc -n ingress-nginx ingress-nginx-controller -p '{"spec":{"externalTrafficPolicy":"Cluster"}}'
sleep 3
curl -s -m 3 http://$home:$np/ | sed 's/-.*//'; client
curl -s -m 3 http://$other:$np/ | sed 's/-.*//'; client
echo "== a proxy in front that says for whom it asks is believed when told to"
curl -s -o /dev/null -H 'X-Forwarded-For: 203.0.113.7' http://$home:$np/; client
kubectl patch configmap -n ingress-nginx ingress-nginx-controller -p '{"data":{"use-forwarded-headers":"true"}}'
sleep 6
curl -s -o /dev/null -H 'X-Forwarded-For: 203.0.113.7' http://$home:$np/; client
echo "== the address of the Ingress is the balancer's, a minute after the controller has begun"
sleep 60
kubectl get ingress web --no-headers | awk '{print $1, $2, $3, $4, $5}' | sed "s/$lb/LB/"
echo "== the controller goes: it takes the address away"
kubectl delete pod -n ingress-nginx $pod --wait=false > /dev/null; kubectl scale deployment -n ingress-nginx ingress-nginx-controller --replicas=0 > /dev/null
kubectl logs -n ingress-nginx $pod --tail=4 -f | grep -o '"[A-Z][^"]*"\|Handled.*'
kubectl get ingress web --no-headers | awk '{print $1, $2, $3, $4}'
