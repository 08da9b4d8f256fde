# What ingress-nginx answers when the servers behind it are missing, dead or silent, and how requests are shared out.
kubectl apply -f https://raw.githubusercontent.com/kubernetes/ingress-nginx/controller-v1.15.1/deploy/static/provider/baremetal/deploy.yaml > /dev/null
kubectl create deployment web --image=example.org/server --port=80 --replicas=2
kubectl expose deployment web --port=80
kubectl create deployment new --image=example.org/server --port=80
kubectl expose deployment new --port=80
kubectl create service clusterip nobody --tcp=80
kubectl create ingress shop --class=nginx --rule='shop.test/*=web:80' --rule='empty.test/*=nobody:80' --rule='gone.test/*=missing:80'
kubectl create ingress shop --class=nginx
kubectl wait -n ingress-nginx --for=condition=ready pod -l app.kubernetes.io/component=controller --timeout=120s > /dev/null
kubectl rollout status deployment/web | tail -1
sleep 5
np=$(kubectl get svc -n ingress-nginx ingress-nginx-controller -o jsonpath='{.spec.ports[0].nodePort}')
ask() { curl -s -m 30 -o /tmp/body -w '%{http_code} ' "${@:2}" -H "Host: $1" http://172.18.0.3:$np/; grep -o '<h1>.*</h1>\|^[a-z]*-' /tmp/body; }
logs() { kubectl logs -n ingress-nginx deploy/ingress-nginx-controller "$@"; }

echo "== a Service without endpoints, and none at all: 503, nobody is asked"
ask empty.test
ask gone.test
logs --tail=1 | grep -o '\[default-.*\] \[\] .* -'
kubectl describe ingress shop | grep -A9 '^Rules'

echo "== a server that refuses: the next one is asked"
victim=$(kubectl get pod -l app=web -o jsonpath='{.items[0].metadata.name}')
ip=$(kubectl get pod $victim -o jsonpath='{.status.podIP}')
node=$(kubectl get pod $victim -o jsonpath='{.spec.nodeName}')
ssh $node iptables -I FORWARD -d $ip -p tcp --dport 80 --syn -j REJECT --reject-with tcp-reset
for i in 1 2 3 4; do ask shop.test; done
logs | grep -c 'connect() failed (111: Connection refused) while connecting to upstream'
logs | grep ' 502, 200 ' | head -1 | grep -o '\[default-web-80\] \[\] [0-9.]*:80, [0-9.]*:80 0, [0-9]*' | sed 's/10\.244\.[0-9.]*/POD/g'
echo "== a server that is silent: five seconds, then the next one"
ssh $node iptables -R FORWARD 1 -d $ip -p tcp --dport 80 --syn -j DROP
for i in 1 2; do curl -s -o /dev/null -w '%{http_code} %{time_total}\n' -H 'Host: shop.test' http://172.18.0.3:$np/ | sed 's/\(\.[0-9]\)[0-9]*/\1/'; done | sort
logs | grep ' 504, 200 ' | wc -l
ssh $node iptables -D FORWARD 1
echo "== nobody listens: 502 after three tries"
kubectl expose deployment new --name=dead --port=81
kubectl create ingress dead --class=nginx --rule='dead.test/*=dead:81'
sleep 6
ask dead.test
logs | grep -o '\[default-dead-81\] .* 502, 502, 502' | sed 's/10\.244\.[0-9.]*/POD/g; s/[0-9.]*, [0-9.]*, [0-9.]* 502/SPANS 502/'

echo "== a deleted pod leaves within a sync"
kubectl delete pod $victim --wait=false > /dev/null
sleep 6
for i in 1 2 3 4; do ask shop.test; done

echo "== a canary by header and by weight; a cookie that keeps its server; the Service's own address"
kubectl create ingress canary --class=nginx --rule='shop.test/*=new:80' \
  --annotation nginx.ingress.kubernetes.io/canary=true --annotation nginx.ingress.kubernetes.io/canary-by-header=X-New
kubectl expose deployment web --port=80 --name=sticky
kubectl expose deployment web --port=80 --name=direct
kubectl create ingress sticky --class=nginx --rule='sticky.test/*=sticky:80' --annotation nginx.ingress.kubernetes.io/affinity=cookie
kubectl create ingress direct --class=nginx --rule='direct.test/*=direct:80' --annotation nginx.ingress.kubernetes.io/service-upstream=true
kubectl create ingress limited --class=nginx --rule='limited.test/*=web:80' --annotation nginx.ingress.kubernetes.io/limit-rps=5
sleep 6
ask shop.test -H 'X-New: always'
ask shop.test -H 'X-New: never'
logs --tail=2 | grep -o '\[default-web-80\] \[[a-z0-9-]*\]'
kubectl annotate ingress canary nginx.ingress.kubernetes.io/canary-weight=100 > /dev/null
sleep 6
ask shop.test
cookie=$(curl -sI -H 'Host: sticky.test' http://172.18.0.3:$np/ | tr -d '\r' | sed -n 's/^Set-Cookie: \([^;]*\);.*/\1/p')
echo "${cookie%%=*}"
for i in 1 2 3 4 5; do curl -s -H 'Host: sticky.test' -H "Cookie: $cookie" http://172.18.0.3:$np/; done | sort -u | wc -l
ask direct.test
cluster=$(kubectl get svc direct -o jsonpath='{.spec.clusterIP}')
logs --tail=1 | grep -o "$cluster:80" | sed "s/$cluster/CLUSTER-IP/"
echo "== an annotation that is not modelled is named, and answers 503"
ask limited.test
kubectl describe ingress limited | grep -o 'NotModelled.*' | tr -s ' '
