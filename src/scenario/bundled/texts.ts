// The bundled files, by their path under `data`. A chunk of its own: it is loaded when somebody names a URL.
import calico from "../data/calico.yaml?raw";
import guestbookAllInOne from "../data/guestbook-all-in-one.yaml?raw";
import guestbookLegacyFrontendController from "../data/guestbook-legacy-frontend-controller.yaml?raw";
import guestbookLegacyRedisMasterController from "../data/guestbook-legacy-redis-master-controller.yaml?raw";
import guestbookLegacyRedisReplicaController from "../data/guestbook-legacy-redis-replica-controller.yaml?raw";
import ingressNginxDeployBaremetal from "../data/ingress-nginx/deploy-baremetal.yaml?raw";
import ingressNginxDeployCloud from "../data/ingress-nginx/deploy-cloud.yaml?raw";
import ingressNginxDeployKind from "../data/ingress-nginx/deploy-kind.yaml?raw";
import kindIngressUsage from "../data/kind/ingress-usage.yaml?raw";
import kindLoadbalancerUsage from "../data/kind/loadbalancer-usage.yaml?raw";
import kubeFlannel from "../data/kube-flannel.yml?raw";
import kubeRouterFirewallDaemonset from "../data/kube-router-firewall-daemonset.yaml?raw";
import multusDaemonset from "../data/multus-daemonset.yml?raw";
import adminDnsBusybox from "../data/examples/admin/dns/busybox.yaml?raw";
import adminDnsDnsutils from "../data/examples/admin/dns/dnsutils.yaml?raw";
import applicationDeploymentScale from "../data/examples/application/deployment-scale.yaml?raw";
import applicationDeploymentUpdate from "../data/examples/application/deployment-update.yaml?raw";
import applicationDeployment from "../data/examples/application/deployment.yaml?raw";
import applicationGuestbookFrontendDeployment from "../data/examples/application/guestbook/frontend-deployment.yaml?raw";
import applicationGuestbookFrontendService from "../data/examples/application/guestbook/frontend-service.yaml?raw";
import applicationGuestbookRedisFollowerDeployment from "../data/examples/application/guestbook/redis-follower-deployment.yaml?raw";
import applicationGuestbookRedisFollowerService from "../data/examples/application/guestbook/redis-follower-service.yaml?raw";
import applicationGuestbookRedisLeaderDeployment from "../data/examples/application/guestbook/redis-leader-deployment.yaml?raw";
import applicationGuestbookRedisLeaderService from "../data/examples/application/guestbook/redis-leader-service.yaml?raw";
import applicationNginxApp from "../data/examples/application/nginx-app.yaml?raw";
import applicationNginxNginxDeployment from "../data/examples/application/nginx/nginx-deployment.yaml?raw";
import applicationNginxNginxSvc from "../data/examples/application/nginx/nginx-svc.yaml?raw";
import applicationSimpleDeployment from "../data/examples/application/simple_deployment.yaml?raw";
import controllersFrontend from "../data/examples/controllers/frontend.yaml?raw";
import controllersJob from "../data/examples/controllers/job.yaml?raw";
import controllersNginxDeployment from "../data/examples/controllers/nginx-deployment.yaml?raw";
import controllersReplicaset from "../data/examples/controllers/replicaset.yaml?raw";
import controllersReplication from "../data/examples/controllers/replication.yaml?raw";
import podsSimplePod from "../data/examples/pods/simple-pod.yaml?raw";
import podsTwoContainerPod from "../data/examples/pods/two-container-pod.yaml?raw";
import serviceAccessBackendDeployment from "../data/examples/service/access/backend-deployment.yaml?raw";
import serviceAccessBackendService from "../data/examples/service/access/backend-service.yaml?raw";
import serviceAccessFrontendDeployment from "../data/examples/service/access/frontend-deployment.yaml?raw";
import serviceAccessFrontendService from "../data/examples/service/access/frontend-service.yaml?raw";
import serviceAccessHelloApplication from "../data/examples/service/access/hello-application.yaml?raw";
import serviceLoadBalancerExample from "../data/examples/service/load-balancer-example.yaml?raw";
import serviceNetworkingCurlpod from "../data/examples/service/networking/curlpod.yaml?raw";
import serviceNetworkingCustomDns from "../data/examples/service/networking/custom-dns.yaml?raw";
import serviceNetworkingDefaultIngressclass from "../data/examples/service/networking/default-ingressclass.yaml?raw";
import serviceNetworkingExternalLb from "../data/examples/service/networking/external-lb.yaml?raw";
import serviceNetworkingHostaliasesPod from "../data/examples/service/networking/hostaliases-pod.yaml?raw";
import serviceNetworkingIngressWildcardHost from "../data/examples/service/networking/ingress-wildcard-host.yaml?raw";
import serviceNetworkingMinimalIngress from "../data/examples/service/networking/minimal-ingress.yaml?raw";
import serviceNetworkingNameVirtualHostIngressNoThirdHost from "../data/examples/service/networking/name-virtual-host-ingress-no-third-host.yaml?raw";
import serviceNetworkingNameVirtualHostIngress from "../data/examples/service/networking/name-virtual-host-ingress.yaml?raw";
import serviceNetworkingNetworkPolicyAllowAllEgress from "../data/examples/service/networking/network-policy-allow-all-egress.yaml?raw";
import serviceNetworkingNetworkPolicyAllowAllIngress from "../data/examples/service/networking/network-policy-allow-all-ingress.yaml?raw";
import serviceNetworkingNetworkPolicyDefaultDenyAll from "../data/examples/service/networking/network-policy-default-deny-all.yaml?raw";
import serviceNetworkingNetworkPolicyDefaultDenyEgress from "../data/examples/service/networking/network-policy-default-deny-egress.yaml?raw";
import serviceNetworkingNetworkPolicyDefaultDenyIngress from "../data/examples/service/networking/network-policy-default-deny-ingress.yaml?raw";
import serviceNetworkingNetworkpolicy from "../data/examples/service/networking/networkpolicy.yaml?raw";
import serviceNetworkingNginxPolicy from "../data/examples/service/networking/nginx-policy.yaml?raw";
import serviceNetworkingNginxSvc from "../data/examples/service/networking/nginx-svc.yaml?raw";
import serviceNetworkingRunMyNginx from "../data/examples/service/networking/run-my-nginx.yaml?raw";
import serviceNetworkingSimpleFanoutExample from "../data/examples/service/networking/simple-fanout-example.yaml?raw";
import serviceNetworkingTestIngress from "../data/examples/service/networking/test-ingress.yaml?raw";
import serviceNetworkingTlsExampleIngress from "../data/examples/service/networking/tls-example-ingress.yaml?raw";
import serviceNginxService from "../data/examples/service/nginx-service.yaml?raw";

export const TEXTS: ReadonlyMap<string, string> = new Map([
  ["calico.yaml", calico],
  ["guestbook-all-in-one.yaml", guestbookAllInOne],
  ["guestbook-legacy-frontend-controller.yaml", guestbookLegacyFrontendController],
  ["guestbook-legacy-redis-master-controller.yaml", guestbookLegacyRedisMasterController],
  ["guestbook-legacy-redis-replica-controller.yaml", guestbookLegacyRedisReplicaController],
  ["ingress-nginx/deploy-baremetal.yaml", ingressNginxDeployBaremetal],
  ["ingress-nginx/deploy-cloud.yaml", ingressNginxDeployCloud],
  ["ingress-nginx/deploy-kind.yaml", ingressNginxDeployKind],
  ["kind/ingress-usage.yaml", kindIngressUsage],
  ["kind/loadbalancer-usage.yaml", kindLoadbalancerUsage],
  ["kube-flannel.yml", kubeFlannel],
  ["kube-router-firewall-daemonset.yaml", kubeRouterFirewallDaemonset],
  ["multus-daemonset.yml", multusDaemonset],
  ["examples/admin/dns/busybox.yaml", adminDnsBusybox],
  ["examples/admin/dns/dnsutils.yaml", adminDnsDnsutils],
  ["examples/application/deployment-scale.yaml", applicationDeploymentScale],
  ["examples/application/deployment-update.yaml", applicationDeploymentUpdate],
  ["examples/application/deployment.yaml", applicationDeployment],
  ["examples/application/guestbook/frontend-deployment.yaml", applicationGuestbookFrontendDeployment],
  ["examples/application/guestbook/frontend-service.yaml", applicationGuestbookFrontendService],
  [
    "examples/application/guestbook/redis-follower-deployment.yaml",
    applicationGuestbookRedisFollowerDeployment,
  ],
  ["examples/application/guestbook/redis-follower-service.yaml", applicationGuestbookRedisFollowerService],
  ["examples/application/guestbook/redis-leader-deployment.yaml", applicationGuestbookRedisLeaderDeployment],
  ["examples/application/guestbook/redis-leader-service.yaml", applicationGuestbookRedisLeaderService],
  ["examples/application/nginx-app.yaml", applicationNginxApp],
  ["examples/application/nginx/nginx-deployment.yaml", applicationNginxNginxDeployment],
  ["examples/application/nginx/nginx-svc.yaml", applicationNginxNginxSvc],
  ["examples/application/simple_deployment.yaml", applicationSimpleDeployment],
  ["examples/controllers/frontend.yaml", controllersFrontend],
  ["examples/controllers/job.yaml", controllersJob],
  ["examples/controllers/nginx-deployment.yaml", controllersNginxDeployment],
  ["examples/controllers/replicaset.yaml", controllersReplicaset],
  ["examples/controllers/replication.yaml", controllersReplication],
  ["examples/pods/simple-pod.yaml", podsSimplePod],
  ["examples/pods/two-container-pod.yaml", podsTwoContainerPod],
  ["examples/service/access/backend-deployment.yaml", serviceAccessBackendDeployment],
  ["examples/service/access/backend-service.yaml", serviceAccessBackendService],
  ["examples/service/access/frontend-deployment.yaml", serviceAccessFrontendDeployment],
  ["examples/service/access/frontend-service.yaml", serviceAccessFrontendService],
  ["examples/service/access/hello-application.yaml", serviceAccessHelloApplication],
  ["examples/service/load-balancer-example.yaml", serviceLoadBalancerExample],
  ["examples/service/networking/curlpod.yaml", serviceNetworkingCurlpod],
  ["examples/service/networking/custom-dns.yaml", serviceNetworkingCustomDns],
  ["examples/service/networking/default-ingressclass.yaml", serviceNetworkingDefaultIngressclass],
  ["examples/service/networking/external-lb.yaml", serviceNetworkingExternalLb],
  ["examples/service/networking/hostaliases-pod.yaml", serviceNetworkingHostaliasesPod],
  ["examples/service/networking/ingress-wildcard-host.yaml", serviceNetworkingIngressWildcardHost],
  ["examples/service/networking/minimal-ingress.yaml", serviceNetworkingMinimalIngress],
  [
    "examples/service/networking/name-virtual-host-ingress-no-third-host.yaml",
    serviceNetworkingNameVirtualHostIngressNoThirdHost,
  ],
  ["examples/service/networking/name-virtual-host-ingress.yaml", serviceNetworkingNameVirtualHostIngress],
  [
    "examples/service/networking/network-policy-allow-all-egress.yaml",
    serviceNetworkingNetworkPolicyAllowAllEgress,
  ],
  [
    "examples/service/networking/network-policy-allow-all-ingress.yaml",
    serviceNetworkingNetworkPolicyAllowAllIngress,
  ],
  [
    "examples/service/networking/network-policy-default-deny-all.yaml",
    serviceNetworkingNetworkPolicyDefaultDenyAll,
  ],
  [
    "examples/service/networking/network-policy-default-deny-egress.yaml",
    serviceNetworkingNetworkPolicyDefaultDenyEgress,
  ],
  [
    "examples/service/networking/network-policy-default-deny-ingress.yaml",
    serviceNetworkingNetworkPolicyDefaultDenyIngress,
  ],
  ["examples/service/networking/networkpolicy.yaml", serviceNetworkingNetworkpolicy],
  ["examples/service/networking/nginx-policy.yaml", serviceNetworkingNginxPolicy],
  ["examples/service/networking/nginx-svc.yaml", serviceNetworkingNginxSvc],
  ["examples/service/networking/run-my-nginx.yaml", serviceNetworkingRunMyNginx],
  ["examples/service/networking/simple-fanout-example.yaml", serviceNetworkingSimpleFanoutExample],
  ["examples/service/networking/test-ingress.yaml", serviceNetworkingTestIngress],
  ["examples/service/networking/tls-example-ingress.yaml", serviceNetworkingTlsExampleIngress],
  ["examples/service/nginx-service.yaml", serviceNginxService],
]);
