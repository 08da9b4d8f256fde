# Which addresses a host answers ARP for (arp_ignore, arp_filter), and which of its own it asks with (arp_announce).
ns a b; wire a e1 02:00:00:00:01:01 b e1 02:00:00:00:02:01; wire a e2 02:00:00:00:01:02 b e2 02:00:00:00:02:02; ip -n a addr add 10.1.0.1/24 dev e1; ip -n a addr add 10.1.0.7/24 dev e1
ip -n a addr add 10.2.0.1/24 dev e2; ip -n a addr add 10.5.0.1/32 dev lo; ip -n b addr add 10.1.0.2/24 dev e1; ip -n b addr add 10.2.0.2/24 dev e2; ip -n b addr add 10.6.0.1/32 dev lo
ip -n b addr add 10.7.0.1/24 scope link dev e2; ip -n b addr add 10.6.0.2/32 scope host dev e1; for d in 10.6.0.1 10.6.0.2 10.7.0.1; do ip -n a route add $d dev e1; done
for n in a b; do for d in e1 e2; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=600; done; done
### probe
x() { "$@" 2>&1 || echo "exit $?"; }; p() { x ip netns exec a ping -c1 -W0.5 -q "$@" | sed -n '/transmitted/p'; sleep 3; }
k() { echo "== $*"; ip netns exec $1 sysctl -qw net.ipv4.conf.$2; }
t() { ip -n a neigh flush all; for d in 10.1.0.2 10.2.0.2 10.6.0.1 10.6.0.2 10.7.0.1; do p $d & sleep 0.1; done; wait; x ip -n a neigh | sort; }; t; k b e1.arp_ignore=1; t
k b all.arp_ignore=2; t; p -I 10.2.0.1 10.1.0.2; k b all.arp_ignore=3; k b e1.arp_ignore=0; t; k b all.arp_ignore=8; t; k b all.arp_ignore=0
u() { ip -n a neigh flush all; p -I 10.1.0.7 10.1.0.2; ip -n a neigh flush all; p -I 10.2.0.1 10.1.0.2; ip -n a neigh flush all; p -I 10.5.0.1 10.1.0.2; }; u; k a e1.arp_announce=1; u
k a all.arp_announce=2; u; k b all.arp_filter=1; k a all.arp_announce=0; k a e1.arp_announce=0; u; ip -n b route add 10.5.0.1 via 10.2.0.1; u; x ip -n b neigh | sort
