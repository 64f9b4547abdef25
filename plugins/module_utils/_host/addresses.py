# Copyright (c) 2026, The mailops.mailserver authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The addresses of this host, as the kernel's routing tables have them."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
from typing import NamedTuple, Union

from . import files

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]

_LEAF = re.compile(r"\s*\|-- (\S+)\s*\Z")
_LOCAL = re.compile(r"\s*/(\d+) host LOCAL\s*\Z")


class Own(NamedTuple):
    """What this host takes for itself. ``networks`` is empty where that cannot be read."""

    networks: tuple[Network, ...] = ()

    def __contains__(self, address: object) -> bool:
        return isinstance(address, (ipaddress.IPv4Address, ipaddress.IPv6Address)) and any(
            address in network for network in self.networks
        )


def own(trie: str = "/proc/net/fib_trie", interfaces: str = "/proc/net/if_inet6") -> Own:
    """The addresses of all interfaces and all networks that are routed to the host itself, 127.0.0.0/8 among them."""
    found: list[Network] = []
    leaf = ""
    for line in (files.read_text(trie) or "").splitlines():
        named, local = _LEAF.match(line), _LOCAL.match(line)
        if named:
            leaf = named.group(1)
        elif local:
            found.append(ipaddress.ip_network(f"{leaf}/{local.group(1)}"))
    for line in (files.read_text(interfaces) or "").splitlines():
        found.append(ipaddress.ip_network(int(line.split()[0], 16).to_bytes(16, "big")))
    return Own(tuple(dict.fromkeys(found)))


def network(address: Address) -> Network:
    """The network of one address alone."""
    return ipaddress.ip_network(str(address))


def outward() -> str:
    """The address that packets to other hosts leave from, IPv4 first; 127.0.0.1 where there is no way out.

    Nothing is sent; the kernel only chooses (the destinations are documentation's own, RFC 5737 and RFC 3849).
    """
    for family, elsewhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as way:
            way.connect((elsewhere, 25))
            return str(way.getsockname()[0])
    return "127.0.0.1"
