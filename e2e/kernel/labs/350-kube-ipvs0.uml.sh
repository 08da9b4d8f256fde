# kube-proxy's ipvs mode by hand: kube-ipvs0, a VIP, masquerade by set, NodePort, persistence, weights, and what is left when a server goes
ns n1 c p1 p2
br n1 cni0 02:00:00:00:0c:01; ip -n n1 addr add 10.244.1.1/24 dev cni0; fwd n1
for i in 1 2; do wire p$i eth0 02:00:00:00:0a:0$i n1 v$i 02:00:00:00:0b:0$i; ip -n n1 link set v$i master cni0; ip -n n1 link set v$i type bridge_slave hairpin on; ip -n p$i addr add 10.244.1.1$i/24 dev eth0; ip -n p$i route add default via 10.244.1.1; ip -n p$i neigh add 10.244.1.1 lladdr 02:00:00:00:0c:01 dev eth0; ip -n n1 neigh add 10.244.1.1$i lladdr 02:00:00:00:0a:0$i dev cni0; done
wire c eth0 02:00:00:00:0d:01 n1 eth0 02:00:00:00:0d:02; ip -n n1 addr add 192.168.0.1/24 dev eth0; ip -n c addr add 192.168.0.2/24 dev eth0; ip -n c route add default via 192.168.0.1; ip -n n1 neigh add 192.168.0.2 lladdr 02:00:00:00:0d:01 dev eth0; ip -n c neigh add 192.168.0.1 lladdr 02:00:00:00:0d:02 dev eth0
ip -n n1 link add kube-ipvs0 address 02:00:00:00:0e:01 type dummy; ip -n n1 addr add 10.96.0.10/32 dev kube-ipvs0
I="ip netns exec n1 ipvsadm"; $I -A -u 10.96.0.10:53 -s rr; for i in 1 2; do $I -a -u 10.96.0.10:53 -r 10.244.1.1$i:53 -m; done; $I -A -u 192.168.0.1:30053 -s wrr; $I -a -u 192.168.0.1:30053 -r 10.244.1.11:53 -m -w 3; $I -a -u 192.168.0.1:30053 -r 10.244.1.12:53 -m
ip netns exec n1 ipset create KUBE-CLUSTER-IP hash:ip,port; ip netns exec n1 ipset add KUBE-CLUSTER-IP 10.96.0.10,udp:53
T="ip netns exec n1 iptables -t nat"; $T -N KUBE-MARK-MASQ; $T -A KUBE-MARK-MASQ -j MARK --or-mark 0x4000; $T -A PREROUTING ! -s 10.244.0.0/16 -m set --match-set KUBE-CLUSTER-IP dst,dst -j KUBE-MARK-MASQ; $T -A OUTPUT ! -s 10.244.0.0/16 -m set --match-set KUBE-CLUSTER-IP dst,dst -j KUBE-MARK-MASQ; $T -A PREROUTING -p udp --dport 30053 -j KUBE-MARK-MASQ; $T -A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE
ip netns exec n1 sysctl -qw net.ipv4.vs.conntrack=1 net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
### probe
for i in 1 2; do ip netns exec p$i timeout 30 sh -c 'while :; do nc -u -l -W1 -p 53 >/dev/null; done' & done; sleep 0.5
Q() { echo q | ip netns exec $1 nc -u -w1 -p $3 $2; sleep 0.2; }
Q c "10.96.0.10 53" 4001; Q c "10.96.0.10 53" 4002; Q p1 "10.96.0.10 53" 4003; Q p1 "10.96.0.10 53" 4004; Q n1 "10.96.0.10 53" 4005
for i in 1 2 3 4; do Q c "192.168.0.1 30053" 410$i; done
for v in 10.96.0.10:53 192.168.0.1:30053; do ip netns exec n1 ipvsadm -Ln -u $v; ip netns exec n1 ipvsadm -Ln --stats -u $v; done; ip netns exec n1 ipvsadm -Lnc | sed 's/[0-9][0-9]:[0-9][0-9] //' | sort; ip netns exec n1 ipvsadm -S -n | sort
ip netns exec n1 iptables -t nat -nvL | grep -v '^$' | sed 's/(policy.*//'; ip -n n1 route show table local | sort; ip netns exec c ping -c1 -W1 10.96.0.10; ip netns exec n1 ping -c1 -W1 10.96.0.10
ip netns exec n1 ipvsadm -e -u 10.96.0.10:53 -r 10.244.1.12:53 -m -w 0; Q c "10.96.0.10 53" 4010; Q c "10.96.0.10 53" 4011; ip netns exec n1 ipvsadm -d -u 10.96.0.10:53 -r 10.244.1.11:53; Q c "10.96.0.10 53" 4012; Q c "10.96.0.10 54" 4013
ip netns exec n1 ipvsadm -Ln -u 10.96.0.10:53; ip netns exec n1 ipvsadm -D -u 10.96.0.10:53; Q c "10.96.0.10 53" 4014; ip netns exec n1 ipvsadm -C; ip netns exec n1 ipvsadm -Ln; ip netns exec n1 ipvsadm -d -u 1.1.1.1:1 -r 2.2.2.2:2 2>&1; ip netns exec n1 ipvsadm -A -u 1.1.1.1:53 -s foo 2>&1
