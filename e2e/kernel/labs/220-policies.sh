# Policies and counters: a policy counts only once it was set or the chain was zeroed; a rule without a target counts and goes on.
ns a r b; fwd r
wire a eth0 02:00:00:00:0a:01 r ra 02:00:00:00:0a:02; wire b eth0 02:00:00:00:0b:01 r rb 02:00:00:00:0b:02
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev ra; ip -n r addr add 10.2.0.1/24 dev rb; ip -n b addr add 10.2.0.2/24 dev eth0
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1
ip -n a neigh add 10.1.0.1 lladdr 02:00:00:00:0a:02 dev eth0; ip -n r neigh add 10.1.0.2 lladdr 02:00:00:00:0a:01 dev ra
ip -n b neigh add 10.2.0.1 lladdr 02:00:00:00:0b:02 dev eth0; ip -n r neigh add 10.2.0.2 lladdr 02:00:00:00:0b:01 dev rb
### probe
x() { ip netns exec r "$@" 2>&1 || echo "exit $?"; }
p() { ip netns exec a ping -c1 -W1 "$@" 2>&1 | sed -n 2p; }
x iptables -A FORWARD -p icmp
p 10.2.0.2
x iptables -nvxL FORWARD
x iptables -P FORWARD DROP
p 10.2.0.2
x iptables-save -c -t filter | grep -v '^#'
x iptables -I FORWARD -i ra -j ACCEPT
p 10.2.0.2
x iptables -I FORWARD 2 -i rb -j ACCEPT
p 10.2.0.2
x iptables -nvxL FORWARD
x iptables -Z FORWARD
x iptables -P INPUT DROP
p 10.1.0.1
p 10.2.0.2
x iptables -nvxL
x iptables -D FORWARD 1
x iptables -R FORWARD 1 -p icmp -j RETURN
x iptables -P OUTPUT DROP
x ping -c1 -W1 10.1.0.2
x iptables -S
x iptables-save -c -t filter | grep -v '^#'
