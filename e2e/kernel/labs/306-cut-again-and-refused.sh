# A router with conntrack cuts again where others cut before; who sends what OUTPUT drops hears of it; an own address by
# a device's name.
ns h1 a b h2
wire h1 eth0 02:00:00:00:01:01 a eth0 02:00:00:00:01:02
wire a eth1 02:00:00:00:02:01 b eth0 02:00:00:00:02:02
wire b eth1 02:00:00:00:03:01 h2 eth0 02:00:00:00:03:02
ip -n h1 addr add 10.1.0.1/24 dev eth0; ip -n a addr add 10.1.0.2/24 dev eth0
ip -n a addr add 10.2.0.1/24 dev eth1; ip -n b addr add 10.2.0.2/24 dev eth0
ip -n b addr add 10.3.0.1/24 dev eth1; ip -n h2 addr add 10.3.0.2/24 dev eth0
fwd a; fwd b
ip -n h1 route add default via 10.1.0.2; ip -n a route add 10.3.0.0/24 via 10.2.0.2
ip -n b route add 10.1.0.0/24 via 10.2.0.1; ip -n h2 route add default via 10.3.0.1
ip -n a link set eth1 mtu 1400
ip netns exec b iptables -A FORWARD -m conntrack --ctstate INVALID -j DROP
ip netns exec h2 nc -luk 5000 > /dev/null &
sleep 0.3
### probe
head -c 4000 /dev/zero | ip netns exec h1 nc -u -w1 -p 4000 10.3.0.2 5000
sleep 1
ip netns exec h1 ping -c1 -W1 -I eth0 10.1.0.1 | sed 's/time[= ].*//; s/^rtt.*/rtt/'
ip netns exec h1 iptables -A OUTPUT -d 10.3.0.2 -j DROP
ip netns exec h1 ping -c1 -W1 10.3.0.2 2>&1 | sed 's/time[= ].*//'
ip netns exec h1 traceroute -n -q1 -m2 -w1 10.3.0.2 2>&1
ip netns exec h1 iptables -F OUTPUT
ip netns exec h1 iptables -A OUTPUT -d 10.3.0.2 -j REJECT
ip netns exec h1 ping -c1 -W1 10.3.0.2 2>&1 | sed 's/time[= ].*//'
ip netns exec h1 iptables -F OUTPUT
ip netns exec h1 iptables -t mangle -A POSTROUTING -d 10.3.0.2 -j DROP
ip netns exec h1 ping -c1 -W1 10.3.0.2 2>&1 | sed 's/time[= ].*//'
