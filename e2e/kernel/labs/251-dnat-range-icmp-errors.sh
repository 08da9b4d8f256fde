# A published port whose server says no: the ICMP error that comes back is translated too, outside and inside.
ns out r s
wire out eth0 02:00:00:00:01:01 r wan 02:00:00:00:01:02
wire r lan 02:00:00:00:02:01 s eth0 02:00:00:00:02:02
ip -n out addr add 203.0.113.9/24 dev eth0; ip -n r addr add 203.0.113.1/24 dev wan
ip -n r addr add 10.0.0.1/24 dev lan; ip -n s addr add 10.0.0.2/24 dev eth0; ip -n s route add default via 10.0.0.1
fwd r
ip netns exec r iptables -t nat -A PREROUTING -i wan -p udp --dport 8000:8010 -j DNAT --to-destination 10.0.0.2:53
ip netns exec r iptables -t nat -A PREROUTING -i wan -p udp --dport 9000 -j DNAT --to-destination 10.0.0.99
ip netns exec r iptables -t nat -A PREROUTING -i wan -p icmp -j DNAT --to-destination 10.0.0.2
### probe
echo c | ip netns exec out nc -u -w4 -p 4002 203.0.113.1 9000 || echo "exit $?"
echo a | ip netns exec out nc -u -w1 -p 4000 203.0.113.1 8001 || echo "exit $?"
echo b | ip netns exec out nc -u -w1 -p 4001 203.0.113.1 8002 || echo "exit $?"
ip netns exec out ping -c1 -W1 203.0.113.1
ip netns exec out ping -c1 -W1 -s 1500 203.0.113.1
ip netns exec r iptables -t nat -L -n -v
