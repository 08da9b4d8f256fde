# What Calico's Felix writes for three pods and two policies (nothing in or out of x; but y to x/a's port "web", and x/a to
# names in a block with a hole), in its own words; checked by src/k8s/calico/felix/lab.test.ts. Pods have /32s and proxy ARP.
# 203.0.113.0/24 is a pool too: what goes there keeps its source.
ns host xa xb ya out
pod() { # NS DEVICE ADDRESS MAC
  wire host $2 ee:ee:ee:ee:ee:ee $1 eth0 $4
  ip -n $1 addr add $3/32 dev eth0; ip -n $1 route add 169.254.1.1 dev eth0; ip -n $1 route add default via 169.254.1.1
  ip netns exec host sysctl -qw net.ipv4.conf.$2.proxy_arp=1 net.ipv4.conf.$2.route_localnet=1 net.ipv4.neigh.$2.proxy_delay=0
  ip -n host route add $3 dev $2
}
pod xa cali456b416f2bf 10.244.0.10 02:00:00:00:00:0a
pod xb cali08041ab898a 10.244.0.11 02:00:00:00:00:0b
pod ya calidac200d72ba 10.244.0.12 02:00:00:00:00:0c
wire host eth0 02:00:00:00:01:01 out eth0 02:00:00:00:01:02
ip -n host addr add 192.0.2.1/24 dev eth0; ip -n out addr add 192.0.2.99/24 dev eth0
ip -n out addr add 203.0.113.99/32 dev lo; ip -n out addr add 203.0.113.200/32 dev lo
ip -n host route add default via 192.0.2.99; ip -n out route add 10.244.0.0/16 via 192.0.2.1
fwd host
h="ip netns exec host"
$h ipset restore <<'SETS'
create cali40all-ipam-pools hash:net family inet maxelem 1048576
add cali40all-ipam-pools 10.244.0.0/16
add cali40all-ipam-pools 203.0.113.0/24
create cali40masq-ipam-pools hash:net family inet maxelem 1048576
add cali40masq-ipam-pools 10.244.0.0/16
create cali40this-host hash:ip family inet maxelem 1048576
add cali40this-host 192.0.2.1
create cali40dscp-src-net hash:net family inet maxelem 1048576
create cali40s:HGuBVua47W5HuRXtbBMgIak hash:net family inet maxelem 1048576
add cali40s:HGuBVua47W5HuRXtbBMgIak 10.244.0.12
create cali40n:-41d8CgYX-xMwTntiNM-X5c hash:ip,port family inet maxelem 1048576
add cali40n:-41d8CgYX-xMwTntiNM-X5c 10.244.0.10,tcp:80
add cali40n:-41d8CgYX-xMwTntiNM-X5c 10.244.0.11,tcp:80
add cali40n:-41d8CgYX-xMwTntiNM-X5c 10.244.0.12,tcp:80
SETS
$h iptables-restore --noflush <<'RULES'
*raw
:cali-OUTPUT - [0:0]
:cali-PREROUTING - [0:0]
:cali-from-host-endpoint - [0:0]
:cali-rpf-skip - [0:0]
:cali-to-host-endpoint - [0:0]
-A PREROUTING -m comment --comment "cali:6gwbT8clXdHdC1b1" --jump cali-PREROUTING
-A OUTPUT -m comment --comment "cali:tVnHkvAo15HuiPy0" --jump cali-OUTPUT
-A cali-OUTPUT -m comment --comment "cali:clI8WObfCl4yhr60" --jump MARK --set-mark 0/0x1b0000
-A cali-OUTPUT -m comment --comment "cali:ZbkN6P8OdRcBRPpU" --jump cali-to-host-endpoint
-A cali-OUTPUT -m comment --comment "cali:tTi_3jFgvxUFsObH" -m mark --mark 0x10000/0x10000 --jump ACCEPT
-A cali-PREROUTING -m comment --comment "cali:DQ6LK2guiBRMyrLK" --jump MARK --set-mark 0/0x1b0000
-A cali-PREROUTING -m comment --comment "cali:o0awFTLnSamXVVNW" --in-interface cali+ --jump MARK --set-mark 0x80000/0x80000
-A cali-PREROUTING -m comment --comment "cali:aJ7XamFJS43rOYyJ" -m mark --mark 0x80000/0x80000 --jump cali-rpf-skip
-A cali-PREROUTING -m comment --comment "cali:hOMHbY_OXb_BF9pw" -m mark --mark 0x80000/0x80000 -m rpfilter --invert --validmark --jump DROP
-A cali-PREROUTING -m comment --comment "cali:N7S4OAqlgBJWcynn" -m mark --mark 0/0x80000 --jump cali-from-host-endpoint
-A cali-PREROUTING -m comment --comment "cali:8A061i5zP9KV-opa" -m mark --mark 0x10000/0x10000 --jump ACCEPT
COMMIT
*mangle
:cali-POSTROUTING - [0:0]
:cali-PREROUTING - [0:0]
:cali-egress-dscp - [0:0]
:cali-from-host-endpoint - [0:0]
:cali-to-host-endpoint - [0:0]
-A PREROUTING -m comment --comment "cali:6gwbT8clXdHdC1b1" --jump cali-PREROUTING
-A POSTROUTING -m comment --comment "cali:O3lYWMrLQYEMJtB5" --jump cali-POSTROUTING
-A cali-POSTROUTING -m comment --comment "cali:5MjTCkW3V-SgPUbj" -m comment --comment "set dscp for traffic leaving cluster." -m set --match-set cali40dscp-src-net src -m set ! --match-set cali40all-ipam-pools dst -m set ! --match-set cali40this-host dst --jump cali-egress-dscp
-A cali-POSTROUTING -m comment --comment "cali:qaBFqjrfvtSJDMkj" -m mark --mark 0x10000/0x10000 --jump RETURN
-A cali-POSTROUTING -m comment --comment "cali:5sx1W7iTE-cu0I7v" --jump MARK --set-mark 0/0x1b0000
-A cali-POSTROUTING -m comment --comment "cali:kfq5uF8yRzz5QtPY" -m conntrack --ctstate DNAT --jump cali-to-host-endpoint
-A cali-POSTROUTING -m comment --comment "cali:pfrZSH6wqlazNfNi" -m comment --comment "Host endpoint policy accepted packet." -m mark --mark 0x10000/0x10000 --jump RETURN
-A cali-PREROUTING -m comment --comment "cali:6BJqBjBC7crtA-7-" -m conntrack --ctstate RELATED,ESTABLISHED --jump ACCEPT
-A cali-PREROUTING -m comment --comment "cali:KX7AGNd6rMcDUai6" -m mark --mark 0x10000/0x10000 --jump ACCEPT
-A cali-PREROUTING -m comment --comment "cali:wNH7KsA3ILKJBsY9" --jump cali-from-host-endpoint
-A cali-PREROUTING -m comment --comment "cali:Cg96MgVuoPm7UMRo" -m comment --comment "Host endpoint policy accepted packet." -m mark --mark 0x10000/0x10000 --jump ACCEPT
COMMIT
*nat
:cali-OUTPUT - [0:0]
:cali-POSTROUTING - [0:0]
:cali-PREROUTING - [0:0]
:cali-fip-dnat - [0:0]
:cali-fip-snat - [0:0]
:cali-nat-outgoing - [0:0]
-A PREROUTING -m comment --comment "cali:6gwbT8clXdHdC1b1" --jump cali-PREROUTING
-A OUTPUT -m comment --comment "cali:tVnHkvAo15HuiPy0" --jump cali-OUTPUT
-A POSTROUTING -m comment --comment "cali:0i8pjzKKPyA34aQD" --jump cali-POSTROUTING
-A cali-OUTPUT -m comment --comment "cali:GBTAv2p5CwevEyJm" --jump cali-fip-dnat
-A cali-POSTROUTING -m comment --comment "cali:Z-c7XtVd2Bq7s_hA" --jump cali-fip-snat
-A cali-POSTROUTING -m comment --comment "cali:nYKhEzDlr11Jccal" --jump cali-nat-outgoing
-A cali-PREROUTING -m comment --comment "cali:r6XmIziWUJsdOK6Z" --jump cali-fip-dnat
-A cali-nat-outgoing -m comment --comment "cali:flqWnvo8yq4ULQLa" -m set --match-set cali40masq-ipam-pools src -m set ! --match-set cali40all-ipam-pools dst --jump MASQUERADE --random-fully
COMMIT
*filter
:cali-FORWARD - [0:0]
:cali-INPUT - [0:0]
:cali-OUTPUT - [0:0]
:cali-cidr-block - [0:0]
:cali-from-hep-forward - [0:0]
:cali-from-host-endpoint - [0:0]
:cali-from-wl-dispatch - [0:0]
:cali-fw-cali08041ab898a - [0:0]
:cali-fw-cali456b416f2bf - [0:0]
:cali-fw-calidac200d72ba - [0:0]
:cali-pi-_28KCkudi2SnNe2LcAOD - [0:0]
:cali-pi-_Ho60zIOyPjGrYqxje_g - [0:0]
:cali-po-_28KCkudi2SnNe2LcAOD - [0:0]
:cali-po-_Ho60zIOyPjGrYqxje_g - [0:0]
:cali-pri-kns.x - [0:0]
:cali-pri-kns.y - [0:0]
:cali-pro-kns.x - [0:0]
:cali-pro-kns.y - [0:0]
:cali-to-hep-forward - [0:0]
:cali-to-host-endpoint - [0:0]
:cali-to-wl-dispatch - [0:0]
:cali-tw-cali08041ab898a - [0:0]
:cali-tw-cali456b416f2bf - [0:0]
:cali-tw-calidac200d72ba - [0:0]
:cali-wl-to-host - [0:0]
-A FORWARD -m comment --comment "cali:wUHhoiAYhphO9Mso" --jump cali-FORWARD
-A INPUT -m comment --comment "cali:Cz_u1IQiXIMmKD4c" --jump cali-INPUT
-A OUTPUT -m comment --comment "cali:tVnHkvAo15HuiPy0" --jump cali-OUTPUT
-A FORWARD -m comment --comment "cali:S93hcgKJrXEqnTfs" -m comment --comment "Policy explicitly accepted packet." -m mark --mark 0x10000/0x10000 --jump ACCEPT
-A FORWARD -m comment --comment "cali:mp77cMpurHhyjLrM" --jump MARK --set-mark 0x10000/0x10000
-A cali-FORWARD -m comment --comment "cali:W_vvds1Nw3n9QE2f" --jump MARK --set-mark 0/0x1a0000
-A cali-FORWARD -m comment --comment "cali:ZfgmjuiLaA8Pg0kp" -m mark --mark 0/0x10000 --jump cali-from-hep-forward
-A cali-FORWARD -m comment --comment "cali:tAzwBLPaV-j53OOZ" --in-interface cali+ --jump cali-from-wl-dispatch
-A cali-FORWARD -m comment --comment "cali:4Z0Pf0byo05NFe-P" --out-interface cali+ --jump cali-to-wl-dispatch
-A cali-FORWARD -m comment --comment "cali:hQ7Oc16wmUtLuneJ" --jump cali-to-hep-forward
-A cali-FORWARD -m comment --comment "cali:rnKNH2WxGcRQcIlD" --jump cali-cidr-block
-A cali-INPUT -m comment --comment "cali:FewJpBykm9iJ-YNH" --in-interface cali+ --goto cali-wl-to-host
-A cali-INPUT -m comment --comment "cali:hder3ARWznqqv8Va" -m mark --mark 0x10000/0x10000 --jump ACCEPT
-A cali-INPUT -m comment --comment "cali:eyx2leKMZ98ckPa-" --jump MARK --set-mark 0/0x1b0000
-A cali-INPUT -m comment --comment "cali:3x0rc-VDNNJkVu93" --jump cali-from-host-endpoint
-A cali-INPUT -m comment --comment "cali:pARw-KZUlQru4OX0" -m comment --comment "Host endpoint policy accepted packet." -m mark --mark 0x10000/0x10000 --jump ACCEPT
-A cali-OUTPUT -m comment --comment "cali:Mq1_rAdXXH3YkrzW" -m mark --mark 0x10000/0x10000 --jump ACCEPT
-A cali-OUTPUT -m comment --comment "cali:69FkRTJDvD5Vu6Vl" --out-interface cali+ --jump RETURN
-A cali-OUTPUT -m comment --comment "cali:_qC1vc3_sSxJWgRW" --jump MARK --set-mark 0/0x1b0000
-A cali-OUTPUT -m comment --comment "cali:utu2eOH2IZRmlfMX" -m conntrack ! --ctstate DNAT --jump cali-to-host-endpoint
-A cali-OUTPUT -m comment --comment "cali:IL6b-f6R0sfjMo-y" -m comment --comment "Host endpoint policy accepted packet." -m mark --mark 0x10000/0x10000 --jump ACCEPT
-A cali-from-wl-dispatch -m comment --comment "cali:EnS1SaigvgQifa-m" --in-interface cali08041ab898a --goto cali-fw-cali08041ab898a
-A cali-from-wl-dispatch -m comment --comment "cali:iJn1SnPLOCYBP5JU" --in-interface cali456b416f2bf --goto cali-fw-cali456b416f2bf
-A cali-from-wl-dispatch -m comment --comment "cali:4gnqI46-M-HuGiti" --in-interface calidac200d72ba --goto cali-fw-calidac200d72ba
-A cali-from-wl-dispatch -m comment --comment "cali:Tnv4cTuXc9TRrPgV" -m comment --comment "Unknown interface" --jump DROP
-A cali-fw-cali08041ab898a -m comment --comment "cali:k3jkivkw2u_B9Xqj" -m conntrack --ctstate RELATED,ESTABLISHED --jump ACCEPT
-A cali-fw-cali08041ab898a -m comment --comment "cali:2iSV6gscLOfYQXbU" -m conntrack --ctstate INVALID --jump DROP
-A cali-fw-cali08041ab898a -m comment --comment "cali:DzeI8Sza_zYW4awv" --jump MARK --set-mark 0/0x30000
-A cali-fw-cali08041ab898a -m comment --comment "cali:hQ5J-l0juh4M1r4V" -m comment --comment "Drop VXLAN encapped packets originating in workloads" -p 17 -m multiport --destination-ports 4789 --jump DROP
-A cali-fw-cali08041ab898a -m comment --comment "cali:bud7EWAU8UBF-KS2" -m comment --comment "Drop IPinIP encapped packets originating in workloads" -p 4 --jump DROP
-A cali-fw-cali08041ab898a -m comment --comment "cali:J_xpTNaHMWxNrigQ" -m comment --comment "Start of tier default" --jump MARK --set-mark 0/0x20000
-A cali-fw-cali08041ab898a -m comment --comment "cali:_2ocUMSxTvTnBKjS" -m mark --mark 0/0x20000 --jump cali-po-_28KCkudi2SnNe2LcAOD
-A cali-fw-cali08041ab898a -m comment --comment "cali:h8Xfhs_wcn-KxVjs" -m comment --comment "Return if policy accepted" -m mark --mark 0x10000/0x10000 --jump RETURN
-A cali-fw-cali08041ab898a -m comment --comment "cali:4HPr5O0zbI3SvWSG" -m comment --comment "End of tier default. Drop if no policies passed packet" -m mark --mark 0/0x20000 --jump DROP
-A cali-fw-cali08041ab898a -m comment --comment "cali:qfPtFj4Zs7yuBdus" --jump cali-pro-kns.x
-A cali-fw-cali08041ab898a -m comment --comment "cali:4bH9pk1UaXD-OmKA" -m comment --comment "Return if profile accepted" -m mark --mark 0x10000/0x10000 --jump RETURN
-A cali-fw-cali08041ab898a -m comment --comment "cali:f_H7bEZMwqQ8qV-3" -m comment --comment "Drop if no profiles matched" --jump DROP
-A cali-fw-cali456b416f2bf -m comment --comment "cali:ctqVNIK9ugkq_Lil" -m conntrack --ctstate RELATED,ESTABLISHED --jump ACCEPT
-A cali-fw-cali456b416f2bf -m comment --comment "cali:ew3SKm89XVZTPi5U" -m conntrack --ctstate INVALID --jump DROP
-A cali-fw-cali456b416f2bf -m comment --comment "cali:kN5k0kpjYOu67fRU" --jump MARK --set-mark 0/0x30000
-A cali-fw-cali456b416f2bf -m comment --comment "cali:_z7z4cBwfkBaQbJL" -m comment --comment "Drop VXLAN encapped packets originating in workloads" -p 17 -m multiport --destination-ports 4789 --jump DROP
-A cali-fw-cali456b416f2bf -m comment --comment "cali:HUe6_ytv-w96omAc" -m comment --comment "Drop IPinIP encapped packets originating in workloads" -p 4 --jump DROP
-A cali-fw-cali456b416f2bf -m comment --comment "cali:qq64ImlRi8EEbbt7" -m comment --comment "Start of tier default" --jump MARK --set-mark 0/0x20000
-A cali-fw-cali456b416f2bf -m comment --comment "cali:4Zwgb4KhoYinjt86" -m mark --mark 0/0x20000 --jump cali-po-_28KCkudi2SnNe2LcAOD
-A cali-fw-cali456b416f2bf -m comment --comment "cali:De3444euy_Pr9RAY" -m comment --comment "Return if policy accepted" -m mark --mark 0x10000/0x10000 --jump RETURN
-A cali-fw-cali456b416f2bf -m comment --comment "cali:Ziv4JtcVvvQVhxUP" -m mark --mark 0/0x20000 --jump cali-po-_Ho60zIOyPjGrYqxje_g
-A cali-fw-cali456b416f2bf -m comment --comment "cali:PlpQ02_CZgIjY9rN" -m comment --comment "Return if policy accepted" -m mark --mark 0x10000/0x10000 --jump RETURN
-A cali-fw-cali456b416f2bf -m comment --comment "cali:x4yLUVCrH9NvfOBj" -m comment --comment "End of tier default. Drop if no policies passed packet" -m mark --mark 0/0x20000 --jump DROP
-A cali-fw-cali456b416f2bf -m comment --comment "cali:IISCVqDbNap0uwSb" --jump cali-pro-kns.x
-A cali-fw-cali456b416f2bf -m comment --comment "cali:17AfpXNFFHcK-TFe" -m comment --comment "Return if profile accepted" -m mark --mark 0x10000/0x10000 --jump RETURN
-A cali-fw-cali456b416f2bf -m comment --comment "cali:MH6fz8ukiVclyYy-" -m comment --comment "Drop if no profiles matched" --jump DROP
-A cali-fw-calidac200d72ba -m comment --comment "cali:9snNWUrFH1fWpRnu" -m conntrack --ctstate RELATED,ESTABLISHED --jump ACCEPT
-A cali-fw-calidac200d72ba -m comment --comment "cali:MRz6DrJhZ2R2hT_v" -m conntrack --ctstate INVALID --jump DROP
-A cali-fw-calidac200d72ba -m comment --comment "cali:Y9wshd7WcY6IvZF-" --jump MARK --set-mark 0/0x30000
-A cali-fw-calidac200d72ba -m comment --comment "cali:byHOT6lX05SX5DOm" -m comment --comment "Drop VXLAN encapped packets originating in workloads" -p 17 -m multiport --destination-ports 4789 --jump DROP
-A cali-fw-calidac200d72ba -m comment --comment "cali:WaMFyaXSDkJJOU23" -m comment --comment "Drop IPinIP encapped packets originating in workloads" -p 4 --jump DROP
-A cali-fw-calidac200d72ba -m comment --comment "cali:xgtUe7-wv-hd7zfq" --jump cali-pro-kns.y
-A cali-fw-calidac200d72ba -m comment --comment "cali:reSju5oe4qFs7HBa" -m comment --comment "Return if profile accepted" -m mark --mark 0x10000/0x10000 --jump RETURN
-A cali-fw-calidac200d72ba -m comment --comment "cali:MtIqdv2jr5uwA0ef" -m comment --comment "Drop if no profiles matched" --jump DROP
-A cali-pi-_28KCkudi2SnNe2LcAOD -m comment --comment "cali:M39SPDmg5rjXIySg" -m comment --comment "Policy x/knp.default.deny ingress"
-A cali-pi-_Ho60zIOyPjGrYqxje_g -m comment --comment "cali:miop_FxQiBRLr9KJ" -m comment --comment "Policy x/knp.default.web ingress" -p tcp -m set --match-set cali40s:HGuBVua47W5HuRXtbBMgIak src -m set --match-set cali40n:-41d8CgYX-xMwTntiNM-X5c dst,dst --jump MARK --set-mark 0x10000/0x10000
-A cali-po-_28KCkudi2SnNe2LcAOD -m comment --comment "cali:uAln4TbVdq18YItw" -m comment --comment "Policy x/knp.default.deny egress"
-A cali-po-_Ho60zIOyPjGrYqxje_g -m comment --comment "cali:svMuaV25MS4iv0N3" -m comment --comment "Policy x/knp.default.web egress" --jump MARK --set-mark 0x80000/0x180000
-A cali-po-_Ho60zIOyPjGrYqxje_g -m comment --comment "cali:NqXw8JC_zxTG360N" --destination 203.0.113.128/25 --jump MARK --set-mark 0/0x80000
-A cali-po-_Ho60zIOyPjGrYqxje_g -m comment --comment "cali:zy5XFr2guw5GpoiI" -p udp --destination 203.0.113.0/24 -m multiport --destination-ports 53 -m mark --mark 0x80000/0x80000 --jump MARK --set-mark 0x10000/0x10000
-A cali-pri-kns.x -m comment --comment "cali:Hi-lAX75GWqnJMqH" -m comment --comment "Profile kns.x ingress" --jump MARK --set-mark 0x10000/0x10000
-A cali-pri-kns.y -m comment --comment "cali:F8FdnUv8D4_--Vqh" -m comment --comment "Profile kns.y ingress" --jump MARK --set-mark 0x10000/0x10000
-A cali-pro-kns.x -m comment --comment "cali:6nLqRVg5_uoHWWqX" -m comment --comment "Profile kns.x egress" --jump MARK --set-mark 0x10000/0x10000
-A cali-pro-kns.y -m comment --comment "cali:aX7pPAMpXmw3mCk6" -m comment --comment "Profile kns.y egress" --jump MARK --set-mark 0x10000/0x10000
-A cali-to-wl-dispatch -m comment --comment "cali:_NnqffMmdDILyKeT" --out-interface cali08041ab898a --goto cali-tw-cali08041ab898a
-A cali-to-wl-dispatch -m comment --comment "cali:ca62AFjLc5tBx-Ht" --out-interface cali456b416f2bf --goto cali-tw-cali456b416f2bf
-A cali-to-wl-dispatch -m comment --comment "cali:968BYyHwfAXXKE-U" --out-interface calidac200d72ba --goto cali-tw-calidac200d72ba
-A cali-to-wl-dispatch -m comment --comment "cali:6X4oUZFfNoM1EmPl" -m comment --comment "Unknown interface" --jump DROP
-A cali-tw-cali08041ab898a -m comment --comment "cali:_jd2xDjE0y5lEjRj" -m conntrack --ctstate RELATED,ESTABLISHED --jump ACCEPT
-A cali-tw-cali08041ab898a -m comment --comment "cali:pLVTBljULrIoF2QA" -m conntrack --ctstate INVALID --jump DROP
-A cali-tw-cali08041ab898a -m comment --comment "cali:1sPq4BQnw16_yGx6" --jump MARK --set-mark 0/0x30000
-A cali-tw-cali08041ab898a -m comment --comment "cali:t9toiwZKM4dN2Wkx" -m comment --comment "Start of tier default" --jump MARK --set-mark 0/0x20000
-A cali-tw-cali08041ab898a -m comment --comment "cali:R2ewO0kbB9r_tGCv" -m mark --mark 0/0x20000 --jump cali-pi-_28KCkudi2SnNe2LcAOD
-A cali-tw-cali08041ab898a -m comment --comment "cali:dKt6EPbkv541SZBV" -m comment --comment "Return if policy accepted" -m mark --mark 0x10000/0x10000 --jump RETURN
-A cali-tw-cali08041ab898a -m comment --comment "cali:F5ecXVnB4rtnLZ7i" -m comment --comment "End of tier default. Drop if no policies passed packet" -m mark --mark 0/0x20000 --jump DROP
-A cali-tw-cali08041ab898a -m comment --comment "cali:FXovy-NSY3WRIeR6" --jump cali-pri-kns.x
-A cali-tw-cali08041ab898a -m comment --comment "cali:Lelu8mYy5F0TWOYi" -m comment --comment "Return if profile accepted" -m mark --mark 0x10000/0x10000 --jump RETURN
-A cali-tw-cali08041ab898a -m comment --comment "cali:jSuRcaTRjyFRA-zl" -m comment --comment "Drop if no profiles matched" --jump DROP
-A cali-tw-cali456b416f2bf -m comment --comment "cali:Jpmqxuu20YyKeZAq" -m conntrack --ctstate RELATED,ESTABLISHED --jump ACCEPT
-A cali-tw-cali456b416f2bf -m comment --comment "cali:vaf9spZ0AO6Y8Jrh" -m conntrack --ctstate INVALID --jump DROP
-A cali-tw-cali456b416f2bf -m comment --comment "cali:QaavBLU8W4UACYit" --jump MARK --set-mark 0/0x30000
-A cali-tw-cali456b416f2bf -m comment --comment "cali:74GXqPSznDFysah9" -m comment --comment "Start of tier default" --jump MARK --set-mark 0/0x20000
-A cali-tw-cali456b416f2bf -m comment --comment "cali:2o197uFBtp88T-xB" -m mark --mark 0/0x20000 --jump cali-pi-_28KCkudi2SnNe2LcAOD
-A cali-tw-cali456b416f2bf -m comment --comment "cali:5Y8oz84_FxsFri2W" -m comment --comment "Return if policy accepted" -m mark --mark 0x10000/0x10000 --jump RETURN
-A cali-tw-cali456b416f2bf -m comment --comment "cali:gpptUQWGDXLmPB-_" -m mark --mark 0/0x20000 --jump cali-pi-_Ho60zIOyPjGrYqxje_g
-A cali-tw-cali456b416f2bf -m comment --comment "cali:J-AT5Xr3LNrGuoLV" -m comment --comment "Return if policy accepted" -m mark --mark 0x10000/0x10000 --jump RETURN
-A cali-tw-cali456b416f2bf -m comment --comment "cali:bRS5pY36JNZbNaBs" -m comment --comment "End of tier default. Drop if no policies passed packet" -m mark --mark 0/0x20000 --jump DROP
-A cali-tw-cali456b416f2bf -m comment --comment "cali:7Yi_AtIdBL_zLMe4" --jump cali-pri-kns.x
-A cali-tw-cali456b416f2bf -m comment --comment "cali:S-Gyx8uKtfbLIwQZ" -m comment --comment "Return if profile accepted" -m mark --mark 0x10000/0x10000 --jump RETURN
-A cali-tw-cali456b416f2bf -m comment --comment "cali:nkgBVrmMUpSFKxaJ" -m comment --comment "Drop if no profiles matched" --jump DROP
-A cali-tw-calidac200d72ba -m comment --comment "cali:z1tEBZhA1r4Srfm9" -m conntrack --ctstate RELATED,ESTABLISHED --jump ACCEPT
-A cali-tw-calidac200d72ba -m comment --comment "cali:cMnqYZzqWNcm8QYN" -m conntrack --ctstate INVALID --jump DROP
-A cali-tw-calidac200d72ba -m comment --comment "cali:dFA7JLQacmGIW2x4" --jump MARK --set-mark 0/0x30000
-A cali-tw-calidac200d72ba -m comment --comment "cali:cwAux70jtc0d_eRo" --jump cali-pri-kns.y
-A cali-tw-calidac200d72ba -m comment --comment "cali:cZQ7tW8szM3SpcSG" -m comment --comment "Return if profile accepted" -m mark --mark 0x10000/0x10000 --jump RETURN
-A cali-tw-calidac200d72ba -m comment --comment "cali:GvKnUghMviK-59-J" -m comment --comment "Drop if no profiles matched" --jump DROP
-A cali-wl-to-host -m comment --comment "cali:Ee9Sbo10IpVujdIY" --jump cali-from-wl-dispatch
-A cali-wl-to-host -m comment --comment "cali:nSZbcOoG1xPONxb8" -m comment --comment "Configured DefaultEndpointToHostAction" --jump ACCEPT
COMMIT
RULES
### probe
h="ip netns exec host"
# tcp NS ADDRESS PORT; udp NS ADDRESS
p=4100
tcp() { p=$((p + 1)); ip netns exec $1 nc -z -w1 -n -p $p $2 $3 && echo "$1 to $2:$3 yes" || echo "$1 to $2:$3 no"; }
udp() { echo "hi from $1" | ip netns exec $1 nc -u -n -w1 -p 4001 $2 53 || true; }
for n in xa xb ya; do
  ip netns exec $n timeout 60 nc -lk -n 0.0.0.0 80 >/dev/null &
  ip netns exec $n timeout 60 nc -lk -n 0.0.0.0 81 >/dev/null &
done
ip netns exec out timeout 60 nc -ulk -n 0.0.0.0 53 >/tmp/felix-out &
sleep 0.5
tcp ya 10.244.0.10 80
tcp ya 10.244.0.10 81
tcp ya 10.244.0.11 80
tcp xb 10.244.0.10 80
tcp xa 10.244.0.12 80
tcp ya 203.0.113.99 80
udp xa 203.0.113.99
udp xa 203.0.113.200
udp xb 203.0.113.99
tcp host 10.244.0.10 81
ip netns exec ya ping -c1 -W1 -n 192.0.2.1 | sed -n '2s/ time.*//p'
ip netns exec ya ping -c1 -W1 -n 192.0.2.99 | sed -n '2s/ time.*//p'
ip netns exec xb ping -c1 -W1 -n 192.0.2.1 | sed -n '/packets/s/, time.*//p'
ip -n ya addr add 10.9.9.9/32 dev eth0
ip netns exec ya ping -c1 -W1 -n -I 10.9.9.9 192.0.2.99 | sed -n '/packets/s/, time.*//p'
cat /tmp/felix-out
$h iptables -t raw -nvL cali-PREROUTING
$h iptables -nvL cali-FORWARD
$h iptables -nvL cali-tw-cali456b416f2bf
$h iptables -nvL cali-fw-cali08041ab898a
$h iptables -t nat -nvL cali-nat-outgoing
$h ipset list 'cali40n:-41d8CgYX-xMwTntiNM-X5c' | sed '/^Size/d;/bucketsize/d' | sort
$h iptables-save | grep -v '^#'
