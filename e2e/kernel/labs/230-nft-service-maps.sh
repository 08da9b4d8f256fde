# kube-proxy's nftables mode in small: verdict maps, numgen, a set of hairpin connections, reject for no endpoints.
ns n a b
br n cni0 02:00:00:00:0c:01
i=0; for p in a b; do i=$((i+1)); wire n veth$i 02:00:00:00:b0:0$i $p eth0 02:00:00:00:aa:0$i; ip -n n link set veth$i master cni0; ip -n n link set veth$i type bridge_slave hairpin on
  ip -n $p addr add 10.244.1.1$i/24 dev eth0; ip -n $p route add default via 10.244.1.1; done
ip -n n addr add 10.244.1.1/24 dev cni0; fwd n
ip netns exec n nft -f - <<'R'
table ip kube-proxy {
  comment "rules for kube-proxy"
  set cluster-ips { type ipv4_addr; comment "Active ClusterIPs"; elements = { 10.96.0.1, 10.96.0.2 }; }
  set hairpin-connections { type ipv4_addr . ipv4_addr . inet_proto . inet_service; elements = { 10.244.1.12 . 10.244.1.12 . udp . 5353 }; }
  map service-ips { type ipv4_addr . inet_proto . inet_service : verdict; elements = { 10.96.0.1 . udp . 53 : goto service-dns }; }
  map no-endpoint-services { type ipv4_addr . inet_proto . inet_service : verdict; elements = { 10.96.0.2 . udp . 53 comment "default/empty" : goto reject-chain }; }
  chain filter-forward { type filter hook forward priority 0; ct state new jump service-endpoints-check
    ct state new jump cluster-ips-check
  }
  chain filter-output { type filter hook output priority 0; ct state new jump service-endpoints-check
    ct state new jump cluster-ips-check
  }
  chain nat-prerouting { type nat hook prerouting priority -100; jump services
  }
  chain nat-output { type nat hook output priority -100; jump services
  }
  chain nat-postrouting { type nat hook postrouting priority 100; jump masquerading
  }
  chain services {
    ip daddr @cluster-ips ip saddr != 10.244.0.0/16 mark set mark or 0x4000 comment "masquerade clusterIP traffic from outside cluster"
    ip daddr . meta l4proto . th dport vmap @service-ips
  }
  chain masquerading {
    mark and 0x4000 != 0 mark set mark xor 0x4000 masquerade fully-random
    ct status dnat ip saddr . ip daddr . meta l4proto . th dport @hairpin-connections masquerade fully-random
  }
  chain service-endpoints-check { ip daddr . meta l4proto . th dport vmap @no-endpoint-services
  }
  chain cluster-ips-check { ip daddr @cluster-ips counter reject comment "Reject traffic to invalid ports of ClusterIPs"
  }
  chain reject-chain { counter reject
  }
  chain service-dns { counter meta l4proto udp dnat ip addr . port to numgen random mod 1 map { 0 : 10.244.1.12 . 5353 }
  }
}
R
ip netns exec b nc -luk 5353 >/dev/null &
sleep 0.3
### probe
echo q | ip netns exec a nc -u -w1 -p 4000 10.96.0.1 53
echo q | ip netns exec a nc -u -w1 -p 4001 10.96.0.2 53 || echo "exit $?"
echo q | ip netns exec a nc -u -w1 -p 4002 10.96.0.1 54 || echo "exit $?"
echo q | ip netns exec n nc -u -w1 -p 4003 10.96.0.2 53 || echo "exit $?"
ip netns exec n nft list ruleset
