# What the CNI plugin portmap writes for a pod's hostPort, behind ptp: from outside, from the node, by the loopback address, from a pod, from the pod itself.
ns n a b out; fwd n
wire n eth0 02:00:00:00:00:03 out eth0 02:00:00:00:00:02; ip -n n addr add 172.18.0.3/16 dev eth0; ip -n out addr add 172.18.0.2/16 dev eth0
ip -n out route add 10.244.1.0/24 via 172.18.0.3; ip -n out route add 10.96.0.0/16 via 172.18.0.3; ip -n n route add default via 172.18.0.2
i=3; for p in a b; do i=$((i+1)); wire n veth$p 02:00:00:00:b0:0$i $p eth0 02:00:00:00:aa:0$i; ip -n n addr add 10.244.1.1/32 dev veth$p; ip -n n route add 10.244.1.$i dev veth$p scope host
  ip -n $p addr add 10.244.1.$i/32 dev eth0; ip -n $p route add 10.244.1.1 dev eth0 scope link; ip -n $p route add default via 10.244.1.1; done
ip netns exec n sysctl -qw net.ipv4.conf.vetha.route_localnet=1
ip netns exec n iptables-restore <<'R'
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:CNI-DN-a9cbbf23734e72ead2af3 - [0:0]
:CNI-HOSTPORT-DNAT - [0:0]
:CNI-HOSTPORT-MASQ - [0:0]
:CNI-HOSTPORT-SETMARK - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
-A OUTPUT -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
-A POSTROUTING -m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ
-A CNI-DN-a9cbbf23734e72ead2af3 -s 10.244.1.0/24 -p udp -m udp --dport 8007 -j CNI-HOSTPORT-SETMARK
-A CNI-DN-a9cbbf23734e72ead2af3 -s 127.0.0.1/32 -p udp -m udp --dport 8007 -j CNI-HOSTPORT-SETMARK
-A CNI-DN-a9cbbf23734e72ead2af3 -p udp -m udp --dport 8007 -j DNAT --to-destination 10.244.1.4:7
-A CNI-HOSTPORT-DNAT -p udp -m comment --comment "dnat name: \"kindnet\" id: \"28f00efcca22a129a2001c395f759eccf7ce5e04ff710f3d72886c8a30977dcc\"" -m multiport --dports 8007 -j CNI-DN-a9cbbf23734e72ead2af3
-A CNI-HOSTPORT-MASQ -m mark --mark 0x2000/0x2000 -j MASQUERADE
-A CNI-HOSTPORT-SETMARK -m comment --comment "CNI portfwd masquerade mark" -j MARK --set-xmark 0x2000/0x2000
COMMIT
R
ip netns exec a socat -T2 UDP-LISTEN:7,fork,reuseaddr EXEC:cat >/dev/null 2>&1 &
for n in n a b out; do for d in eth0 vetha vethb; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
sleep 0.5
### probe
ask() { echo "$1 to $3 $4"; echo word | ip netns exec $1 nc -u -w1 -p $2 $3 $4 || echo "exit $?"; }
ask out 5001 172.18.0.3 8007; ask n 5002 172.18.0.3 8007; ask n 5003 127.0.0.1 8007; ask b 5004 172.18.0.3 8007; ask b 5005 10.244.1.1 8007; ask a 5006 172.18.0.3 8007
ask out 5007 172.18.0.3 8008; ask out 5008 10.244.1.4 7
ip netns exec n conntrack -L 2>/dev/null | sed 's/^\(udp *17\) [0-9]*/\1/' | sort
ip netns exec n iptables-save -c -t nat | grep -v '^#'
