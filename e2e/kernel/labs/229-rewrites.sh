# Headers rewritten: TTL, TOS, DSCP; owner, and what LOG and NFLOG leave alone; rpfilter.
ns a r b; fwd r
wire a eth0 02:00:00:00:0a:01 r ra 02:00:00:00:0a:02; wire b eth0 02:00:00:00:0b:01 r rb 02:00:00:00:0b:02
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev ra; ip -n r addr add 10.2.0.1/24 dev rb; ip -n b addr add 10.2.0.2/24 dev eth0
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1
ip -n a neigh add 10.1.0.1 lladdr 02:00:00:00:0a:02 dev eth0; ip -n r neigh add 10.1.0.2 lladdr 02:00:00:00:0a:01 dev ra
ip -n b neigh add 10.2.0.1 lladdr 02:00:00:00:0b:02 dev eth0; ip -n r neigh add 10.2.0.2 lladdr 02:00:00:00:0b:01 dev rb
ns c; wire c eth0 02:00:00:00:0c:01 r rc 02:00:00:00:0c:02; ip -n c addr add 10.9.0.2/24 dev eth0; ip -n r addr add 10.9.0.1/24 dev rc
ip -n r neigh add 10.9.0.2 lladdr 02:00:00:00:0c:01 dev rc; ip -n a addr add 10.9.0.2/32 dev eth0
### probe
x() { ip netns exec r "$@" 2>&1 || echo "exit $?"; }
p() { ip netns exec a ping -c1 -W1 "$@" 2>&1 | sed -n 2p; }
x iptables -t mangle -A PREROUTING -i ra -j TTL --ttl-inc 5
x iptables -t mangle -A POSTROUTING -o rb -j TOS --set-tos 0x10
p 10.2.0.2
x iptables -t mangle -R PREROUTING 1 -i ra -j TTL --ttl-set 1
p 10.2.0.2
x iptables -t mangle -R PREROUTING 1 -i ra -j TTL --ttl-dec 10
x iptables -t mangle -R POSTROUTING 1 -o rb -j DSCP --set-dscp-class EF
p 10.2.0.2
x iptables -A OUTPUT -m owner --uid-owner 0
x iptables -A OUTPUT -m owner ! --uid-owner 0
x iptables -A OUTPUT -m owner --socket-exists
x ping -c1 -W1 10.1.0.2 | sed -n 2p
p 10.1.0.1
x iptables -nvxL OUTPUT
x iptables -A INPUT -j LOG --log-prefix "in: "
x iptables -A INPUT -j NFLOG --nflog-group 3
p 10.1.0.1
x iptables -nvxL INPUT
x iptables -t raw -A PREROUTING -m rpfilter --invert -j DROP
p -I 10.9.0.2 10.2.0.2
p 10.2.0.2
x iptables -t raw -R PREROUTING 1 -m rpfilter --loose --invert -j DROP
p -I 10.9.0.2 10.2.0.2
x iptables -t raw -nvxL
x iptables -t mangle -nvxL
