# Blackhole, unreachable, prohibit and throw routes: what the router itself is told, and what a host behind it hears.
ns h1 r1 r2 h2
wire h1 eth0 02:00:00:00:01:01 r1 left 02:00:00:00:01:02; wire r1 right 02:00:00:00:02:01 r2 left 02:00:00:00:02:02; wire r2 right 02:00:00:00:03:01 h2 eth0 02:00:00:00:03:02
ip -n h1 addr add 10.1.0.10/24 dev eth0; ip -n r1 addr add 10.1.0.1/24 dev left
ip -n r1 addr add 10.2.0.1/30 dev right; ip -n r2 addr add 10.2.0.2/30 dev left
ip -n r2 addr add 10.3.0.1/24 dev right; ip -n h2 addr add 10.3.0.10/24 dev eth0
ip -n h1 route add default via 10.1.0.1; ip -n h2 route add default via 10.3.0.1; fwd r1 r2
ip -n r1 route add 10.3.0.0/24 via 10.2.0.2; ip -n r2 route add 10.1.0.0/24 via 10.2.0.1
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
ip -n r1 route add blackhole 10.10.0.0/16; ip -n r1 route add unreachable 10.11.0.0/16
ip -n r1 route add prohibit 10.12.0.0/16; ip -n r1 route add throw 10.13.0.0/16
ip -n r1 route show root 10.8.0.0/13
for n in 10 11 12 13; do
  x ip -n r1 route get 10.$n.0.1; x ip netns exec r1 ping -c1 -W1 10.$n.0.1
  sleep 1.5; x ip netns exec h1 ping -c1 -W1 10.$n.0.1
done
for n in 11 12 13; do sleep 1.2; x ip netns exec h1 traceroute -n -q1 -N1 -w1 -m2 10.$n.0.1 | sed 's/ *[0-9.]* ms//'; done
ip netns exec r1 route -n
ip -n r1 route add unreachable default metric 4278198272; ip -n r1 route show default
ip -n r1 -d route show type unreachable
