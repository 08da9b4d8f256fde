# IPIP between two routers: TTL and DF of the outer header, path MTU noted for every destination, a narrow link on the way.
ns n1 n2 r p1 p2
wire n1 eth0 02:00:00:00:01:01 r e1 02:00:00:00:02:01
wire n2 eth0 02:00:00:00:01:02 r e2 02:00:00:00:02:02
wire p1 eth0 02:00:00:00:aa:01 n1 c1 02:00:00:00:ac:01
wire p2 eth0 02:00:00:00:aa:02 n2 c2 02:00:00:00:ac:02
ip -n r addr add 10.0.1.1/24 dev e1; ip -n r addr add 10.0.2.1/24 dev e2; fwd r n1 n2
for i in 1 2; do o=$((3-i))
  ip -n n$i addr add 10.0.$i.2/24 dev eth0; ip -n n$i route add default via 10.0.$i.1
  ip -n n$i addr add 10.1.$i.1/24 dev c$i; ip -n p$i addr add 10.1.$i.2/24 dev eth0; ip -n p$i route add default via 10.1.$i.1
  ip -n n$i tunnel add t0 mode ipip local 10.0.$i.2 remote 10.0.$o.2; ip -n n$i addr add 10.9.0.$i/24 dev t0; ip -n n$i link set t0 up
  ip -n n$i route add 10.1.$o.0/24 dev t0
done
for n in n1 n2 r p1 p2; do for d in eth0 e1 e2 c1 c2; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
### probe
ip netns exec p1 ping -c1 -W1 10.1.2.2
ip netns exec n1 ping -c1 -W1 10.9.0.2
ip -n n1 route get 10.1.2.2 | sed 's/expires [0-9]*sec/expires/'; ip -n n1 route get 10.0.2.2
ip -n r link set e2 mtu 1400
ip netns exec p1 ping -c1 -W1 -s 1452 -M do 10.1.2.2; echo "exit $?"
ip netns exec p1 ping -c1 -W1 -s 1452 -M do 10.1.2.2; echo "exit $?"
ip netns exec p1 ping -c1 -W1 -s 1400 -M dont 10.1.2.2; echo "exit $?"
ip -n n1 route get 10.1.2.2 | sed 's/expires [0-9]*sec/expires/'; ip -n n1 route get 10.0.2.2 | sed 's/expires [0-9]*sec/expires/'
ip netns exec n1 ping -c1 -W1 -s 1452 -M do 10.9.0.2; echo "exit $?"
ip netns exec n1 ping -c1 -W1 -s 1452 -M do 10.9.0.2 2>&1; echo "exit $?"
ip netns exec p1 ping -c1 -W1 -Q 0x20 10.1.2.2
ip -n n1 -s link show t0 | tail -4
ip -n n1 -s tunnel show t0
