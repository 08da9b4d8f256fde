# From an image to an answer without a manifest: kubectl's imperative verbs.
kubectl create deployment web --image=nginx --replicas=3 --port=80
kubectl rollout status deployment/web | tail -1
kubectl expose deployment web --port=80 --type=NodePort
kubectl expose deployment web --port=80; echo "rc $?"
kubectl run tmp --rm -i --restart=Never --image=busybox -- wget -qO- http://web; echo "rc $?"
kubectl run failing --image=busybox --restart=Never --env=A=b --command -- sh -c 'echo $A; exit 3'
kubectl wait --for=jsonpath='{.status.phase}'=Failed pod/failing
kubectl logs failing
kubectl delete pod failing --now
kubectl set image deployment/web nginx=nginx:1.27
kubectl rollout status deployment/web | tail -1
kubectl rollout undo deployment/web
kubectl rollout status deployment/web | tail -1
kubectl rollout history deployment/web
kubectl patch deployment web -p '{"spec":{"replicas":2}}'
kubectl patch deployment web --type=json -p '[{"op":"replace","path":"/spec/replicas","value":1}]'
kubectl rollout status deployment/web | tail -1
kubectl port-forward svc/web 8080:80 > forward.log 2>&1 &
sleep 1
curl -s -m 3 http://127.0.0.1:8080/
kill $!
cat forward.log
kubectl port-forward deploy/web 8081:81 > forward.log 2>&1 &
sleep 1
curl -s -m 3 http://127.0.0.1:8081/; echo "rc $?"
sleep 1
tail -1 forward.log
kubectl run lonely --image=nginx
kubectl wait --for=condition=Ready pod/lonely
node=$(kubectl get pod lonely -o jsonpath='{.spec.nodeName}')
kubectl drain $node --ignore-daemonsets >/dev/null 2>&1; echo "rc $?"
kubectl drain $node --ignore-daemonsets --force >/dev/null 2>&1; echo "rc $?"
kubectl get pods --field-selector spec.nodeName=$node -o name
kubectl uncordon $node >/dev/null
kubectl edit deploy web; echo "rc $?"
