#!/usr/bin/python3
"""Shim around scapy's ESP (scapy.layers.ipsec): one JSON request a line in, one JSON answer a line out.

Needs Debian's python3-scapy. The protocol is described in ../README.md. scapy is a codec: it has no replay window, no
SPD and no lifetimes, so the shim claims only what scapy does.
"""
import json
import logging
import struct
import sys

logging.getLogger("scapy").setLevel(logging.ERROR)
import scapy  # noqa: E402
from scapy.layers.inet import IP, UDP  # noqa: E402
from scapy.layers.inet6 import IPv6  # noqa: E402
from scapy.layers.ipsec import ESP, SecurityAssociation  # noqa: E402
from scapy.packet import raw  # noqa: E402

CIPHERS = {
    "ENCR_NULL": "NULL",
    "ENCR_AES_CBC": "AES-CBC",
    "ENCR_AES_CTR": "AES-CTR",
    "ENCR_AES_GCM_16": "AES-GCM",
    "ENCR_AES_CCM_16": "AES-CCM",
    "ENCR_CHACHA20_POLY1305": "CHACHA20-POLY1305",
    "ENCR_3DES": "3DES",
}
MACS = {
    None: "NULL",
    "AUTH_HMAC_MD5_96": "HMAC-MD5-96",
    "AUTH_HMAC_SHA1_96": "HMAC-SHA1-96",
    "AUTH_HMAC_SHA2_256_128": "SHA2-256-128",
    "AUTH_HMAC_SHA2_384_192": "SHA2-384-192",
    "AUTH_HMAC_SHA2_512_256": "SHA2-512-256",
    "AUTH_AES_CMAC_96": "AES-CMAC-96",
}
CAPABILITIES = ["EspInbound", "EspOutbound", "TransportMode", "TunnelMode", "Ipv6", "Esn", "SequenceSeed", "UdpEncap", "SaInstall"]
inbound, outbound, counters, policies = {}, {}, {}, []


def ip(address, other):
    """The outer header between two addresses."""
    return IPv6(src=address, dst=other) if ":" in address else IP(src=address, dst=other)


def parse(packet):
    """A datagram as scapy sees it."""
    return IPv6(packet) if packet[0] >> 4 == 6 else IP(packet)


def install(sa):
    """Keeps an SA as scapy's object, or says what scapy lacks."""
    cipher, mac = CIPHERS.get(sa["encryption"]), MACS.get(sa.get("integrity"))
    if cipher is None or mac is None:
        return {"unsupported": "scapy has no %s with %s" % (sa["encryption"], sa.get("integrity"))}
    if sa["mode"] == "beet" or "lifetime" in sa or "tfcPayloadBytes" in sa:
        return {"unsupported": "scapy has no BEET mode, no lifetimes and no TFC"}
    last = int(sa["lastSequence"])
    udp = sa.get("udpEncapsulation")
    association = SecurityAssociation(
        ESP, spi=sa["spi"], seq_num=(last & 0xFFFFFFFF) + 1,
        crypt_algo=cipher, crypt_key=bytes.fromhex(sa["encryptionKey"]),
        auth_algo=mac, auth_key=bytes.fromhex(sa.get("integrityKey", "")) or None,
        tunnel_header=ip(sa["source"], sa["destination"]) if sa["mode"] == "tunnel" else None,
        nat_t_header=UDP(sport=udp["sourcePort"], dport=udp["destinationPort"]) if udp else None,
        esn_en=sa["extendedSequenceNumbers"], esn=last >> 32)
    if sa["direction"] == "in":
        inbound[sa["spi"]] = association
    else:
        outbound[(sa["mode"], sa["source"], sa["destination"])] = association
        # scapy leaves the high half of the number to its caller.
        counters[association.spi] = last
    return {}


def from_wire(packet):
    """What scapy opens is delivered; what it refuses is not."""
    datagram = parse(packet)
    association = inbound.get(datagram[ESP].spi) if datagram.haslayer(ESP) else None
    if association is None:
        return []
    if datagram.haslayer(UDP):
        # scapy takes the packet without its NAT header.
        esp = raw(datagram[ESP])
        header = datagram.copy()
        header.remove_payload()
        if header.version == 4:
            header.proto, header.len = 50, 20 + len(esp)
            del header.chksum
        else:
            header.nh, header.plen = 50, len(esp)
        datagram = parse(raw(header) + esp)
    try:
        return [raw(association.decrypt(datagram)).hex()]
    except Exception as refusal:  # scapy signals every refusal, whatever its kind, by an exception
        print("refused: %r" % refusal, file=sys.stderr)
        return []


def from_host(packet):
    """The first policy that fits the addresses names the SA."""
    plain = parse(packet)
    for policy in policies:
        if policy["source"].split("/")[0] == plain.src and policy["destination"].split("/")[0] == plain.dst:
            association = outbound.get((policy["mode"], policy["tunnelSource"], policy["tunnelDestination"]))
            return [seal(association, plain)] if association else []
    return []


def seal(association, plain):
    """The next packet of an SA: the 64-bit counter is kept here, the 32-bit one by scapy itself."""
    if not association.esn_en:
        return raw(association.encrypt(plain)).hex()
    counters[association.spi] += 1
    number = counters[association.spi]
    return raw(association.encrypt(plain, seq_num=number & 0xFFFFFFFF, esn=number >> 32)).hex()


def answer(request):
    """One request, one answer."""
    kind = request["request"]
    if kind == "hello":
        return {"name": "scapy", "version": scapy.VERSION, "capabilities": CAPABILITIES}
    if kind == "reset":
        for database in (inbound, outbound, counters, policies):
            database.clear()
        return {}
    if kind == "installSa":
        return install(request["sa"])
    if kind == "installPolicy":
        if request["policy"]["direction"] == "out":
            policies.append(request["policy"])
        return {}
    if kind == "fromWire":
        return {"toWire": [], "toHost": from_wire(bytes.fromhex(request["packet"]))}
    if kind == "fromHost":
        try:
            return {"toWire": from_host(bytes.fromhex(request["packet"])), "toHost": []}
        except struct.error as overflow:  # a number of more than 32 bits: scapy cannot write it, nothing is sent
            print("not sent: %r" % overflow, file=sys.stderr)
            return {"toWire": [], "toHost": []}
    return {"unsupported": kind}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
