# GRE with and without a key, gretap under a bridge: headers, sizes, what ip says.
ns n1 n2
wire n1 eth0 02:00:00:00:01:01 n2 eth0 02:00:00:00:01:02
for i in 1 2; do o=$((3-i)); ip -n n$i addr add 10.0.0.$i/24 dev eth0
  ip -n n$i tunnel add g1 mode gre local 10.0.0.$i remote 10.0.0.$o ttl 64; ip -n n$i addr add 10.1.0.$i/24 dev g1; ip -n n$i link set g1 up
  ip -n n$i link add g2 type gre local 10.0.0.$i remote 10.0.0.$o key 77; ip -n n$i addr add 10.2.0.$i/24 dev g2; ip -n n$i link set g2 up
  ip -n n$i link add g3 address 02:00:00:00:03:0$i type gretap local 10.0.0.$i remote 10.0.0.$o key 5; ip -n n$i addr add 10.3.0.$i/24 dev g3; ip -n n$i link set g3 up
done
for n in n1 n2; do for d in eth0 g3; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
### probe
ip netns exec n1 ping -c1 -W1 10.1.0.2
ip netns exec n1 ping -c1 -W1 10.2.0.2
ip netns exec n1 ping -c1 -W1 10.3.0.2
ip netns exec n1 ping -c1 -W1 -s 1449 -M do 10.1.0.2 2>&1; echo "exit $?"
ip netns exec n1 ping -c1 -W1 -s 1430 -M do 10.3.0.2 2>&1; echo "exit $?"
ip -n n1 tunnel show g1; ip -n n1 tunnel show g2; ip -n n1 tunnel list mode gre | grep -v erspan
ip -n n1 -j tunnel show g2
ip -n n1 -d link show g2 | grep -o 'link/.*\|gre remote.*okey [0-9.]*'; ip -n n1 -d link show g3 | grep -o 'gretap remote.*okey [0-9.]*\|mtu [0-9]* qdisc\|minmtu.*'; ip -n n1 -d link show gre0 | grep -o 'gre remote.*nopmtudisc'
ip -n n1 -j -d link show g2 | grep -o '"info_data":{[^}]*}'
ip -n n1 -s link show g1 | tail -4; ip -n n1 -s link show g3 | tail -4
ip -n n2 link del g2
ip netns exec n1 ping -c1 -W1 10.2.0.2; echo "exit $?"
ip -n n1 tunnel add g4 mode gre remote 10.0.0.2 local 10.0.0.1 2>&1; echo "exit $?"
ip -n n1 tunnel add g4 mode gre remote 10.0.0.9 ikey 1.2.3.4 okey 9; ip -n n1 tunnel show g4
ip -n n1 tunnel change g4 remote 10.0.0.8 ttl 5; ip -n n1 tunnel show g4; ip -n n1 tunnel del g4; echo "exit $?"
ip -n n1 link del gre0; echo "exit $?"; ip -n n1 -br link show gre0
