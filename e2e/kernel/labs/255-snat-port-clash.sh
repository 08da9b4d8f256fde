# Two flows that would look alike after SNAT: the second gets another port; a range of addresses goes by a hash.
ns c1 c2 r out
br r lan 02:00:00:00:0a:01
for i in 1 2; do wire r v$i 02:00:00:00:b0:0$i c$i eth0 02:00:00:00:aa:0$i; ip -n r link set v$i master lan
  ip -n c$i addr add 10.0.0.1$i/24 dev eth0; ip -n c$i route add default via 10.0.0.1; done
ip -n r addr add 10.0.0.1/24 dev lan
wire r wan 02:00:00:00:01:01 out eth0 02:00:00:00:01:02
for a in 1 2 3 4; do ip -n r addr add 203.0.113.$a/24 dev wan; done; ip -n out addr add 203.0.113.9/24 dev eth0
fwd r
ip netns exec r iptables -t nat -A POSTROUTING -o wan -p udp --dport 53 -j SNAT --to-source 203.0.113.1
ip netns exec r iptables -t nat -A POSTROUTING -o wan -p udp --dport 54 -j SNAT --to-source 203.0.113.1-203.0.113.4
ip netns exec r iptables -t nat -A POSTROUTING -o wan -p udp --dport 55 -j SNAT --to-source 203.0.113.2:5000-5000
ip netns exec r iptables -t nat -A POSTROUTING -o wan -p icmp -j SNAT --to-source 203.0.113.3
ip netns exec out nc -luk 53 >/dev/null &
ip netns exec out nc -luk 54 >/dev/null &
ip netns exec out nc -luk 55 >/dev/null &
sleep 0.3
### probe
for c in c1 c2; do for p in 54 55; do echo $c | ip netns exec $c nc -u -w1 -p 4000 203.0.113.9 $p; done; done
echo x | ip netns exec c1 nc -u -w1 -p 4009 203.0.113.9 54
for c in c1 c2; do ip netns exec $c ping -c1 -W1 203.0.113.9; done
ip netns exec r conntrack -L -p udp 2>/dev/null | sed 's/^udp *[0-9]* [0-9]*/udp/' | sort
ip netns exec r iptables-save -c -t nat | grep -v '^#'
