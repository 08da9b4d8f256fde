# The CNI plugin firewall as commands: pods accepted while FORWARD drops, and bridges kept apart.
ns n a b c
fwd n
br n br1 02:00:00:00:00:01; br n br2 02:00:00:00:00:02
ip -n n addr add 10.1.0.1/24 dev br1; ip -n n addr add 10.2.0.1/24 dev br2
wire a eth0 02:00:00:00:01:01 n va 02:00:00:00:02:01; wire b eth0 02:00:00:00:01:02 n vb 02:00:00:00:02:02; wire c eth0 02:00:00:00:01:03 n vc 02:00:00:00:02:03
ip -n n link set va master br1; ip -n n link set vb master br1; ip -n n link set vc master br2
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n a route add default via 10.1.0.1; ip -n b addr add 10.1.0.3/24 dev eth0; ip -n b route add default via 10.1.0.1
ip -n c addr add 10.2.0.2/24 dev eth0; ip -n c route add default via 10.2.0.1
t() { ip netns exec n iptables -w "$@"; }
t -P FORWARD DROP; t -N CNI-FORWARD; t -N CNI-ADMIN
t -I FORWARD 1 -m comment --comment "CNI firewall plugin rules" -j CNI-FORWARD
t -I CNI-FORWARD 1 -m comment --comment "CNI firewall plugin admin overrides" -j CNI-ADMIN
for p in 10.1.0.2 10.1.0.3 10.2.0.2; do t -A CNI-FORWARD -d $p/32 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT; t -A CNI-FORWARD -s $p/32 -j ACCEPT; done
for n in n a b c; do for d in eth0 br1 br2; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
### probe
t() { ip netns exec n iptables -w "$@"; }
ip netns exec a ping -c1 -W1 10.2.0.2 | sed 's/time=.*//;/rtt/d'
ip netns exec a ping -c1 -W1 10.1.0.3 | sed 's/time=.*//;/rtt/d'
A="CNI firewall plugin rules (ingressPolicy: same-bridge|isolated)"; P="CNI firewall plugin rules (ingressPolicy: isolated)"
t -N CNI-ISOLATION-STAGE-1; t -N CNI-ISOLATION-STAGE-2; t -I FORWARD 1 -j CNI-ISOLATION-STAGE-1 -m comment --comment "$A"
for b in br1 br2; do
  t -I CNI-ISOLATION-STAGE-1 1 -i $b ! -o $b -j CNI-ISOLATION-STAGE-2 -m comment --comment "$P"; t -I CNI-ISOLATION-STAGE-1 1 -i $b -o $b -j DROP -m comment --comment "$P"
  t -I CNI-ISOLATION-STAGE-2 1 -o $b -j DROP -m comment --comment "$A"
done
t -A CNI-ISOLATION-STAGE-1 -j RETURN -m comment --comment "$A"; t -A CNI-ISOLATION-STAGE-2 -j RETURN -m comment --comment "$A"
t -S FORWARD; t -S CNI-ISOLATION-STAGE-1; t -S CNI-ISOLATION-STAGE-2
ip netns exec a ping -c1 -W1 10.2.0.2 | sed 's/time=.*//;/rtt/d'
ip netns exec a ping -c1 -W1 10.1.0.3 | sed 's/time=.*//;/rtt/d'
