/** The part of Debian's /etc/services that container networks meet. */

type Transport = "tcp" | "udp";

const TABLE: readonly (readonly [name: string, port: number, transports: string])[] = [
  ["echo", 7, "tu"],
  ["discard", 9, "tu"],
  ["daytime", 13, "tu"],
  ["chargen", 19, "tu"],
  ["ftp-data", 20, "t"],
  ["ftp", 21, "t"],
  ["ssh", 22, "t"],
  ["telnet", 23, "t"],
  ["smtp", 25, "t"],
  ["time", 37, "tu"],
  ["whois", 43, "t"],
  ["domain", 53, "tu"],
  ["bootps", 67, "u"],
  ["bootpc", 68, "u"],
  ["tftp", 69, "u"],
  ["http", 80, "t"],
  ["kerberos", 88, "tu"],
  ["pop3", 110, "t"],
  ["sunrpc", 111, "tu"],
  ["ntp", 123, "u"],
  ["netbios-ns", 137, "u"],
  ["netbios-dgm", 138, "u"],
  ["netbios-ssn", 139, "t"],
  ["imap2", 143, "t"],
  ["snmp", 161, "tu"],
  ["snmp-trap", 162, "tu"],
  ["bgp", 179, "t"],
  ["ldap", 389, "tu"],
  ["https", 443, "tu"],
  ["microsoft-ds", 445, "tu"],
  ["isakmp", 500, "u"],
  ["syslog", 514, "u"],
  ["shell", 514, "t"],
  ["route", 520, "u"],
  ["submission", 587, "t"],
  ["ldaps", 636, "tu"],
  ["imaps", 993, "t"],
  ["pop3s", 995, "t"],
  ["l2f", 1701, "u"],
  ["radius", 1812, "tu"],
  ["radius-acct", 1813, "tu"],
  ["nfs", 2049, "tu"],
  ["mysql", 3306, "t"],
  ["iscsi-target", 3260, "t"],
  ["ipsec-nat-t", 4500, "u"],
  ["sip", 5060, "tu"],
  ["mdns", 5353, "u"],
  ["postgresql", 5432, "t"],
  ["redis", 6379, "t"],
  ["http-alt", 8080, "tu"],
];

const LETTER: Readonly<Record<Transport, string>> = { tcp: "t", udp: "u" };

/** The name of a port, as getservbyport(3) finds it. */
export function serviceName(transport: Transport, port: number): string | undefined {
  return TABLE.find(([, number, kinds]) => number === port && kinds.includes(LETTER[transport]))?.[0];
}

/** The port of a name, and what it is for. */
export function servicePort(
  name: string,
): { readonly port: number; readonly tcp: boolean; readonly udp: boolean } | undefined {
  const row = TABLE.find(([known]) => known === name);
  return row && { port: row[1], tcp: row[2].includes("t"), udp: row[2].includes("u") };
}
