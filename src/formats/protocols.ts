/** protocols(5): the names that Debian 12's /etc/protocols gives to IP protocols. */

const TABLE = `
ip 0; icmp 1; igmp 2; ggp 3; ipencap 4; st 5; tcp 6; egp 8; igp 9; pup 12; udp 17; hmp 20; xns-idp 22
rdp 27; iso-tp4 29; dccp 33; xtp 36; ddp 37; idpr-cmtp 38; ipv6 41; ipv6-route 43; ipv6-frag 44; idrp 45
rsvp 46; gre 47; esp 50; ah 51; skip 57; ipv6-icmp 58; ipv6-nonxt 59; ipv6-opts 60; rspf 73; vmtp 81
eigrp 88; ospf 89; ax.25 93; ipip 94; etherip 97; encap 98; pim 103; ipcomp 108; vrrp 112; l2tp 115
isis 124; sctp 132; fc 133; mobility-header 135; udplite 136; mpls-in-ip 137; manet 138; hip 139
shim6 140; wesp 141; rohc 142; ethernet 143
`;

/** Other names that the file or iptables(8) knows. */
const ALIASES: Readonly<Record<string, number>> = {
  hopopt: 0,
  "ip-encap": 4,
  "ipsec-esp": 50,
  "ipsec-ah": 51,
  icmpv6: 58,
  "ipv6-nonxt": 59,
  "ipv6-mh": 135,
  mh: 135,
  ospfigp: 89,
};

const numbers = new Map<string, number>(Object.entries(ALIASES));
const names = new Map<number, string>();

for (const entry of TABLE.split(/[;\n]/)) {
  const [name, number] = entry.trim().split(" ");
  if (name === undefined || number === undefined) continue;
  if (!numbers.has(name)) numbers.set(name, Number(number));
  if (!names.has(Number(number))) names.set(Number(number), name);
}

/** getprotobyname(3), in any case. */
export function protocolNumber(name: string): number | undefined {
  return numbers.get(name.toLowerCase());
}

/** getprotobynumber(3). */
export function protocolName(number: number): string | undefined {
  return names.get(number);
}
