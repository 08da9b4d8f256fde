# How ip link refuses: names, types, masters, deletions.
ns a b
wire a eth0 02:00:00:00:01:01 b eth0 02:00:00:00:01:02
ip -n a addr add 10.1.0.1/24 dev eth0; ip -n b addr add 10.1.0.2/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
l() { x ip -n a link "$@"; }
l add eth0 type bridge; l add name thisnameistoolong type bridge; l add a/b type bridge; l add x0 type frob; l add x0
l add x0 mtu 100000 type bridge; l add x0 mtu 60 type bridge; l add x0 address 01:00:00:00:00:01 type bridge; l add x0 address zz type bridge
l add v0 type veth peer name eth0; l add v0 type veth peer name v1 netns nosuch; l add v0 type veth peer name eth0 netns b
l add vx0 type vxlan dstport 4789; l add vx0 type vxlan id 16777216 dstport 4789; l add vx0 type vxlan id 5 dstport 4789 dev nosuch
l add vx0 type vxlan id 5 dstport 4789; l add vx1 type vxlan id 5 dstport 4789; l set vx0 type vxlan id 6
l set nosuch up; l del nosuch; l show nosuch; l show dev nosuch; l del lo; l set eth0 frob; l frob; l set
l set eth0 name lo; l set eth0 mtu 70000; l set eth0 mtu 67; l set eth0 netns nosuch; l set lo netns b
l add br0 type bridge; l add br0 type bridge; l set eth0 master nosuch; l set lo master br0; l set br0 master br0; l set eth0 master lo
l set eth0 type bridge_slave hairpin on; x bridge -n a link set dev nosuch hairpin on; x bridge -n a link set dev eth0 hairpin on
l show eth0
x ip frob; x ip -frob; x ip addr frob; x bridge frob; x bridge fdb frob
