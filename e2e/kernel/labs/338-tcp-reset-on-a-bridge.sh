# REJECT --reject-with tcp-reset where the packet came in by a port of a bridge: the reset leaves by that port, from the MAC it was sent to
ns n1 a b w
br n1 br0 02:00:00:00:00:01; ip -n n1 addr add 10.1.0.1/24 dev br0; fwd n1
wire a eth0 02:00:00:00:0a:01 n1 va 02:00:00:00:0b:01; ip -n n1 link set va master br0; ip -n a addr add 10.1.0.2/24 dev eth0; ip -n a route add default via 10.1.0.1
wire b eth0 02:00:00:00:0a:02 n1 vb 02:00:00:00:0b:02; ip -n n1 link set vb master br0; ip -n b addr add 10.1.0.3/24 dev eth0
wire w eth0 02:00:00:00:0a:03 n1 eth0 02:00:00:00:0b:03; ip -n n1 addr add 192.168.9.1/24 dev eth0; ip -n w addr add 192.168.9.2/24 dev eth0; ip -n w route add default via 192.168.9.1
### probe
ip netns exec n1 iptables -A FORWARD -p tcp -j REJECT --reject-with tcp-reset
ip netns exec n1 iptables -A INPUT -p tcp -j REJECT --reject-with tcp-reset
ip netns exec n1 iptables -A OUTPUT -p tcp -j ACCEPT
echo bridged; ip netns exec a nc -v -w1 -p 2001 10.1.0.3 80 </dev/null 2>&1; sleep 0.3
echo routed; ip netns exec a nc -v -w1 -p 2002 192.168.9.2 80 </dev/null 2>&1; sleep 0.3
echo local; ip netns exec a nc -v -w1 -p 2003 10.1.0.1 80 </dev/null 2>&1; sleep 0.3
echo from a device that is no port; ip netns exec w nc -v -w1 -p 2004 10.1.0.3 80 </dev/null 2>&1; sleep 0.3
ip netns exec n1 iptables -nvL; ip -n n1 neigh | sort
echo without bridge-nf; ip netns exec n1 sysctl -qw net.bridge.bridge-nf-call-iptables=0
ip netns exec a nc -v -w1 -p 2005 192.168.9.2 80 </dev/null 2>&1; ip netns exec n1 iptables -nvL FORWARD;  ip -n n1 neigh | sort
ip netns exec n1 sysctl -qw net.bridge.bridge-nf-call-iptables=1; ip netns exec n1 iptables -F; ip -n n1 route add 10.7.0.0/16 dev br0
ip netns exec n1 iptables -t nat -A PREROUTING -d 10.9.9.9 -p tcp -j DNAT --to-destination 10.1.0.3:80; ip netns exec n1 iptables -A FORWARD -p tcp -j REJECT --reject-with tcp-reset
echo a service; ip netns exec a nc -v -w1 -p 2006 10.9.9.9 80 </dev/null 2>&1
