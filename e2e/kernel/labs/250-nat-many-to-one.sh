# Two clients behind one address: each gets a mapping of its own; answers and errors find their way back.
ns c1 c2 r out
br r lan 02:00:00:00:0a:01
for i in 1 2; do wire r v$i 02:00:00:00:b0:0$i c$i eth0 02:00:00:00:aa:0$i; ip -n r link set v$i master lan
  ip -n c$i addr add 10.0.0.1$i/24 dev eth0; ip -n c$i route add default via 10.0.0.1; done
ip -n r addr add 10.0.0.1/24 dev lan
wire r wan 02:00:00:00:01:01 out eth0 02:00:00:00:01:02
ip -n r addr add 203.0.113.1/24 dev wan; ip -n out addr add 203.0.113.9/24 dev eth0
fwd r
ip netns exec r iptables -t nat -A POSTROUTING -o wan -j MASQUERADE
ip netns exec out nc -luk 53 >/dev/null &
sleep 0.3
### probe
echo a | ip netns exec c1 nc -u -w1 -p 4000 203.0.113.9 53
echo b | ip netns exec c1 nc -u -w1 -p 4001 203.0.113.9 53
echo c | ip netns exec c2 nc -u -w1 -p 4002 203.0.113.9 53
echo d | ip netns exec c2 nc -u -w1 -p 4003 203.0.113.9 54
ip netns exec c1 ping -c1 -W1 203.0.113.9
ip netns exec c2 ping -c1 -W1 -t1 203.0.113.9 || echo "exit $?"
ip netns exec c1 ping -c1 -W4 203.0.113.77 || echo "exit $?"
ip netns exec r conntrack -L 2>/dev/null | sed 's/^\(udp\|icmp\) *[0-9]* [0-9]*/\1/' | sed 's/id=[0-9]*/id=N/g' | sort
ip netns exec r iptables-save -c -t nat | grep -v '^#'
