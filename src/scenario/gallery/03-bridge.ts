import { scenario } from "./parts.ts";

const SCRIPT = `ip link add name testbr type bridge
ip link set testbr up
for i in 1 2 3; do
  ip netns add test$i
  ip link add name veth$i type veth peer name br-veth$i
  ip link set netns test$i dev veth$i
  ip link set master testbr dev br-veth$i
  ip link set br-veth$i up
  ip -n test$i link set lo up
  ip -n test$i link set veth$i up
  ip -n test$i addr add 10.0.0.$i/24 dev veth$i
done
# Only the port's own entries are there: nobody has said anything yet.
sleep 2
`;

export default scenario("bridge", {
  text: {
    en: "A bridge is a switch inside the kernel. testbr has three cables in it: br-veth1, br-veth2 and br-veth3, each with a namespace at its other end. The first question (ARP) is for everybody and goes out by every port; from every frame that comes in the bridge learns who is where and writes it into its forwarding database (FDB). From then on a frame for test2 goes to test2 alone, and test3 hears nothing. The FDB says which port a hardware address is behind; that an IP address belongs to a hardware address is what ARP says.",
    zh: "网桥是内核里的交换机。testbr 上插着三根网线：br-veth1、br-veth2、br-veth3，另一头各是一个命名空间。第一个问题（ARP）是问所有人的，从每个端口都发出去；网桥从收到的帧里学到谁在哪里，记进转发表（FDB）。从此发给 test2 的帧只到 test2，test3 什么也听不到。转发表说的是某个 MAC 地址在哪个端口后面；IP 地址对应哪个 MAC 地址，则由 ARP 回答，两者不要混淆。",
  },
  script: SCRIPT,
  probes: [
    {
      title: {
        en: "test1 pings test2: everybody hears the question",
        zh: "test1 ping test2：问题人人都听到",
      },
      from: "test1",
      kind: "ping",
      target: "10.0.0.2",
      look: {
        en: "The ARP question is flooded to test3 too; the ping is not.",
        zh: "ARP 提问也被泛洪到 test3；而 ping 没有。",
      },
      expect: {
        outcome: "answered",
        passes: ["/br-veth1 arp", "test3/veth3 arp host 10.0.0.2"],
        avoids: ["test3/veth3 icmp"],
      },
    },
    {
      title: { en: "What the bridge has learnt", zh: "网桥学到了什么" },
      from: "",
      kind: "shell",
      target: "bridge fdb show br testbr | grep -v permanent",
      look: {
        en: "One line for each MAC address: behind which port it was last seen.",
        zh: "每个 MAC 地址一行：上次在哪个端口后面见到它。",
      },
      expect: { outcome: "answered", says: "dev br-veth2 master testbr" },
    },
    {
      title: { en: "The entry is gone: the bridge floods", zh: "条目没了：网桥泛洪" },
      from: "",
      kind: "shell",
      target:
        "ip netns exec test2 ping -q -c1 10.0.0.1 >/dev/null; bridge fdb del $(bridge fdb show br testbr | awk '/br-veth2 / && !/permanent/ {print $1}') dev br-veth2 master\nip netns exec test1 ping -c1 10.0.0.2",
      look: {
        en: "Now test3 gets a ping that is not for it, and leaves it lying.",
        zh: "这次 test3 收到了不是发给它的 ping，并且置之不理。",
      },
      expect: {
        outcome: "answered",
        says: "1 received",
        passes: ["/br-veth1 icmp", "test3/veth3 icmp"],
      },
    },
  ],
});
