# Forwarding entries by hand: where they go without "master", what refuses, what replace and append do.
ns sw a b c
br sw br0 02:00:00:00:50:01
for p in a b c; do wire sw to-$p 02:00:00:00:b0:0$p $p eth0 02:00:00:00:aa:0$p; ip -n sw link set to-$p master br0; done
ip -n a addr add 10.9.0.2/24 dev eth0; ip -n b addr add 10.9.0.3/24 dev eth0; ip -n c addr add 10.9.0.4/24 dev eth0
### probe
x() { "$@" 2>&1 || echo "exit $?"; }
f() { x bridge -n sw fdb "$@"; }
f add 02:00:00:00:00:01 dev to-a
f add 02:00:00:00:00:02 dev to-a master
f add 02:00:00:00:00:03 dev to-a master static
f add 02:00:00:00:00:04 dev to-a master dynamic
f add 02:00:00:00:00:02 dev to-a master
f add 02:00:00:00:00:02 dev to-b master
f replace 02:00:00:00:00:02 dev to-b master
f append 02:00:00:00:00:03 dev to-b master static
f add 02:00:00:00:00:05 dev nosuch
f add zz dev to-a
f add 02:00:00:00:00:05
f add 02:00:00:00:00:06 dev br0 self
f del 02:00:00:00:00:99 dev to-a master
f del 02:00:00:00:00:01 dev to-a master
f del 02:00:00:00:00:01 dev to-a
f show br br0 | sort
f show dev to-a | sort
f show br nosuch
f get 02:00:00:00:00:02 br br0
f get 02:00:00:00:00:99 br br0
ip -n a neigh add 10.9.0.50 lladdr 02:00:00:00:00:03 dev eth0
x ip netns exec a ping -c1 -W1 10.9.0.50
ip -n sw link set to-b down; sleep 1.5; f show dev to-b | sort
ip -n sw link set to-b nomaster; f show dev to-b | sort
