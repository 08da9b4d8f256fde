# ip netns: list, add, del, exec, and how each refuses.
ns one two
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
ip netns list
x ip netns add one; x ip netns add; x ip netns del nosuch; x ip netns exec nosuch true; x ip -n nosuch link; x ip netns exec one; x ip netns frob
x ip netns exec one nosuchcmd; x ip netns exec one false; x ip netns exec one sh -c 'exit 7'; x ip netns exec one echo here
ip netns add three; ip -n three addr; ip -n three link set lo up; ip -n three addr show lo | head -4
ip netns exec three ip link set lo down; ip -n three -br link
ip netns exec one ip -n two -br addr
ip netns exec one bash -c 'ip -br addr; ip route'
ip -n one link add v address 02:00:00:00:00:01 type veth peer name w address 02:00:00:00:00:02 netns three; ip -n one -o link show v | cut -d' ' -f2
ip netns del three; sleep 1.5; ip -n one -br link
ip netns
ip -all netns del; ip netns
ip link show lo; ip -4 addr; ip route
