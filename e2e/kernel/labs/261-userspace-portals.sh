# kube-proxy's userspace mode in small: a pod's request is redirected to the bridge's own address, the node's to its eth0.
ns n a b w
br n cni0 02:00:00:00:0c:01
i=0; for p in a b; do i=$((i+1)); wire n veth$i 02:00:00:00:b0:0$i $p eth0 02:00:00:00:aa:0$i; ip -n n link set veth$i master cni0
  ip -n $p addr add 10.244.1.1$i/24 dev eth0; ip -n $p route add default via 10.244.1.1; done
ip -n n addr add 10.244.1.1/24 dev cni0
wire n eth0 02:00:00:00:00:01 w eth0 02:00:00:00:00:02
ip -n n addr add 172.18.0.3/16 dev eth0; ip -n w addr add 172.18.0.1/16 dev eth0; ip -n n route add default via 172.18.0.1; fwd n
ip netns exec n iptables-restore <<'R'
*nat
:KUBE-PORTALS-CONTAINER - [0:0]
:KUBE-PORTALS-HOST - [0:0]
:KUBE-NODEPORT-CONTAINER - [0:0]
:KUBE-NODEPORT-HOST - [0:0]
-A PREROUTING -m comment --comment "handle ClusterIPs; NOTE: this must be before the NodePort rules" -j KUBE-PORTALS-CONTAINER
-A PREROUTING -m addrtype --dst-type LOCAL -m comment --comment "handle service NodePorts; NOTE: this must be the last rule in the chain" -j KUBE-NODEPORT-CONTAINER
-A OUTPUT -m comment --comment "handle ClusterIPs; NOTE: this must be before the NodePort rules" -j KUBE-PORTALS-HOST
-A OUTPUT -m addrtype --dst-type LOCAL -m comment --comment "handle service NodePorts; NOTE: this must be the last rule in the chain" -j KUBE-NODEPORT-HOST
-A KUBE-PORTALS-CONTAINER -d 10.96.0.20/32 -p udp -m comment --comment "default/echo:echo" -m udp --dport 7 -j REDIRECT --to-ports 40007
-A KUBE-PORTALS-HOST -d 10.96.0.20/32 -p udp -m comment --comment "default/echo:echo" -m udp --dport 7 -j DNAT --to-destination 172.18.0.3:40007
-A KUBE-NODEPORT-CONTAINER -p udp -m comment --comment "default/echo:echo" -m udp --dport 30007 -j REDIRECT --to-ports 40007
-A KUBE-NODEPORT-HOST -p udp -m comment --comment "default/echo:echo" -m udp --dport 30007 -j DNAT --to-destination 172.18.0.3:40007
COMMIT
R
ip netns exec n socat -T2 UDP-LISTEN:40007,fork,reuseaddr EXEC:cat >/dev/null 2>&1 &
sleep 0.5
### probe
echo pod | ip netns exec a nc -u -w1 -p 5001 10.96.0.20 7
echo node | ip netns exec n nc -u -w1 -p 5002 10.96.0.20 7
echo outside | ip netns exec w nc -u -w1 -p 5003 172.18.0.3 30007
echo node to itself | ip netns exec n nc -u -w1 -p 5004 172.18.0.3 30007
echo pod to the node | ip netns exec b nc -u -w1 -p 5005 172.18.0.3 30007
ip netns exec n conntrack -L 2>/dev/null | sed 's/^\(udp *17\) [0-9]*/\1/' | sort
ip netns exec n iptables-save -t nat -c | grep -v '^#'
