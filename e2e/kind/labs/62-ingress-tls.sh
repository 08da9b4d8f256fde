# TLS ends at the controller; behind it goes plain HTTP. Handshakes have their messages; what they would hide stays readable.
kubectl apply -f https://raw.githubusercontent.com/kubernetes/ingress-nginx/controller-v1.15.1/deploy/static/provider/baremetal/deploy.yaml > /dev/null
kubectl create deployment web --image=example.org/server --port=80
kubectl expose deployment web --port=80
cat > /tmp/tls.crt <<'PEM'
-----BEGIN CERTIFICATE-----
MIIDUjCCAjqgAwIBAgIUQ9edokssMnzI4pyEV3dR1d/MDWAwDQYJKoZIhvcNAQEL
BQAwKjENMAsGA1UECgwEU2hvcDEZMBcGA1UEAwwQc2hvcC5leGFtcGxlLm9yZzAe
Fw0yNjExMjEwNDA2NDVaFw0zNjExMTgwNDA2NDVaMCoxDTALBgNVBAoMBFNob3Ax
GTAXBgNVBAMMEHNob3AuZXhhbXBsZS5vcmcwggEiMA0GCSqGSIb3DQEBAQUAA4IB
DwAwggEKAoIBAQCwi8VZTG5l/F06HJbUVdqBGohRGNIo1zkLk1njm8YIHd6lYDYt
nnsBO8uLlqKNOykBquKKIjea14fV4YPunWqku6f8Jnv0m7yfTHg29nbhyrhWmp+s
wDWAQhYU4aPVR3cuqgVjcSK4awi5wt7/WqhKRNUjqmFgRwrl06F55lWtZhviuURo
aozNv1tNCrIPFDx/w+3XQXD8qV0ECdR610YAdTpOHpJyHULvsXuJ107QIjUhkd2c
8AVjI11Gjd7opBDEu9oEzd6BcpOAyOc4AbYPJi6julXWcPVq3TRZFZ9sisOKVGNC
HdWmkgYk9txKNCTBWLs+WSl4QPWEuiehCxDdAgMBAAGjcDBuMB0GA1UdDgQWBBSi
YmBqfLOellap0x3AwToOIvKOITAfBgNVHSMEGDAWgBSiYmBqfLOellap0x3AwToO
IvKOITAPBgNVHRMBAf8EBTADAQH/MBsGA1UdEQQUMBKCEHNob3AuZXhhbXBsZS5v
cmcwDQYJKoZIhvcNAQELBQADggEBADdyopFqSK3ppgYmHmOAj8PIfOCahFk/6020
xLJS9D4xBUT2D6Ut+DkFlTNacSgW/4rBxs9J001A6CNVf/gpUrZ77OrMt0WMQLDs
j7jOgDxy0dKcbPa40m4ZbN0Y99AvmNlTz4jqy3Ff7YJxpnVzNvC4W+8+G18VCKfY
UR0E6qHqih/qxL798xBp0w/oYUMEg6y+lAtHYuipP0VGcRVuQHAq+eBqd/4m260L
HPnX4Abc7hrAWWBMeemqEmMhMLWvsJ7Gprrk+XBYTu6zJKB4tqopcOFXi6R8I748
KPz7drYKK6qOs7WJcgsAR0b8nfciOMx6g84i4XaB87GExSNVjHI=
-----END CERTIFICATE-----
PEM
printf -- "-----BEGIN PRIVATE KEY-----\nbm90IGxvb2tlZCBhdA==\n-----END PRIVATE KEY-----\n" > /tmp/tls.key
kubectl create secret tls shop-tls --cert=/tmp/tls.crt --key=/tmp/tls.key
kubectl apply -f - <<'Y'
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  ingressClassName: nginx
  tls: [{hosts: [shop.example.org], secretName: shop-tls}]
  rules:
  - host: shop.example.org
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
  - host: plain.example.org
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
Y
kubectl wait -n ingress-nginx --for=condition=ready pod -l app.kubernetes.io/component=controller --timeout=120s > /dev/null
sleep 3
http=$(kubectl get svc -n ingress-nginx ingress-nginx-controller -o jsonpath='{.spec.ports[?(@.name=="http")].nodePort}')
https=$(kubectl get svc -n ingress-nginx ingress-nginx-controller -o jsonpath='{.spec.ports[?(@.name=="https")].nodePort}')
shop="--resolve shop.example.org:$https:172.18.0.3"

echo "== HTTP is sent to HTTPS"
curl -s -o /dev/null -w '%{http_code} %{redirect_url}\n' -H 'Host: shop.example.org' http://172.18.0.3:$http/a/
curl -sI -H 'Host: shop.example.org' http://172.18.0.3:$http/ | grep -i '^location\|^HTTP'

echo "== the certificate of the Secret; nobody here trusts it"
curl -sS $shop https://shop.example.org:$https/; echo "rc $?"
curl -sk $shop https://shop.example.org:$https/ | sed 's/-.*//'
curl -skv -o /dev/null $shop https://shop.example.org:$https/ 2>&1 | grep '^\*  \|TLSv1.3\|flannelgraph'
curl -skI $shop https://shop.example.org:$https/ | grep -i strict
echo "== another name, or none: the controller's own"
curl -skv -o /dev/null https://172.18.0.3:$https/ 2>&1 | grep 'subject\|issuer\|< HTTP'

echo "== HTTP to the TLS port, TLS to the HTTP port"
curl -s http://172.18.0.3:$https/ | grep center
curl -sS -k https://172.18.0.3:$http/; echo "rc $?"

echo "== what a pod is told"
kubectl run hears --image=busybox --restart=Never --labels=app=hears --command -- sh -c 'printf "HTTP/1.0 200 OK\r\n\r\nheard\n" | nc -l -N -p 80'
kubectl expose pod hears --port=80
kubectl wait --for=condition=Ready pod/hears > /dev/null
kubectl patch ingress shop --type=json -p '[{"op":"replace","path":"/spec/rules/0/http/paths/0/backend/service/name","value":"hears"}]'
sleep 6
curl -sk $shop https://shop.example.org:$https/path?q=1
kubectl logs hears | tr -d '\r' | sed 's/^\(X-Request-ID\): .*/\1: DRAWN/'
