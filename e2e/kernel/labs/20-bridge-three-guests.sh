# One bridge, three guests, other names and addresses: who hears the broadcast, who hears the answer, what the bridge has learned.
ns host red green blue
br host br-lan 02:00:00:00:20:fe
i=0; for p in red green blue; do i=$((i+1))
  wire host lan$i 02:00:00:00:20:b$i $p net0 02:00:00:00:20:a$i; ip -n host link set lan$i master br-lan
  ip -n $p addr add 192.168.100.$((i+9))/25 dev net0
done
ip -n host addr add 192.168.100.126/25 dev br-lan
### probe
ip netns exec red ping -c1 -W1 192.168.100.12
ip netns exec blue ping -c2 -i 0.3 -W1 -s 500 192.168.100.11
ip netns exec host ping -c1 -W1 192.168.100.10
ip netns exec green ping -c1 -W1 -q 192.168.100.126
ip netns exec red ping -c1 -W1 192.168.100.99 || echo "exit $?"
bridge -n host fdb show br br-lan dynamic | sort
for p in red green blue; do ip -n $p neigh | sort | sed 's/ [A-Z]* *$//'; done
