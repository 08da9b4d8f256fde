# Sets with intervals, verdict maps, counters, marks, limits and rejects of nftables at a router.
ns c r s
wire c eth0 02:00:00:00:01:01 r c0 02:00:00:00:01:02
wire r s0 02:00:00:00:02:01 s eth0 02:00:00:00:02:02
ip -n c addr add 10.0.0.2/24 dev eth0; ip -n r addr add 10.0.0.1/24 dev c0
ip -n r addr add 10.1.0.1/24 dev s0; for a in 2 3 4 5; do ip -n s addr add 10.1.0.$a/24 dev eth0; done
ip -n c route add default via 10.0.0.1; ip -n s route add default via 10.1.0.1
fwd r
ip netns exec r nft -f - <<'R'
table inet f {
  counter replies { }
  set blocked { type ipv4_addr; flags interval; elements = { 10.1.0.4-10.1.0.9, 10.2.0.0/16 }; }
  chain forward { type filter hook forward priority filter; policy drop;
    ct state vmap { established : jump seen, related : accept, invalid : drop }
    ip daddr @blocked reject with icmp type admin-prohibited
    iifname "c0" ip daddr 10.1.0.3 icmp type echo-request counter drop
    udp dport { 50-60, 70 } reject
    udp dport 80 meta mark set 0x5 accept
    icmp type echo-request limit rate 1/hour burst 2 packets accept
  }
  chain seen { counter name replies
    accept
  }
  chain post { type filter hook postrouting priority mangle; meta mark 0x5 counter ip ttl set 9
  }
}
R
### probe
for a in 2 3 4; do ip netns exec c ping -c1 -W1 10.1.0.$a || echo "exit $?"; done
for p in 55 70 80 81; do echo q | ip netns exec c nc -u -w1 -p 40$p 10.1.0.2 $p || echo "exit $?"; done
ip netns exec c ping -c1 -W1 10.1.0.2
ip netns exec c ping -c1 -W1 10.1.0.2 || echo "exit $?"
ip netns exec r nft list ruleset
ip netns exec r nft -a list chain inet f forward
ip netns exec r nft delete rule inet f forward handle 99
ip netns exec r nft reset counters
ip netns exec r nft list counters
