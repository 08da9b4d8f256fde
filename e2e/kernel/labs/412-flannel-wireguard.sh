# flannel's backend wireguard as commands, between two pods: handshake, data in steps of 16 bytes, MTU 1420. Without the kernel's wireguard
# wireguard-go stands in for it, which has the same messages (their sizes are compared, not their contents); its socket would set DF.
ns n1 n2 p1 p2
wire n1 eth0 02:00:00:00:01:01 n2 eth0 02:00:00:00:01:02
key1=yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=; key2=UXCPLuNUPMwWxKnaHlGnPPQRcW5r0p1iYV3cOZuB3XQ=
for i in 1 2; do
  ip -n n$i addr add 172.18.0.$i/16 dev eth0; fwd n$i; ip netns exec n$i sysctl -qw net.ipv4.ip_no_pmtu_disc=1
  br n$i cni0 02:00:00:00:03:0$i; ip -n n$i link set cni0 mtu 1420; ip -n n$i addr add 10.244.$i.1/24 dev cni0
  wire p$i eth0 02:00:00:00:04:0$i n$i veth$i 02:00:00:00:05:0$i; ip -n n$i link set veth$i mtu 1420 master cni0; ip -n p$i link set eth0 mtu 1420
  ip -n p$i addr add 10.244.$i.2/24 dev eth0; ip -n p$i route add default via 10.244.$i.1
  ip -n n$i link add wg$i type wireguard 2>/dev/null || ip netns exec n$i wireguard-go wg$i >/dev/null 2>&1; sleep 0.5
  ip -n n$i link set wg$i mtu 1420; ip -n n$i addr add 10.244.$i.0/32 dev wg$i; key=key$i
  echo ${!key} >/run/netns/key; ip netns exec n$i wg set wg$i listen-port 51820 private-key /run/netns/key; rm /run/netns/key
  eval "public$i=$(ip netns exec n$i wg show wg$i public-key)"
done
for i in 1 2; do o=$((3-i)); public=public$o
  ip netns exec n$i wg set wg$i peer ${!public} endpoint 172.18.0.$o:51820 allowed-ips 10.244.$o.0/24
  ip -n n$i link set wg$i up; ip -n n$i route add 10.244.0.0/16 dev wg$i scope link
done
for n in n1 n2 p1 p2; do for d in eth0 cni0; do ip netns exec $n sysctl -qw net.ipv4.neigh.$d.delay_first_probe_time=60 2>/dev/null || true; done; done
### probe
ip -n n1 route
ip netns exec p1 ping -c2 -i 0.3 -W1 10.244.2.2 | sed 's/time=.*//;/rtt/d;s/time .*//'
ip netns exec p1 ping -c1 -W1 -M do -s 1392 10.244.2.2 | sed 's/time=.*//;/rtt/d'
ip netns exec p1 ping -c1 -W1 -M do -s 1391 10.244.2.2 | sed 's/time=.*//;/rtt/d'
ip netns exec p1 ping -c1 -W1 -s 1 10.244.2.2 | sed 's/time=.*//;/rtt/d'
ip netns exec p1 ping -c1 -W1 -s 1600 10.244.2.2 | sed 's/time=.*//;/rtt/d'
ip netns exec n1 ping -c1 -W1 10.244.2.0 | sed 's/time=.*//;/rtt/d'
ip netns exec n1 wg show wg1 | grep -v 'public\|handshake'
