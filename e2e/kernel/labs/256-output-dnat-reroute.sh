# A host's own packets: OUTPUT changes destination or mark, and the way is looked up again.
ns h a b
wire h e1 02:00:00:00:01:01 a eth0 02:00:00:00:01:02
wire h e2 02:00:00:00:02:01 b eth0 02:00:00:00:02:02
ip -n h addr add 10.1.0.1/24 dev e1; ip -n h addr add 10.2.0.1/24 dev e2
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n b addr add 10.2.0.2/24 dev eth0
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1
ip -n a addr add 10.9.9.9/32 dev lo; ip -n b addr add 10.9.9.9/32 dev lo
ip -n h route add default via 10.1.0.2
ip -n h rule add fwmark 7 lookup 100; ip -n h route add default via 10.2.0.2 table 100
ip netns exec h iptables -t nat -A OUTPUT -d 10.96.0.1/32 -p udp -m udp --dport 53 -j DNAT --to-destination 10.2.0.2:5353
ip netns exec h iptables -t nat -A OUTPUT -d 10.96.0.2/32 -p udp -m udp --dport 53 -j REDIRECT --to-ports 5354
ip netns exec h iptables -t mangle -A OUTPUT -p udp --dport 77 -j MARK --set-mark 7
ip netns exec h iptables -t mangle -A PREROUTING -i e1 -j MARK --set-mark 7
ip netns exec b nc -luk 5353 >/dev/null &
ip netns exec h nc -luk 5354 >/dev/null &
sleep 0.3
### probe
echo q | ip netns exec h nc -u -w1 -p 4000 10.96.0.1 53
echo q | ip netns exec h nc -u -w1 -p 4001 10.96.0.2 53
echo q | ip netns exec h nc -u -w1 -p 4002 10.9.9.9 77
echo q | ip netns exec h nc -u -w1 -p 4003 10.9.9.9 78
ip netns exec h ping -c1 -W1 10.9.9.9
ip netns exec h iptables-save -c | grep -v '^#'
