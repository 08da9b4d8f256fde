# What may be a bridge's port, how `bridge link` names it, and what it costs: 2 by its speed, 100 where no speed is known.
ns n
ip -n n link add br1 type bridge; ip -n n link set br1 up
wire n u 02:00:00:00:00:0a n w 02:00:00:00:00:0b
ip -n n addr add 10.9.0.1/24 dev u
### probe
exec 2>&1
at() { ip netns exec n "$@"; }
at ip link add vx1 type vxlan id 1 dstport 4789 dev u local 10.9.0.1
at ip link add vx2 type vxlan id 2 dstport 4789 local 10.9.0.1
at ip link add mv link w type macvlan mode bridge
at ip tuntap add tap0 mode tap
for d in vx1 vx2 mv tap0; do at ip link set $d master br1; at ip link set $d up; done; sleep .2
at bridge link | cut -d: -f2-
at bridge -j link | tr '{' '\n' | cut -d, -f2-4
echo "the lower device goes down"
at ip link set u down; sleep .2; at bridge link show dev mv | cut -d: -f2-
echo "what may not"
at ip tuntap add tun0 mode tun; at ip link set tun0 master br1; echo $?
at ip link set w master br1; echo $?
at ip link set lo master br1; echo $?
at ip link add br2 type bridge; at ip link set br2 master br1; echo $?
at ip link set u master w; echo $?
at ip link set u master br1; at ip link add mv2 link u type macvlan mode bridge; echo $?
