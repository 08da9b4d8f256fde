# The same for IPv6 inside: the VXLAN says "packet too big" in the name of whom the frame was for.
ns n m
for x in h k; do ip netns add $x; done
ip netns exec h sysctl -qw net.ipv6.conf.default.router_solicitations=0; ip netns exec k sysctl -qw net.ipv6.conf.default.router_solicitations=0
wire h hn 02:00:00:00:01:01 n nh 02:00:00:00:01:02
wire n nm 02:00:00:00:02:01 m mn 02:00:00:00:02:02
wire m mk 02:00:00:00:03:01 k km 02:00:00:00:03:02
br n br0 02:00:00:00:0a:01; br m br0 02:00:00:00:0a:02
ip -n n link set nh master br0; ip -n m link set mk master br0
ip -n h addr add fd00::1/64 dev hn nodad; ip -n k addr add fd00::2/64 dev km nodad
ip -n h neigh add fd00::2 lladdr 02:00:00:00:03:02 dev hn; ip -n k neigh add fd00::1 lladdr 02:00:00:00:01:01 dev km
ip -n n addr add 10.9.0.1/24 dev nm; ip -n m addr add 10.9.0.2/24 dev mn
ip -n n link set nm mtu 1400; ip -n m link set mn mtu 1400
ip -n n neigh add 10.9.0.2 lladdr 02:00:00:00:02:02 dev nm; ip -n m neigh add 10.9.0.1 lladdr 02:00:00:00:02:01 dev mn
ip -n n link add vx address 02:00:00:00:0b:01 type vxlan id 7 dstport 4789 local 10.9.0.1 remote 10.9.0.2
ip -n m link add vx address 02:00:00:00:0b:02 type vxlan id 7 dstport 4789 local 10.9.0.2 remote 10.9.0.1
for x in n m; do ip -n $x link set vx master br0; ip -n $x link set vx up; done
sleep 4
### probe
at() { ip netns exec "$@"; }
at h ping -c1 -W1 fd00::2 | grep -o '.*received'
at h ping -c2 -i.3 -W1 -M do -s 1380 fd00::2 2>/dev/null | sed 's/time[= ].*//'
at h ip -6 route get fd00::2 | sed 's/expires [0-9]*sec/expires/'
at h ping -c1 -W1 -s 1380 fd00::2 | grep -o '.*received'
echo "an underlay too small for any IPv6 packet"
ip -n n link set nm mtu 1300; ip -n m link set mn mtu 1300
at h ip -6 route flush cache
at h ping -c1 -W1 -s 1250 fd00::2 2>/dev/null | sed 's/time[= ].*//'
