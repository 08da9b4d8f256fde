# Chains of table nat see packets only where something needs conntrack: a match, or a target that translates.
ns c1 host
wire host veth1 02:00:00:00:b0:01 c1 eth0 02:42:ac:11:00:02
ip -n host addr add 172.17.0.1/16 dev veth1; ip -n c1 addr add 172.17.0.2/16 dev eth0
ip netns exec host iptables -t nat -A PREROUTING -p icmp -j ACCEPT
### probe
p() { ip netns exec c1 ping -c1 -W1 172.17.0.1 | grep received; }
save() { ip netns exec host iptables-save -c | grep -v '^#'; }
p; save
ip netns exec host iptables -A INPUT -m conntrack --ctstate NEW
p; save
ip netns exec host iptables -D INPUT -m conntrack --ctstate NEW
p; save
ip netns exec host iptables -t nat -A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE
p; save
