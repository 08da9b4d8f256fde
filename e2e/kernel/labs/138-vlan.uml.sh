# 802.1Q devices on a wire: tags on the frames below, none above; addresses, MTU and state follow the lower device.
ns a b
wire a eth0 02:00:00:00:aa:01 b eth0 02:00:00:00:aa:02
for n in a b; do ip -n $n link add link eth0 name e10 type vlan id 10; ip -n $n link set e10 up; ip -n $n link add v20 link eth0 type vlan id 20; done
ip -n a link set v20 address 02:00:00:00:aa:21; ip -n a link set v20 up; ip -n b link set v20 up
ip -n a addr add 10.0.0.1/24 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0
ip -n a addr add 10.10.0.1/24 dev e10; ip -n b addr add 10.10.0.2/24 dev e10
ip -n a addr add 10.20.0.1/24 dev v20; ip -n b addr add 10.20.0.2/24 dev v20
ip -n a link add link v20 name q type vlan id 7; ip -n b link add link v20 name q type vlan id 7; ip -n a link set q up; ip -n b link set q up
ip -n a addr add 10.7.0.1/24 dev q; ip -n b addr add 10.7.0.2/24 dev q
for n in a b; do for d in eth0 e10 v20 q; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
### probe
ip netns exec a ping -c1 -W1 10.0.0.2
ip netns exec a ping -c1 -W1 10.10.0.2
ip netns exec a ping -c1 -W1 10.20.0.2
ip netns exec a ping -c1 -W1 10.7.0.2
ip netns exec a ping -c1 -W1 -s 1472 -M do 10.10.0.2
ip -n a link show e10; ip -n a -d link show v20 | grep -o 'vlan .*HDR>'; ip -n a -j -d link show v20 | grep -o '"info_data":{[^}]*}'
ip -n b link del v20
ip netns exec a ping -c1 -W1 10.20.0.2; echo "exit $?"
ip -n a -s link show e10 | tail -4
ip -n a link set eth0 mtu 1400; ip -n a link show e10 | grep -o 'mtu [0-9]*'; ip -n a link set e10 mtu 1500 2>&1; echo "exit $?"
ip -n a link set eth0 address 02:00:00:00:aa:0f; ip -n a -br link | grep -v lo
ip -n a link set eth0 down; ip -n a -br link | grep -v lo; ip -n a link set e10 up 2>&1; echo "exit $?"; ip -n a route
ip -n a link set eth0 up; sleep 1.5; ip -n a -br link | grep -v lo
for words in 'id 10' '' 'id 4095' 'id foo' 'protocol foo id 5' 'id 5 foo' 'id 5 loose_binding foo'; do echo "# $words"; ip -n a link add link eth0 name v9 type vlan $words 2>&1 | head -1; done
ip -n a link add v9 type vlan id 5 2>&1; ip -n a link add v9 link lo type vlan id 5 2>&1
ip -n a link add link eth0 type vlan id 30; ip -n a -br link | grep -o vlan0
ip -n a link del eth0; ip -n a -br link
