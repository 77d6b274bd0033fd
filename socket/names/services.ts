/**
 * Services and protocols by name and by number.
 *
 * The system's own lists, `/etc/services` and `/etc/protocols`, count if the
 * program may read them (`--allow-read=/etc/services,/etc/protocols`);
 * otherwise a list of the common ones does: of the
 * [IANA's registries](https://www.iana.org/protocols), with the names that Linux
 * distributions give. No permission is asked for.
 *
 * Follows Python's
 * [other functions](https://docs.python.org/3/library/socket.html#other-functions)
 * and `getservbyname(3)`, `getservbyport(3)`, `getprotobyname(3)`.
 *
 * @module
 */

import { text } from "../arguments.ts";
import { integer } from "../bytes.ts";
import { OSError } from "../errors.ts";
import { entries, named, readDatabase } from "./database.ts";

/**
 * The port of a service. Case counts.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(socket.getservbyname("http"), 80);
 * assertEquals(socket.getservbyname("domain", "udp"), 53);
 * ```
 *
 * Follows Python's
 * [`socket.getservbyname`](https://docs.python.org/3/library/socket.html#socket.getservbyname).
 *
 * @param servicename The name of the service, or one of its other names.
 * @param protocolname `"tcp"` or `"udp"`; any protocol by default.
 * @returns The port, 0 to 65535.
 * @throws {OSError} If there is no such service (`errno` is `null`).
 * @throws {TypeError} If an argument is not a string.
 * @throws {RangeError} If an argument contains a NUL.
 */
export function getservbyname(
  servicename: string,
  protocolname?: string,
): number {
  text(servicename, "getservbyname() argument 1");
  const protocol = optional(protocolname, "getservbyname() argument 2");
  for (const entry of entries(services())) {
    if (
      named(entry, servicename) && entry.proto === (protocol ?? entry.proto)
    ) {
      return entry.number;
    }
  }
  throw new OSError("service/proto not found");
}

/**
 * The name of the service that a port is for.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(socket.getservbyport(443, "tcp"), "https");
 * ```
 *
 * Follows Python's
 * [`socket.getservbyport`](https://docs.python.org/3/library/socket.html#socket.getservbyport).
 *
 * @param port 0 to 65535.
 * @param protocolname `"tcp"` or `"udp"`; any protocol by default.
 * @returns The official name of the service.
 * @throws {OSError} If there is no such service (`errno` is `null`).
 * @throws {RangeError} If the port is out of range, or the protocol contains a
 * NUL.
 * @throws {TypeError} If an argument is of the wrong type.
 */
export function getservbyport(port: number, protocolname?: string): string {
  integer(port, "getservbyport() argument 1");
  const protocol = optional(protocolname, "getservbyport() argument 2");
  if (port < 0 || port > 0xffff) {
    throw new RangeError("getservbyport: port must be 0-65535.");
  }
  for (const entry of entries(services())) {
    if (entry.number === port && entry.proto === (protocol ?? entry.proto)) {
      return entry.name;
    }
  }
  throw new OSError("port/proto not found");
}

/**
 * The number of a protocol, for the third argument of `socket()`. Case counts:
 * there are `"tcp"` and `"TCP"`.
 *
 * ```ts
 * import { socket } from "@berkeley/socket";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(socket.getprotobyname("tcp"), socket.IPPROTO_TCP);
 * ```
 *
 * Follows Python's
 * [`socket.getprotobyname`](https://docs.python.org/3/library/socket.html#socket.getprotobyname).
 *
 * @param protocolname The name of the protocol, or one of its other names.
 * @returns The number, `IPPROTO_…` where there is such a constant.
 * @throws {OSError} If there is no such protocol (`errno` is `null`).
 * @throws {TypeError} If the name is not a string.
 * @throws {RangeError} If the name contains a NUL.
 */
export function getprotobyname(protocolname: string): number {
  text(protocolname, "getprotobyname() argument 1");
  for (const entry of entries(readDatabase("protocols") ?? PROTOCOLS)) {
    if (named(entry, protocolname)) return entry.number;
  }
  throw new OSError("protocol not found");
}

function services(): string {
  return readDatabase("services") ?? SERVICES;
}

function optional(name: string | undefined, what: string): string | undefined {
  return name === undefined ? undefined : text(name, what);
}

/** The common services, as in `/etc/services`; `tcp,udp` stands for two lines. */
export const SERVICES = `
tcpmux 1/tcp
echo 7/tcp,udp
discard 9/tcp,udp sink null
systat 11/tcp users
daytime 13/tcp,udp
qotd 17/tcp quote
chargen 19/tcp,udp ttytst source
ftp-data 20/tcp
ftp 21/tcp
ssh 22/tcp
telnet 23/tcp
smtp 25/tcp mail
time 37/tcp,udp timserver
whois 43/tcp nicname
domain 53/tcp,udp
bootps 67/udp
bootpc 68/udp
tftp 69/udp
gopher 70/tcp
finger 79/tcp
http 80/tcp www
kerberos 88/tcp,udp kerberos5 krb5
pop3 110/tcp pop-3
sunrpc 111/tcp,udp portmapper
auth 113/tcp authentication tap ident
nntp 119/tcp readnews untp
ntp 123/udp
netbios-ns 137/udp
netbios-dgm 138/udp
netbios-ssn 139/tcp
imap2 143/tcp imap
snmp 161/tcp,udp
snmp-trap 162/tcp,udp snmptrap
bgp 179/tcp
ldap 389/tcp,udp
svrloc 427/tcp,udp
https 443/tcp,udp
microsoft-ds 445/tcp
kpasswd 464/tcp,udp
submissions 465/tcp smtps
isakmp 500/udp
exec 512/tcp
biff 512/udp comsat
login 513/tcp
who 513/udp whod
shell 514/tcp cmd syslog
syslog 514/udp
printer 515/tcp spooler
talk 517/udp
ntalk 518/udp
route 520/udp router routed
uucp 540/tcp uucpd
dhcpv6-client 546/udp
dhcpv6-server 547/udp
rtsp 554/tcp,udp
nntps 563/tcp snntp
submission 587/tcp
ipp 631/tcp
ldaps 636/tcp,udp
domain-s 853/tcp,udp
rsync 873/tcp
ftps-data 989/tcp
ftps 990/tcp
telnets 992/tcp
imaps 993/tcp
pop3s 995/tcp
socks 1080/tcp
openvpn 1194/tcp,udp
ms-sql-s 1433/tcp
ms-sql-m 1434/udp
l2f 1701/udp l2tp
radius 1812/tcp,udp
radius-acct 1813/tcp,udp radacct
nfs 2049/tcp,udp
iscsi-target 3260/tcp
mysql 3306/tcp
ms-wbt-server 3389/tcp
svn 3690/tcp subversion
ipsec-nat-t 4500/udp
sip 5060/tcp,udp
sip-tls 5061/tcp,udp
xmpp-client 5222/tcp jabber-client
xmpp-server 5269/tcp jabber-server
mdns 5353/udp
postgresql 5432/tcp postgres
amqps 5671/tcp
amqp 5672/tcp,sctp
x11 6000/tcp x11-0
redis 6379/tcp
syslog-tls 6514/tcp
ircd 6667/tcp
ircs-u 6697/tcp
http-alt 8080/tcp webcache
git 9418/tcp
`;

/** The common protocols, as in `/etc/protocols`. */
export const PROTOCOLS = `
ip 0 IP
hopopt 0 HOPOPT
icmp 1 ICMP
igmp 2 IGMP
ggp 3 GGP
ipencap 4 IP-ENCAP
st 5 ST
tcp 6 TCP
egp 8 EGP
igp 9 IGP
pup 12 PUP
udp 17 UDP
hmp 20 HMP
xns-idp 22 XNS-IDP
rdp 27 RDP
iso-tp4 29 ISO-TP4
dccp 33 DCCP
xtp 36 XTP
ddp 37 DDP
idpr-cmtp 38 IDPR-CMTP
ipv6 41 IPv6
ipv6-route 43 IPv6-Route
ipv6-frag 44 IPv6-Frag
idrp 45 IDRP
rsvp 46 RSVP
gre 47 GRE
esp 50 IPSEC-ESP
ah 51 IPSEC-AH
skip 57 SKIP
ipv6-icmp 58 IPv6-ICMP
ipv6-nonxt 59 IPv6-NoNxt
ipv6-opts 60 IPv6-Opts
rspf 73 RSPF CPHB
vmtp 81 VMTP
eigrp 88 EIGRP
ospf 89 OSPFIGP
ax.25 93 AX.25
ipip 94 IPIP
etherip 97 ETHERIP
encap 98 ENCAP
pim 103 PIM
ipcomp 108 IPCOMP
vrrp 112 VRRP
l2tp 115 L2TP
isis 124 ISIS
sctp 132 SCTP
fc 133 FC
mobility-header 135 Mobility-Header
udplite 136 UDPLite
mpls-in-ip 137 MPLS-in-IP
manet 138
hip 139 HIP
shim6 140 Shim6
wesp 141 WESP
rohc 142 ROHC
`;
