# Connection states: a stateful firewall, errors that belong to a flow, what is not tracked.
ns a r b; fwd r
wire a eth0 02:00:00:00:0a:01 r ra 02:00:00:00:0a:02; wire b eth0 02:00:00:00:0b:01 r rb 02:00:00:00:0b:02
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev ra; ip -n r addr add 10.2.0.1/24 dev rb; ip -n b addr add 10.2.0.2/24 dev eth0
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1
ip -n a neigh add 10.1.0.1 lladdr 02:00:00:00:0a:02 dev eth0; ip -n r neigh add 10.1.0.2 lladdr 02:00:00:00:0a:01 dev ra
ip -n b neigh add 10.2.0.1 lladdr 02:00:00:00:0b:02 dev eth0; ip -n r neigh add 10.2.0.2 lladdr 02:00:00:00:0b:01 dev rb
### probe
x() { ip netns exec r "$@" 2>&1 || echo "exit $?"; }
p() { ip netns exec a ping -c1 -W1 "$@" 2>&1 | sed -n 2p; }
x iptables -P FORWARD DROP
x iptables -A FORWARD -m conntrack --ctstate INVALID -j DROP
x iptables -A FORWARD -m conntrack --ctstate ESTABLISHED
x iptables -A FORWARD -m state --state RELATED
x iptables -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
x iptables -A FORWARD -i ra -m conntrack --ctstate NEW -j ACCEPT
p 10.2.0.2
ip netns exec b ping -c1 -W1 10.1.0.2 | sed -n 2p
x iptables -nvxL FORWARD
x iptables -Z
echo x | ip netns exec a nc -u -w1 -p 4001 10.2.0.2 99
ip netns exec a ping -c3 -i0.3 -W1 10.2.0.2 | grep -c time=
x iptables -I FORWARD -m conntrack --ctdir REPLY
x iptables -I FORWARD -m conntrack --ctorigdst 10.2.0.0/24
x iptables -I FORWARD -m conntrack --ctproto udp
x iptables -nvxL FORWARD
x iptables -t raw -A PREROUTING -p icmp -j NOTRACK
x iptables -A FORWARD -m conntrack --ctstate UNTRACKED -j ACCEPT
p 10.2.0.2
x iptables -t raw -R PREROUTING 1 -p icmp -j CT --notrack
p 10.2.0.2
x iptables -nvxL FORWARD
