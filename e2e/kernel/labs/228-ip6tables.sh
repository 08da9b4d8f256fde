# ip6tables: policies, REJECT's errors, hop limits, states, sets, marks, addresses of this host, masquerading.
ns a r b; for n in a r b; do ip netns exec $n sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0 net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0 net.ipv6.icmp.ratelimit=0; done
wire a eth0 02:00:00:00:0a:01 r ra 02:00:00:00:0a:02; wire b eth0 02:00:00:00:0b:01 r rb 02:00:00:00:0b:02
ip -n a addr add fd01::2/64 dev eth0 nodad; ip -n r addr add fd01::1/64 dev ra nodad; ip -n r addr add fd02::1/64 dev rb nodad; ip -n b addr add fd02::2/64 dev eth0 nodad
ip netns exec r sysctl -qw net.ipv6.conf.all.forwarding=1
ip -n a route add default via fd01::1; ip -n b route add default via fd02::1
ip -n a neigh add fd01::1 lladdr 02:00:00:00:0a:02 dev eth0; ip -n r neigh add fd01::2 lladdr 02:00:00:00:0a:01 dev ra
ip -n b neigh add fd02::1 lladdr 02:00:00:00:0b:02 dev eth0; ip -n r neigh add fd02::2 lladdr 02:00:00:00:0b:01 dev rb
sleep 3
### probe
x() { ip netns exec r "$@" 2>&1 || echo "exit $?"; }
p() { ip netns exec a ping -c1 -W1 "$@" 2>&1 | sed -n 2p; }
p fd02::2
x ip6tables -A FORWARD -p ipv6-icmp --icmpv6-type echo-request
x ip6tables -A FORWARD -s fd01::/64 -d fd02::2
x ip6tables -A FORWARD ! -s fd01::2
x ip6tables -A FORWARD -m hl --hl-eq 63
x ip6tables -A FORWARD -m conntrack --ctstate NEW
x ip6tables -A FORWARD -m conntrack --ctstate ESTABLISHED
x ip6tables -A FORWARD -m length --length 104
x ipset create six hash:ip family inet6; x ipset add six fd02::2
x ip6tables -A FORWARD -m set --match-set six dst
x ip6tables -A INPUT -m addrtype --dst-type LOCAL
x ip6tables -t mangle -A PREROUTING -i ra -j MARK --set-mark 9
x ip6tables -A FORWARD -m mark --mark 9
p fd02::2; p fd01::1
x ip6tables -nvxL FORWARD
for w in icmp6-no-route icmp6-adm-prohibited icmp6-addr-unreachable icmp6-port-unreachable; do x ip6tables -I FORWARD -d fd02::2 -j REJECT --reject-with $w; p fd02::2; x ip6tables -D FORWARD 1; done
x ip6tables -t mangle -A PREROUTING -i ra -j HL --hl-set 1; p fd02::2; x ip6tables -t mangle -F
x ip6tables -t nat -A POSTROUTING -o rb -j MASQUERADE; p fd02::2; x ip6tables -t nat -nvxL POSTROUTING
x ip6tables -P FORWARD DROP; p fd02::2; x ip6tables -S FORWARD
