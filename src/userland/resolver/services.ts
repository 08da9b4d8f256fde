/** services(5): the names of common ports, as /etc/services of Debian gives them. Both protocols alike. */
const SERVICES: readonly (readonly [string, number])[] = [
  ["ftp-data", 20],
  ["ftp", 21],
  ["ssh", 22],
  ["telnet", 23],
  ["smtp", 25],
  ["time", 37],
  ["domain", 53],
  ["bootps", 67],
  ["bootpc", 68],
  ["tftp", 69],
  ["http", 80],
  ["kerberos", 88],
  ["pop3", 110],
  ["sunrpc", 111],
  ["ntp", 123],
  ["imap2", 143],
  ["snmp", 161],
  ["bgp", 179],
  ["ldap", 389],
  ["https", 443],
  ["snpp", 444],
  ["microsoft-ds", 445],
  ["isakmp", 500],
  ["syslog", 514],
  ["ipp", 631],
  ["ldaps", 636],
  ["domain-s", 853],
  ["imaps", 993],
  ["pop3s", 995],
  ["socks", 1080],
  ["openvpn", 1194],
  ["nfs", 2049],
  ["mysql", 3306],
  ["vxlan", 4789],
  ["mdns", 5353],
  ["postgresql", 5432],
  ["http-alt", 8080],
];

const NUMBERS: ReadonlyMap<string, number> = new Map(SERVICES);
const NAMES: ReadonlyMap<number, string> = new Map(SERVICES.map(([name, port]) => [port, name]));

export function serviceNumber(name: string): number | undefined {
  return NUMBERS.get(name);
}

export function serviceName(port: number): string | undefined {
  return NAMES.get(port);
}
