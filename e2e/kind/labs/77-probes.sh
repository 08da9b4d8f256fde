# Probes as conversations: gRPC's health service that is told to be unwell, TLS, commands; and what images nobody knows answer.
kubectl apply -f manifests/probes.yaml
sleep 20
kubectl get pods -o custom-columns=NAME:.metadata.name,READY:.status.containerStatuses[*].ready
kubectl exec health -- curl -s localhost:8080/make-not-serving
sleep 20
kubectl get pod health -o jsonpath='{.status.containerStatuses[0].ready} {.status.conditions[?(@.type=="Ready")].reason}{"\n"}'
kubectl get events --field-selector involvedObject.name=health,reason=Unhealthy -o jsonpath='{.items[0].message}{"\n"}'
kubectl get endpointslices -l kubernetes.io/service-name=health -o jsonpath='{.items[0].endpoints[0].conditions.ready}{"\n"}'
kubectl exec health -- curl -s localhost:8080/make-serving; sleep 12
kubectl get pod health -o jsonpath='{.status.containerStatuses[0].ready}{"\n"}'
kubectl get events --field-selector involvedObject.name=plain,reason=Unhealthy -o jsonpath='{.items[0].message}{"\n"}' | sed 's/10\.[0-9.]*:/IP:/'
kubectl logs script | sed 's/[0-9.]*:[0-9]*$/CLIENT/' | sort -u
kubectl logs once; kubectl get pod once -o jsonpath='{.status.phase} {.status.initContainerStatuses[0].state.terminated.reason}{"\n"}'
kubectl exec health -- curl -sk https://$(kubectl get pod tls -o jsonpath='{.status.podIP}'):8443/
kubectl delete pod hooked --wait=false; kubectl logs -f hooked
