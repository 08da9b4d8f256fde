# A VXLAN in a bridge whose underlay is too small: it answers a DF frame itself, in the name of whom it was for.
ns h n m k
wire h hn 02:00:00:00:01:01 n nh 02:00:00:00:01:02
wire n nm 02:00:00:00:02:01 m mn 02:00:00:00:02:02
wire m mk 02:00:00:00:03:01 k km 02:00:00:00:03:02
br n br0 02:00:00:00:0a:01; br m br0 02:00:00:00:0a:02
ip -n n link set nh master br0; ip -n m link set mk master br0
ip -n h addr add 10.1.0.1/24 dev hn; ip -n k addr add 10.1.0.2/24 dev km
ip -n n addr add 10.9.0.1/24 dev nm; ip -n m addr add 10.9.0.2/24 dev mn
ip -n n link set nm mtu 1400; ip -n m link set mn mtu 1400
ip -n n link add vx address 02:00:00:00:0b:01 type vxlan id 7 dstport 4789 local 10.9.0.1 remote 10.9.0.2
ip -n m link add vx address 02:00:00:00:0b:02 type vxlan id 7 dstport 4789 local 10.9.0.2 remote 10.9.0.1
for x in n m; do ip -n $x link set vx master br0; ip -n $x link set vx up; done
sleep 1
### probe
exec 2>&1
at() { ip netns exec "$@"; }
at h ping -c1 -W1 10.1.0.2 | grep -o '.*received'
at h ping -c2 -i.3 -W1 -M do -s 1400 10.1.0.2 2>/dev/null | sed 's/time[= ].*//'
at h ip route get 10.1.0.2 | sed 's/expires [0-9]*sec/expires/;1s/ uid.*//'
echo "without DF"
at h ping -c1 -W1 -M dont -s 1400 10.1.0.2 | grep -o '.*received'
echo "udp"
at k timeout 3 nc -u -l 9 >/dev/null & sleep .1
head -c 1350 /dev/zero | at h nc -u -p 5000 -w1 10.1.0.2 9; sleep .2
at h sysctl -qw net.ipv4.ip_no_pmtu_disc=0; at h ip route flush cache
at h ping -c1 -W1 -M do -s 1330 10.1.0.2 2>/dev/null | sed 's/time[= ].*//'
at n ip -s link show vx | tail -2 | awk '{print $1, $2, $3, $4}'
