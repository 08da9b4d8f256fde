# Docker's overlay as it is built: the vxlan device is made in the host's namespace and moved into another; its outer packets stay in the first.
ns sw h1 h2
br sw br0 02:00:00:00:00:01; for i in 1 2; do wire h$i eth0 02:00:00:00:0a:0$i sw p$i 02:00:00:00:0b:0$i; ip -n sw link set p$i master br0; ip -n h$i addr add 192.168.3.$i/24 dev eth0; ns o$i c$i
ip -n h$i link add vx address 02:00:00:00:0f:0$i type vxlan id 4097 dstport 4789 dev eth0 local 192.168.3.$i nolearning; ip -n h$i link set vx netns o$i; ip -n o$i link set vx name vxlan0
br o$i br0 02:00:00:00:0c:0$i; ip -n o$i link set vxlan0 master br0 up; wire o$i veth0 02:00:00:00:0d:0$i c$i eth0 02:42:0a:00:00:0$i; ip -n o$i link set veth0 master br0 mtu 1450; ip -n c$i link set eth0 mtu 1450; ip -n c$i addr add 10.0.0.$i/24 dev eth0; done
for i in 1 2; do o=$((3-i)); bridge -n o$i fdb add 02:42:0a:00:00:0$o dev vxlan0 dst 192.168.3.$o self permanent; bridge -n o$i fdb append 00:00:00:00:00:00 dev vxlan0 dst 192.168.3.$o; done
### probe
ip netns exec c1 ping -c2 -i0.3 -W1 10.0.0.2
ip -n o1 -d link show vxlan0 | sed 's,forward_delay_timer *[0-9.]*,,; s/if[0-9]*:/ifX:/; s/link-netnsid [0-9]*/link-netnsid N/;s/^[0-9]*://'; bridge -n o1 fdb show dev vxlan0 | sort
ip netns exec h1 ss -lun; ip netns exec o1 ss -lun
ip -n o1 link set vxlan0 mtu 1500; ip -n h1 link set eth0 mtu 1600; ip -n o1 link set vxlan0 mtu 1500; ip -n o1 link show vxlan0 | sed 's/if[0-9]*:/ifX:/; s/^[0-9]*://'
ip netns exec c1 ping -c1 -W1 -M do -s 1422 10.0.0.2; ip netns exec c1 ping -c1 -W1 -M do -s 1423 10.0.0.2
ip -n h1 route get 192.168.3.2; ip netns exec h1 iptables -A OUTPUT -p udp --dport 4789 -j DROP; ip netns exec c1 ping -c1 -W1 10.0.0.2; ip netns exec h1 iptables -nvL OUTPUT; ip netns exec o1 iptables -nvL OUTPUT
ip -n h1 link set eth0 down; ip -n o1 link show vxlan0 | sed 's/if[0-9]*:/ifX:/; s/^[0-9]*://'; ip netns exec c1 ping -c1 -W1 10.0.0.2
