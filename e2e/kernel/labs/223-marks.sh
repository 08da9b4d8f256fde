# Marks: set, and-ed, or-ed, routed by, saved to the flow and restored to the answers.
ns a r b; fwd r
wire a eth0 02:00:00:00:0a:01 r ra 02:00:00:00:0a:02; wire b eth0 02:00:00:00:0b:01 r rb 02:00:00:00:0b:02
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev ra; ip -n r addr add 10.2.0.1/24 dev rb; ip -n b addr add 10.2.0.2/24 dev eth0
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1
ip -n a neigh add 10.1.0.1 lladdr 02:00:00:00:0a:02 dev eth0; ip -n r neigh add 10.1.0.2 lladdr 02:00:00:00:0a:01 dev ra
ip -n b neigh add 10.2.0.1 lladdr 02:00:00:00:0b:02 dev eth0; ip -n r neigh add 10.2.0.2 lladdr 02:00:00:00:0b:01 dev rb
### probe
x() { ip netns exec r "$@" 2>&1 || echo "exit $?"; }
p() { ip netns exec a ping -c1 -W1 "$@" 2>&1 | sed -n 2p; }
x iptables -t mangle -A PREROUTING -i ra -j MARK --set-mark 0x10
x iptables -t mangle -A PREROUTING -i ra -j MARK --or-mark 0x1
x iptables -t mangle -A PREROUTING -i ra -j MARK --and-mark 0xf1
x iptables -t mangle -A PREROUTING -i ra -j MARK --xor-mark 0x20
x iptables -t mangle -A PREROUTING -i ra -j CONNMARK --save-mark
x iptables -t mangle -A PREROUTING -i rb -j CONNMARK --restore-mark
x iptables -A FORWARD -m mark --mark 0x31
x iptables -A FORWARD -m mark --mark 0x30/0xf0 -i rb
x iptables -A FORWARD -m connmark --mark 0x31
x iptables -A FORWARD -m mark ! --mark 0x31
p 10.2.0.2
x iptables -nvxL FORWARD
ip -n r rule add fwmark 0x31 table 100; ip -n r route add prohibit default table 100
p 10.2.0.2
ip -n r rule del fwmark 0x31
x iptables -t mangle -A OUTPUT -d 10.9.0.9 -j MARK --set-mark 5
ip -n r rule add fwmark 5 table 200; ip -n r route add default via 10.2.0.2 table 200
x ping -c1 -W1 10.9.0.9 | head -1
ip -n r route add default via 10.1.0.2
x ping -c1 -W1 10.9.0.9 | head -1
x iptables -t mangle -nvxL OUTPUT
