# ip route get in many forms: from, iif, oif, to itself, to broadcast and multicast, and when there is no way.
ns r
for d in lan wan; do ip -n r link add $d type veth peer name peer-$d; ip -n r link set $d up; ip -n r link set peer-$d up; done
ip -n r addr add 10.1.0.1/24 dev lan; ip -n r addr add 10.1.0.5/24 dev lan; ip -n r addr add 10.2.0.1/24 dev wan
ip -n r route add default via 10.2.0.9; ip -n r route add unreachable 10.3.0.0/16; ip -n r route add 10.4.0.0/16 via 10.1.0.9 src 10.1.0.5
### probe
g() { x ip -n r route get "$@"; }; x() { "$@" 2>&1 || echo "exit $?"; }
g 10.1.0.9; g 8.8.8.8; g 10.4.1.1; g 10.1.0.1; g 127.0.0.1; g 10.1.0.255; g 10.1.0.0; g 255.255.255.255; g 0.0.0.0
g 10.3.0.1; g foo; g 8.8.8.8 oif nosuch
g 8.8.8.8 from 10.1.0.5; g 8.8.8.8 from 10.1.0.77; g 8.8.8.8 oif lan; g 10.1.0.9 oif wan; g to 8.8.8.8
g 8.8.8.8 from 10.1.0.9 iif lan
ip netns exec r sysctl -w net.ipv4.ip_forward=1
g 8.8.8.8 from 10.1.0.9 iif lan; g 10.1.0.7 from 10.1.0.9 iif lan; g 10.1.0.1 from 10.1.0.9 iif lan; g 10.1.0.255 from 10.1.0.9 iif lan
g 10.3.0.1 from 10.1.0.9 iif lan; g 8.8.8.8 from 10.1.0.1 iif lan; g 10.2.0.1 from 10.1.0.9 iif lan; g 8.8.8.8 iif nosuch from 1.2.3.4
g fibmatch 8.8.8.8; g fibmatch 10.4.1.1
ip -n r -d route get 10.4.1.1; ip -n r -o route get 10.1.0.9
ip -n r route del default; g 8.8.8.8; g 8.8.8.8 from 10.1.0.9 iif lan
