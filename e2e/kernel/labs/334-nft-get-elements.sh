# nft get element: an interval is found by what lies in it, a map's interval by its lower end; position 0 is no position.
ns s
### probe
S="ip netns exec s nft"
$S -f - <<'N'
table inet t {
  set p { type inet_service; flags interval; elements = { 80, 8000-8999 } }
  set a { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.168.1.1-192.168.1.5 } }
  set h { type ipv4_addr; elements = { 1.1.1.1, 2.2.2.2 } }
  map m { type inet_service : verdict; flags interval; elements = { 22 : drop, 100-200 : accept } }
  chain c { tcp dport 1 accept; tcp dport 2 accept; }
}
N
g() { echo "get $@"; $S get element inet t "$@" 2>&1; echo "exit $?"; }
for k in 8500 80 81 8000-8999 8100-8200 8900-9000 '80, 8001'; do g p "{ $k }"; done
for k in 10.1.2.3 10.0.0.0/8 10.1.0.0/16 192.168.1.2 192.168.1.6; do g a "{ $k }"; done
g h '{ 1.1.1.1 }'; g h '{ 3.3.3.3 }'; g m '{ 150 }'; g m '{ 22 }'
$S insert rule inet t c position 0 tcp dport 9 accept; $S add rule inet t c position 0 tcp dport 10 accept; $S add rule inet t c handle 0 tcp dport 11 accept; $S list chain inet t c
