# Rules at a bridge: which port a packet comes by, a refusal in the bridge, sources by MAC, and a bridge that does not ask.
ns a b r
br r br0 02:00:00:00:0c:01; wire a eth0 02:00:00:00:0a:01 r va 02:00:00:00:0a:02; wire b eth0 02:00:00:00:0b:01 r vb 02:00:00:00:0b:02
ip -n r link set va master br0; ip -n r link set vb master br0
ip -n a addr add 10.5.0.2/24 dev eth0; ip -n b addr add 10.5.0.3/24 dev eth0; ip -n r addr add 10.5.0.1/24 dev br0
ip -n a neigh add 10.5.0.3 lladdr 02:00:00:00:0b:01 dev eth0; ip -n b neigh add 10.5.0.2 lladdr 02:00:00:00:0a:01 dev eth0
ip -n a neigh add 10.5.0.1 lladdr 02:00:00:00:0c:01 dev eth0; ip -n r neigh add 10.5.0.2 lladdr 02:00:00:00:0a:01 dev br0
ip netns exec r sysctl -qw net.bridge.bridge-nf-call-iptables=1
### probe
x() { ip netns exec r "$@" 2>&1 || echo "exit $?"; }
p() { ip netns exec a ping -c1 -W1 "$@" 2>&1 | sed -n 2p; }
x iptables -A FORWARD -m physdev --physdev-in va
x iptables -A FORWARD -m physdev --physdev-out va
x iptables -A FORWARD -m physdev --physdev-is-bridged
x iptables -A FORWARD -m physdev ! --physdev-is-bridged
x iptables -A FORWARD -m physdev --physdev-in v+ --physdev-out vb
x iptables -A FORWARD -i br0 -o br0
x iptables -A FORWARD -i va
x iptables -A FORWARD -m mac --mac-source 02:00:00:00:0a:01
x iptables -A INPUT -m physdev --physdev-in va
x iptables -A INPUT -m physdev --physdev-is-in
x iptables -A INPUT -m physdev --physdev-is-bridged
x iptables -t mangle -A POSTROUTING -m physdev --physdev-out vb
x iptables -t mangle -A PREROUTING -m physdev --physdev-is-in
p 10.5.0.3; p 10.5.0.1
x iptables -nvxL FORWARD; x iptables -nvxL INPUT; x iptables -t mangle -nvxL PREROUTING; x iptables -t mangle -nvxL POSTROUTING
x iptables -P FORWARD DROP; p 10.5.0.3
x iptables -I FORWARD -p icmp --icmp-type 8 -j REJECT --reject-with icmp-admin-prohibited; p 10.5.0.3
ip netns exec r sysctl -qw net.bridge.bridge-nf-call-iptables=0; p 10.5.0.3
x iptables -nvxL FORWARD
