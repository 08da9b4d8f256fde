# A pod behind proxy ARP whose node has no route for the pod's made-up gateway: nobody answers, three questions a try, all that waits fails together.
# (Without the pause the second ping's third packet meets the end of the third question, and a kernel does now this, now that.)
ns n p q
wire n c1 ee:ee:ee:ee:ee:ee p eth0 02:00:00:00:04:01; wire n c2 02:00:00:00:02:02 q eth0 02:00:00:00:04:02; fwd n
ip netns exec n sysctl -qw net.ipv4.conf.c1.proxy_arp=1 net.ipv4.neigh.c1.proxy_delay=0
ip -n p route add 169.254.1.1 dev eth0 scope link; ip -n p route add default via 169.254.1.1 dev eth0; ip -n p addr add 10.244.1.5/32 dev eth0
ip -n n route add 10.244.1.5 dev c1 scope link; ip -n n route add blackhole 10.244.1.0/26
ip -n n addr add 172.18.0.1/16 dev c2; ip -n q addr add 172.18.0.2/16 dev eth0; ip -n n route add 10.244.2.0/26 via 172.18.0.2; ip -n q route add default via 172.18.0.1
for n in n p q; do for d in eth0 c1 c2; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
### probe
p() { ip netns exec p ping "$@" | sed 's/time=.*//;s/, time .*//;/rtt/d;/^$/d'; }
p -c1 -W1 10.244.1.9; sleep 0.5; p -c3 -W1 10.244.2.9; ip -n p neigh; sleep 1.5
ip -n n route add default via 172.18.0.2; p -c2 -W1 10.244.1.9; ip -n p neigh | sed 's/ REACHABLE//'; p -c1 -W1 172.18.0.2
