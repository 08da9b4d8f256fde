# conntrack -L, -C, -D, -F: how entries read, what filters choose, what is said. ICMP ids and half-run timeouts are left out.
ns a b; wire a eth0 02:00:00:00:00:0a b eth0 02:00:00:00:00:0b
ip -n a addr add 10.0.0.1/24 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0
ip -n a neigh add 10.0.0.2 lladdr 02:00:00:00:00:0b dev eth0; ip -n b neigh add 10.0.0.1 lladdr 02:00:00:00:00:0a dev eth0
ip netns exec b iptables -A INPUT -m conntrack --ctstate NEW
ip netns exec b iptables -t nat -A PREROUTING -p udp --dport 81 -j REDIRECT --to-ports 80
ip netns exec b iptables -t mangle -A PREROUTING -p udp --dport 99 -j CONNMARK --set-mark 5
### probe
ct() { echo "--- $*"; ip netns exec b conntrack "$@" 2>/dev/null | sed -E 's/id=[0-9]+/id=I/g; s/ (1|17) [0-9]+ / \1 T /' | sort; ip netns exec b conntrack "$@" 2>&1 >/dev/null || echo "exit $?"; }
ct -L
ip netns exec a ping -c1 -W1 10.0.0.2 > /dev/null
for p in 80 81 99; do echo hi | ip netns exec a nc -u -w1 -p 50$p 10.0.0.2 $p || true; done
ct -L; ct -L -p udp; ct -L -p udp --dport 81; ct -L -p udp --reply-port-src 80; ct -L -p icmp
ct -L -s 10.0.0.1; ct -L -d 10.0.0.9; ct -L -r 10.0.0.2 -p icmp; ct -L -q 10.0.0.0/24 -p icmp; ct -L --mark 5; ct -L -m 1/1
ct -L -u UNREPLIED; ct -L -u ASSURED; ct -L -g -p udp; ct -L -n -p udp; ct -L -j; ct -L -f ipv6; ct -L -o extended -p udp --sport 5080
ip netns exec b conntrack -C
ct -D -p udp --dport 99; ip netns exec b conntrack -C; ct -L -p foo; ct -L --sport 1; ct -L -s x; ct -X
ip netns exec b conntrack -F 2>&1; ip netns exec b conntrack -C; ct -D
