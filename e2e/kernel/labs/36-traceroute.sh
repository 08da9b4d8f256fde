# traceroute: several probes, several at once, first and last hop, ICMP, and places that cannot be reached.
ns h1 r1 r2 h2
wire h1 eth0 02:00:00:00:01:01 r1 left 02:00:00:00:01:02; wire r1 right 02:00:00:00:02:01 r2 left 02:00:00:00:02:02; wire r2 right 02:00:00:00:03:01 h2 eth0 02:00:00:00:03:02
ip -n h1 addr add 10.1.0.10/24 dev eth0; ip -n r1 addr add 10.1.0.1/24 dev left
ip -n r1 addr add 10.2.0.1/30 dev right; ip -n r2 addr add 10.2.0.2/30 dev left
ip -n r2 addr add 10.3.0.1/24 dev right; ip -n h2 addr add 10.3.0.10/24 dev eth0
ip -n h1 route add default via 10.1.0.1; ip -n h2 route add default via 10.3.0.1; fwd r1 r2
ip -n r1 route add 10.3.0.0/24 via 10.2.0.2; ip -n r2 route add 10.1.0.0/24 via 10.2.0.1
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
t() { x ip netns exec h1 traceroute -n -w1 "$@" | sed -E 's/  ?[0-9.]+ ms//g'; }
t -q1 10.3.0.10
t -q2 -N1 10.3.0.10
t -q1 -N1 -m2 10.3.0.10
t -q1 -N1 -f3 10.3.0.10
t -q1 -N1 -I 10.3.0.10
t -q1 -N1 -m4 10.3.0.77
t -q1 -N1 -m3 10.2.0.2 100
sleep 1.5
t -q1 -N1 10.9.9.9
x ip netns exec h1 traceroute -n -m 0 10.3.0.10
x ip netns exec h1 traceroute -n -s 10.1.0.77 10.3.0.10
x ip netns exec h1 traceroute nosuchhost
