# A set that is written with one value is that value; kube-proxy's rules for a single service range rely on how it is listed.
ns n a
wire n eth0 02:00:00:00:00:01 a eth0 02:00:00:00:00:02
ip -n n addr add 10.0.0.1/24 dev eth0; ip -n a addr add 10.0.0.2/24 dev eth0
ip -n a route add 10.96.0.0/16 via 10.0.0.1; fwd n
ip netns exec n nft -f - <<'R'
table ip t {
  chain forward { type filter hook forward priority 0; ip daddr { 10.96.0.0/16 } counter drop comment "Drop traffic to unallocated ClusterIPs"
  }
  chain c {
    ip saddr != { 10.96.0.0/16 } drop
    ip saddr != { 10.96.0.1 } drop
    tcp dport { 80 } accept
    tcp dport { 80-90 } accept
    tcp dport vmap { 80 : accept }
    ip saddr . tcp dport { 1.2.3.4 . 80 } accept
    meta l4proto { tcp } accept
    ct state { new } accept
    ct state != { new } accept
    ip saddr { 10.0.0.0/25, 10.0.0.128/25 } drop
    tcp dport { 81-82, 80-85 } drop
    ip saddr { 10.0.0.7, 10.0.0.7 } drop
    ip saddr != { 192.168.0.0/24, 203.0.113.0/25 } drop
  }
}
R
### probe
ip netns exec a ping -c1 -W1 10.96.7.7 || echo "exit $?"
ip netns exec n nft list ruleset
