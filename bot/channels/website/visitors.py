"""Who asks: the visitor's address, and whether the page they are on may embed the widget."""

from __future__ import annotations

import logging
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from sanic.request import Request

from bot.settings import Settings

logger = logging.getLogger(__name__)

# An IPv6 visitor has a whole network of this size to choose addresses from.
IPV6_PREFIX = 64


class Visitors:
    """Reads requests.

    Args:
        settings: allowed origins and trusted proxies.
    """

    def __init__(self, settings: Settings) -> None:
        self._origins = frozenset(settings.allowed_origins.split())
        self._proxies = tuple(ip_network(proxy) for proxy in settings.trusted_proxies.split())
        self._warned = False

    def address(self, request: Request) -> str:
        """Return the address to which limits apply.

        That is the nearest one that is not a proxy of ours; what stands further left in
        X-Forwarded-For anybody may have written.
        """
        known = _parsed(request.ip)
        named = request.headers.get("x-forwarded-for")
        if named and not self._is_proxy(known):
            self._warn()
        hops = (named or "").split(",")
        while hops and known is not None and self._is_proxy(known):
            further = _parsed(hops.pop())
            if further is None:
                break
            known = further
        return _grouped(known) if known else str(request.ip)

    def allowed(self, origin: str | None, host: str | None) -> bool:
        """Tell whether a page of this origin may talk to us; without one, it is no page's call.

        Args:
            origin: the header Origin.
            host: the header Host, by which the server knows its own pages, whatever proxy
                ends their TLS.
        """
        if not origin or origin in self._origins:
            return True
        return bool(host) and origin in (f"https://{host}", f"http://{host}")

    def _is_proxy(self, address: IPv4Address | IPv6Address | None) -> bool:
        return address is not None and any(address in network for network in self._proxies)

    def _warn(self) -> None:
        if not self._warned:
            self._warned = True
            logger.warning(
                "A proxy that TRUSTED_PROXIES does not name hands requests on: all its visitors "
                "share the limits of one address"
            )


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _grouped(address: IPv4Address | IPv6Address) -> str:
    if address.version == 4:
        return str(address)
    return str(ip_network(f"{address}/{IPV6_PREFIX}", strict=False))
