# ingress-nginx behind a NodePort: hosts, paths, rewriting, redirects, errors. The controller asks pods itself.
MANIFEST=https://raw.githubusercontent.com/kubernetes/ingress-nginx/controller-v1.15.1/deploy/static/provider/baremetal/deploy.yaml
kubectl apply -f $MANIFEST | tail -4
for app in web api static; do
  kubectl create deployment $app --image=example.org/server --port=80 --replicas=$([ $app = web ] && echo 2 || echo 1)
  kubectl expose deployment $app --port=80
done > /dev/null
kubectl rollout status deployment/web | tail -1
kubectl wait --namespace ingress-nginx --for=condition=ready pod \
  --selector=app.kubernetes.io/component=controller --timeout=120s | sed 's/controller-.* /controller /'
sleep 2
kubectl get jobs,pods -n ingress-nginx --no-headers | awk '{print $2, $3}'
kubectl get ingressclass
np=$(kubectl get svc -n ingress-nginx ingress-nginx-controller -o jsonpath='{.spec.ports[0].nodePort}')
ask() { # host path options: who answered, or the status
  local host=$1 path=$2; shift 2
  curl -s -m 5 -o /tmp/body -w '%{http_code} ' "$@" -H "Host: $host" http://172.18.0.3:$np$path
  if grep -q '<html>' /tmp/body; then grep -o '<h1>.*</h1>' /tmp/body; else sed 's/-.*//' /tmp/body; fi
}

echo "== nothing matches: the controller's own page"
ask web.example.org /
curl -s http://172.18.0.3:$np/healthz -o /dev/null -w '%{http_code}\n'

echo "== hosts and paths"
kubectl apply -f - <<'Y'
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  ingressClassName: nginx
  rules:
  - host: shop.example.org
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
      - {path: /api, pathType: Prefix, backend: {service: {name: api, port: {number: 80}}}}
      - {path: /api/static, pathType: Exact, backend: {service: {name: static, port: {number: 80}}}}
  - host: "*.example.org"
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: static, port: {number: 80}}}}]}
Y
sleep 6
for path in / /x /api /api/ /api/x /apix /api/static /api/static/ '/%61pi' '/a/../api'; do echo -n "$path "; ask shop.example.org "$path"; done
echo -n "wildcard "; ask other.example.org /
echo -n "two labels "; ask a.b.example.org /
echo -n "port in Host "; ask shop.example.org:$np /api
echo "== round robin over the pods, two connections kept"
for i in 1 2 3 4 5 6; do curl -s -H 'Host: shop.example.org' http://172.18.0.3:$np/; done | sort | uniq -c | awk '{print $1}'
kubectl logs -n ingress-nginx deploy/ingress-nginx-controller | grep 'GET / ' | grep -o '"GET.* 200 .*default-web-80\]' | tail -1

echo "== rewriting"
kubectl apply -f - <<'Y'
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: rewrite
  annotations: {nginx.ingress.kubernetes.io/use-regex: "true", nginx.ingress.kubernetes.io/rewrite-target: /$2}
spec:
  ingressClassName: nginx
  rules:
  - host: rewrite.test
    http: {paths: [{path: /something(/|$)(.*), pathType: ImplementationSpecific, backend: {service: {name: echo, port: {number: 8080}}}}]}
Y
kubectl run echo --image=python --labels=app=echo --restart=Never --command -- python3 -m http.server 8080
kubectl expose pod echo --port=8080
kubectl wait --for=condition=Ready pod/echo
sleep 6
ask rewrite.test /something/etc/hostname > /dev/null; ask rewrite.test '/something?a=b' > /dev/null; ask rewrite.test /something/a%20b > /dev/null
kubectl logs echo 2>&1 | grep -o '"GET.*'
echo -n "no match "; ask rewrite.test /other
