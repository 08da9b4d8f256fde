# A shop of a dozen services: volumes, probes, jobs, autoscaler, budget, and policies that deny all else.
kubectl apply -f manifests/shop.yaml | grep -v created
kubectl -n shop wait --for=condition=Ready pod -l 'app in (postgres,redis,catalog,cart,checkout,frontend)' --timeout=120s | wc -l
kubectl -n shop wait --for=condition=complete job/migrate --timeout=60s
kubectl -n shop get deployments,statefulsets
kubectl -n shop get pvc -o custom-columns=NAME:.metadata.name,STATUS:.status.phase,CLASS:.spec.storageClassName
kubectl -n shop get hpa,pdb,cronjob
kubectl -n shop get svc frontend postgres mail
kubectl -n shop exec deploy/catalog -c catalog -- sh -c 'echo $LOG_LEVEL $DB_username $DATABASE_URL $CPU_LIMIT; cat /etc/shop/catalog.json; grep app /etc/podinfo/labels'
kubectl -n shop exec deploy/catalog -c catalog -- sh -c 'env | grep -c REDIS_'
kubectl -n shop exec postgres-0 -- pg_isready -h postgres-1.postgres
kubectl -n shop exec deploy/redis -- redis-cli set stock 7
ask() { kubectl -n shop exec "deploy/$1" -- curl -s -o /dev/null -w '%{http_code}\n' -m 2 "$2"; }
ask frontend http://checkout/hostname; ask frontend http://catalog:8080/; ask frontend http://payment; ask catalog http://payment; ask redis http://payment
kubectl -n shop exec deploy/redis -- redis-cli -h redis get stock
kubectl -n shop exec deploy/catalog -c catalog -- nc -zv -w 2 redis 6379 2>&1 | sed 's/(.*)//'
kubectl -n shop exec deploy/frontend -c nginx -- nc -zv -w 2 redis 6379 2>&1 | sed 's/(.*)//'
ssh kind-worker curl -s -m 2 localhost:30080 | sed 's/-[a-z0-9]*-[a-z0-9]*$//'
kubectl -n monitoring exec deploy/prom -- curl -s -o /dev/null -m 2 http://catalog.shop:8080; echo $?
kubectl -n shop get events --field-selector reason=FailedGetResourceMetric -o jsonpath='{.items[0].message}'; echo
