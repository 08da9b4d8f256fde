# Chains of users: jump, goto, RETURN at each place, a chain that ends, chains that are never reached.
ns a r b; fwd r
wire a eth0 02:00:00:00:0a:01 r ra 02:00:00:00:0a:02; wire b eth0 02:00:00:00:0b:01 r rb 02:00:00:00:0b:02
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev ra; ip -n r addr add 10.2.0.1/24 dev rb; ip -n b addr add 10.2.0.2/24 dev eth0
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1
ip -n a neigh add 10.1.0.1 lladdr 02:00:00:00:0a:02 dev eth0; ip -n r neigh add 10.1.0.2 lladdr 02:00:00:00:0a:01 dev ra
ip -n b neigh add 10.2.0.1 lladdr 02:00:00:00:0b:02 dev eth0; ip -n r neigh add 10.2.0.2 lladdr 02:00:00:00:0b:01 dev rb
### probe
x() { ip netns exec r "$@" 2>&1 || echo "exit $?"; }
p() { ip netns exec a ping -c1 -W1 "$@" 2>&1 | sed -n 2p; }
x iptables -N one; x iptables -N two; x iptables -N three; x iptables -N empty
x iptables -A FORWARD -j one
x iptables -A FORWARD -p icmp -j two
x iptables -A FORWARD -g three
x iptables -A FORWARD -j DROP
x iptables -A one -s 10.1.0.0/24 -j RETURN
x iptables -A one -j two
x iptables -A two -d 10.1.0.2 -g three
x iptables -A two ! -p icmp -j DROP
x iptables -A three -j empty
x iptables -A three -i rb -j ACCEPT
x iptables -A three -i ra -j RETURN
x iptables -A three -j DROP
p 10.2.0.2
x iptables -P FORWARD DROP
p 10.2.0.2
x iptables -nvxL
x iptables -X two
x iptables -X empty
x iptables -F one
x iptables -X one
x iptables -A three -j two
x iptables -A FORWARD -g missing
x iptables -E three drei
x iptables-save -c -t filter | grep -v '^#'
