# A router tells of a better first hop, and a host believes it, as send_redirects, accept_redirects and shared_media allow.
ns a r s b; br r sw 02:00:00:00:02:00; wire a eth0 02:00:00:00:01:01 r pa 02:00:00:00:02:01; wire s lan 02:00:00:00:04:01 r ps 02:00:00:00:02:02; ip -n r link set pa master sw
ip -n r link set ps master sw; wire s wan 02:00:00:00:04:02 b eth0 02:00:00:00:05:01; fwd r s; ip -n a addr add 10.1.0.2/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev sw
ip -n s addr add 10.1.0.9/24 dev lan; ip -n s addr add 10.2.0.1/24 dev wan; ip -n b addr add 10.2.0.2/24 dev eth0; ip -n a route add default via 10.1.0.1
ip -n r route add 10.2.0.0/24 via 10.1.0.9; ip -n b route add default via 10.2.0.1
for n in a r s b; do for d in $(ip netns exec $n ls /proc/sys/net/ipv4/neigh); do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60; done; done
### probe
x() { "$@" 2>&1 || echo "exit $?"; }; p() { x ip netns exec a ping -c$1 -i0.3 -W0.5 10.2.0.2 | sed 's/time.*//;/rtt/d'; }; g() { x ip -n a route get 10.2.0.2 | sed 's/expires [0-9]*sec//'; }
k() { echo "== $*"; ip netns exec $1 sysctl -qw net.ipv4.conf.$2; }; f() { ip -n a route flush cache; }; x ip -n r route get 10.2.0.2 from 10.1.0.2 iif sw; p 2; g; f
k a eth0.accept_redirects=0; k a all.accept_redirects=0; sleep 1; p 2; g; f; k a eth0.accept_redirects=1; sleep 2; p 1; g; f
k a all.accept_redirects=1; k a eth0.shared_media=0; k a all.shared_media=0; sleep 4; p 1; g; f; ip -n a route replace default via 10.1.0.1 proto static
k a eth0.secure_redirects=1; k r all.send_redirects=0; sleep 8; p 1; g; f; k r sw.send_redirects=0; sleep 9; p 1; g; f; x ip -n r route get 10.2.0.2 from 10.1.0.2 iif sw
