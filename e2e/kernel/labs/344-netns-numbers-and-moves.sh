# Namespaces and cables moved, renamed, removed: what stays and what each command says
ns a b
### probe
x() { echo "\$ $*"; "$@" 2>&1 | sed -E 's/link-netnsid [0-9]+/link-netnsid N/'; }
ip link add tmp0 address 02:00:00:00:00:01 type veth peer name tmp1 address 02:00:00:00:00:02
x ip -br link; x ip link set tmp0 netns a; x ip link set tmp1 netns b; x ip -br link; x ip -n a link show tmp0; x ip -n a -br link; x ip -n b addr add 10.0.0.2/24 dev tmp1; x ip -n a link set tmp0 name eth0; x ip -n a link set eth0 up; x ip -n a -br addr; x ip -n b link set tmp1 up; x ip -n a addr add 10.0.0.1/24 dev eth0; x ip netns exec a ping -c1 -W1 10.0.0.2
x ip -n b link set tmp1 name eth0; x ip -n b link set tmp1 up; x ip -n b link set eth0 name eth0; x ip -n b link set eth0 name averyveryverylongname; x ip -n b link set eth0 name 'bad/name'
ip -n b link set eth0 down; x ip -n b link set eth0 name net1; ip -n b link set net1 up; x ip -n b route; x ip netns exec a ping -c1 -W1 10.0.0.2
x ip -n b link set net1 netns a; x ip -n a -br addr; x ip -n a link set net1 up; x ip -n a route; x ip -n a addr; x ip netns exec a ping -c1 -W1 10.0.0.1
x ip netns list; x ip netns add a; x ip netns del nosuch; x ip netns exec nosuch true; x ip -n nosuch link; x ip netns add c; x ip netns set c 7; x ip netns list-id; x ip netns set c 8; x ip netns set a auto; x ip -all netns exec echo hi
ip -n a link set net1 netns c; x ip netns del c; x ip -n a -br link; sleep 1; x ip -n a -br link
ip netns add d; ip -n a link add p0 address 02:00:00:00:00:05 type veth peer name p1 address 02:00:00:00:00:06 netns d; x ip -n d -br link; x ip -n d link add p1 type veth; x ip -n d link add v5 type veth peer name p1; x ip -n a link add link eth0 type nosuchtype; x ip -n d link del p1; x ip -n a -br link; x ip -n a link del lo; x ip -n a link del nosuch
x ip -n a link add name t0 numtxqueues 4 address 02:00:00:00:00:07 type veth peer name t1 address 02:00:00:00:00:08; x ip -n a link set t0 group 5; x ip -n a link show group 5; x ip -n a link set group 5 up; x ip -n a -br link show up; x ip -n a link show type veth; x ip -n a -br link show type bridge; x ip -n a link del group 5; x ip -n a -br link
