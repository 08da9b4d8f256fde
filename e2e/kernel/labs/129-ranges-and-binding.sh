# Ranges of ports and of a bridge port's options, a veth peer that cannot be up alone, sources that are not one's own.
ns a b; br a br0 02:00:00:00:00:01; wire a e1 02:00:00:00:01:01 b e1 02:00:00:00:02:01; ip -n a link set e1 master br0
### probe
x() { echo "$ $*"; "$@" 2>&1 || echo "exit $?"; }; x ip -n a link add v0 type veth peer name v1 up; x ip -n a link add v0 up type veth peer name v1
x ip -n a link set e1 type bridge_slave priority 63; x ip -n a link set e1 type bridge_slave priority 64; x ip -n a link set e1 type bridge_slave cost 0
x ip -n a link set e1 type bridge_slave cost 65535; x ip -n a link set e1 type bridge_slave cost 65536; x bridge link set dev e1 priority 64; x bridge link set dev e1 cost 0
x ip netns exec a sysctl -w net.ipv4.ip_local_port_range="1000 2000"; x ip netns exec a sysctl -w net.ipv4.ip_local_port_range="3000 2000"
x ip netns exec a sysctl -w net.ipv4.ip_local_port_range="3000 70000"; x ip netns exec a sysctl -w net.ipv4.ip_local_port_range="3000"; x ip netns exec a sysctl net.ipv4.ip_local_port_range
x ip netns exec a sysctl -w net.ipv4.ip_local_port_range="3000 3001"; x ip netns exec a sysctl net.ipv4.ip_local_port_range
x ip netns exec a sysctl -w net.ipv4.ip_unprivileged_port_start=4000; x ip netns exec a sysctl -w net.ipv4.ip_unprivileged_port_start=3000
x ip netns exec a sysctl -w net.ipv4.ip_local_port_range="2999 4000"; x ip netns exec a sysctl -w net.ipv4.ip_nonlocal_bind=2; x ip netns exec a sysctl -w net.ipv4.ip_nonlocal_bind=1
x ip netns exec a sysctl -w net.ipv4.fib_multipath_hash_policy=4; x ip netns exec a sysctl -w net.ipv4.fib_multipath_hash_policy=2
x ip netns exec a sysctl -w net.ipv4.fib_multipath_use_neigh=2; ip -n a addr add 10.1.0.1/24 dev br0; echo hi | x ip netns exec a nc -u -w1 -s 10.99.0.1 10.1.0.9 9
