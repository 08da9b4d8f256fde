# ip6tables' tcp-reset across a bridge
ns n1 a b
for n in n1 a b; do ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0 net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0; done
br n1 br0 02:00:00:00:00:01; ip -n n1 addr add fd00:1::1/64 dev br0 nodad; ip netns exec n1 sysctl -qw net.ipv6.conf.all.forwarding=1
wire a eth0 02:00:00:00:0a:01 n1 va 02:00:00:00:0b:01; ip -n n1 link set va master br0; ip -n a addr add fd00:1::2/64 dev eth0 nodad
wire b eth0 02:00:00:00:0a:02 n1 vb 02:00:00:00:0b:02; ip -n n1 link set vb master br0; ip -n b addr add fd00:1::3/64 dev eth0 nodad
sleep 3
### probe
ip netns exec n1 sysctl net.bridge.bridge-nf-call-ip6tables
ip netns exec n1 ip6tables -A FORWARD -p tcp -j REJECT --reject-with tcp-reset
ip netns exec n1 ip6tables -A INPUT -p tcp -j REJECT --reject-with tcp-reset
ip netns exec a nc -v -w1 -p 2001 fd00:1::3 80 </dev/null 2>&1; sleep 0.3
ip netns exec a nc -v -w1 -p 2003 fd00:1::1 80 </dev/null 2>&1; sleep 0.3
ip netns exec n1 ip6tables -nvL
