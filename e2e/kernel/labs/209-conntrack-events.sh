# conntrack -E: new entries, the first reply, and what filters leave of them.
ns a b; wire a eth0 02:00:00:00:00:0a b eth0 02:00:00:00:00:0b
ip -n a addr add 10.0.0.1/24 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0
ip -n a neigh add 10.0.0.2 lladdr 02:00:00:00:00:0b dev eth0; ip -n b neigh add 10.0.0.1 lladdr 02:00:00:00:00:0a dev eth0
ip netns exec b iptables -A INPUT -m conntrack --ctstate NEW
### probe
ip netns exec b timeout 4 conntrack -E > events 2>&1 & sleep 0.3
ip netns exec b timeout 4 conntrack -E -e NEW -p udp -o extended > new 2>&1 & sleep 0.2
ip netns exec a ping -c1 -W1 10.0.0.2 > /dev/null
echo hi | ip netns exec a nc -u -w1 -p 5000 10.0.0.2 80 || true
sleep 4; sed -E 's/id=[0-9]+/id=I/g; s/ (1|17) [0-9]+ / \1 T /' events; sed -E 's/ 17 [0-9]+ / 17 T /' new; rm events new
