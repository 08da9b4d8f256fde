# The node of lab 405 with kube-proxy's mode nftables.
# Masqueraded ports are not drawn at random here (--random-fully), or no two recordings would agree.
ns n a b out; fwd n
wire n eth0 02:00:00:00:00:03 out eth0 02:00:00:00:00:02; ip -n n addr add 172.18.0.3/16 dev eth0; ip -n out addr add 172.18.0.2/16 dev eth0
ip -n out route add 10.244.1.0/24 via 172.18.0.3; ip -n out route add 10.96.0.0/16 via 172.18.0.3; ip -n n route add default via 172.18.0.2
i=3; for p in a b; do i=$((i+1)); wire n veth$p 02:00:00:00:b0:0$i $p eth0 02:00:00:00:aa:0$i; ip -n n addr add 10.244.1.1/32 dev veth$p; ip -n n route add 10.244.1.$i dev veth$p scope host
  ip -n $p addr add 10.244.1.$i/32 dev eth0; ip -n $p route add 10.244.1.1 dev eth0 scope link; ip -n $p route add default via 10.244.1.1; done
ip netns exec n nft -f - <<'R'
table ip kube-proxy {
  comment "rules for kube-proxy"
  set hairpin-connections {
    type ipv4_addr . ipv4_addr . inet_proto . inet_service
    comment "service hairpin connections"
    elements = { 10.244.1.4 . 10.244.1.4 . udp . 7 }
  }
  set cluster-ips {
    type ipv4_addr
    comment "Active ClusterIPs"
    elements = { 10.96.0.80, 10.96.0.81, 10.96.0.82 }
  }
  set nodeport-ips {
    type ipv4_addr
    comment "IPs that accept NodePort traffic"
    elements = { 172.18.0.3 }
  }
  map no-endpoint-services {
    type ipv4_addr . inet_proto . inet_service : verdict
    comment "vmap to drop or reject packets to services with no endpoints"
    elements = { 10.96.0.82 . udp . 7 comment "default/none" : goto reject-chain }
  }
  map no-endpoint-nodeports {
    type inet_proto . inet_service : verdict
    comment "vmap to drop or reject packets to service nodeports with no endpoints"
  }
  map firewall-ips {
    type ipv4_addr . inet_proto . inet_service : verdict
    comment "destinations that are subject to LoadBalancerSourceRanges"
  }
  map service-ips {
    type ipv4_addr . inet_proto . inet_service : verdict
    comment "ClusterIP, ExternalIP and LoadBalancer IP traffic"
    elements = { 10.96.0.80 . udp . 7 : goto service-HE7KU7SE-default/web/udp/, 10.96.0.81 . udp . 7 : goto service-PZL3YFGS-default/local/udp/ }
  }
  map service-nodeports {
    type inet_proto . inet_service : verdict
    comment "NodePort traffic"
    elements = { udp . 30080 : goto external-HE7KU7SE-default/web/udp/, udp . 30081 : goto external-PZL3YFGS-default/local/udp/ }
  }
  chain filter-prerouting-pre-dnat {
    type filter hook prerouting priority dstnat - 10; policy accept;
    ct state new jump firewall-check
  }
  chain filter-output-pre-dnat {
    type filter hook output priority -110; policy accept;
    ct state new jump firewall-check
  }
  chain filter-input {
    type filter hook input priority filter; policy accept;
    ct state new jump nodeport-endpoints-check
    ct state new jump service-endpoints-check
  }
  chain filter-forward {
    type filter hook forward priority filter; policy accept;
    ct state new jump service-endpoints-check
    ct state new jump cluster-ips-check
  }
  chain filter-output {
    type filter hook output priority filter; policy accept;
    ct state new jump service-endpoints-check
    ct state new jump cluster-ips-check
  }
  chain nat-prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    jump services
  }
  chain nat-output {
    type nat hook output priority -100; policy accept;
    jump services
  }
  chain nat-postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    jump masquerading
  }
  chain nodeport-endpoints-check {
    ip daddr @nodeport-ips meta l4proto . th dport vmap @no-endpoint-nodeports
  }
  chain service-endpoints-check {
    ip daddr . meta l4proto . th dport vmap @no-endpoint-services
  }
  chain firewall-check {
    ip daddr . meta l4proto . th dport vmap @firewall-ips
  }
  chain services {
    ip daddr @cluster-ips ip saddr != 10.244.0.0/16 meta mark set meta mark | 0x00004000 comment "masquerade clusterIP traffic from outside cluster"
    ip daddr . meta l4proto . th dport vmap @service-ips
    ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports
  }
  chain masquerading {
    meta mark & 0x00004000 != 0x00000000 meta mark set meta mark ^ 0x00004000 masquerade
    ct status dnat ip saddr . ip daddr . meta l4proto . th dport @hairpin-connections masquerade
  }
  chain cluster-ips-check {
    ip daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"
    ip daddr 10.96.0.0/16 drop comment "Drop traffic to unallocated ClusterIPs"
  }
  chain reject-chain {
    comment "helper for @no-endpoint-services / @no-endpoint-nodeports"
    reject
  }
  chain service-PZL3YFGS-default/local/udp/ {
    meta l4proto udp dnat ip to numgen random mod 1 map { 0 : 10.244.1.4 . 7 }
  }
  chain local-PZL3YFGS-default/local/udp/ {
    meta l4proto udp dnat ip to numgen random mod 1 map { 0 : 10.244.1.4 . 7 }
  }
  chain external-PZL3YFGS-default/local/udp/ {
    ip saddr 10.244.0.0/16 goto service-PZL3YFGS-default/local/udp/ comment "short-circuit pod traffic"
    fib saddr type local meta mark set meta mark | 0x00004000 comment "masquerade local traffic"
    fib saddr type local goto service-PZL3YFGS-default/local/udp/ comment "short-circuit local traffic"
    goto local-PZL3YFGS-default/local/udp/
  }
  chain service-HE7KU7SE-default/web/udp/ {
    meta l4proto udp dnat ip to numgen random mod 1 map { 0 : 10.244.1.4 . 7 }
  }
  chain external-HE7KU7SE-default/web/udp/ {
    meta mark set meta mark | 0x00004000 comment "masquerade"
    goto service-HE7KU7SE-default/web/udp/
  }
}
R
ip netns exec a socat -T2 UDP-LISTEN:7,fork,reuseaddr EXEC:cat >/dev/null 2>&1 &
for n in n a b out; do for d in eth0 vetha vethb; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
sleep 0.5
### probe
ask() { echo "$1 to $3 $4"; echo word | ip netns exec $1 nc -u -w2 -p $2 $3 $4 || echo "exit $?"; }
ask b 5001 10.96.0.80 7; ask n 5002 10.96.0.80 7; ask out 5003 10.96.0.80 7; ask out 5004 172.18.0.3 30080; ask out 5005 172.18.0.3 30081
ask b 5006 172.18.0.3 30080; ask n 5007 172.18.0.3 30081; ask a 5008 10.96.0.80 7; ask n 5009 127.0.0.1 30080
ask b 5010 10.96.0.82 7; ask n 5011 10.96.0.82 7; ask b 5012 10.96.0.80 8; ask b 5013 10.96.0.99 7
ip netns exec n conntrack -L 2>/dev/null | sed 's/^\(udp *17\) [0-9]*/\1/' | sort
