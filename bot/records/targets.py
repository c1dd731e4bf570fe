"""Notification targets: Apprise URLs, one for each place a professional looks at."""

import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass

from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType

from .errors import InvalidTarget

# A comma may be part of a URL; one before a further scheme cannot be.
_SEPARATOR = re.compile(r"\s+|,+(?=[A-Za-z0-9]+://)")
_FINGERPRINT = 12


@dataclass(frozen=True)
class Target:
    """One place that notifications go to."""

    position: int
    scheme: str
    fingerprint: str
    service: Apprise

    @property
    def label(self) -> str:
        """How logs and errors call it: enough to find it, nothing of what is secret."""
        return f"target {self.position} ({self.scheme})"

    def send(self, title: str, body: str) -> str | None:
        """Send, and return what went wrong, or None when it was accepted."""
        try:
            accepted = self.service.notify(
                title=title,
                body=body,
                notify_type=NotifyType.WARNING,
                body_format=NotifyFormat.TEXT,
            )
        except Exception as failure:
            # A plugin's own bug counts as a failed attempt; its words may hold the URL.
            return f"{self.label} failed ({type(failure).__name__})"
        return None if accepted else f"{self.label} did not accept it"


def split_targets(text: str) -> tuple[str, ...]:
    """Return the target URLs in a setting, separated by spaces or commas."""
    parts = (part.strip(",") for part in _SEPARATOR.split(text))
    return tuple(part for part in parts if part)


def check_targets(text: str) -> int:
    """Return how many targets a setting names.

    Raises:
        InvalidTarget: one cannot be understood; the message names its position only.
    """
    return len(open_targets(split_targets(text), "check"))


def open_targets(urls: Sequence[str], application: str) -> tuple[Target, ...]:
    """Return the targets that the URLs name.

    Raises:
        InvalidTarget: one cannot be understood; the message names its position only.
    """
    # Apprise logs URLs it cannot read, and message text when debugging: both are secret.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    asset = AppriseAsset(app_id=application, app_desc=application, async_mode=False)
    opened: list[Target] = []
    for position, url in enumerate(urls, start=1):
        service = Apprise(asset=asset)
        if not service.add(url) or len(service) != 1:
            raise InvalidTarget(
                f"notification target {position} of {len(urls)} cannot be understood: "
                "it must be an Apprise URL, such as mailto://, slack:// or json://"
            )
        taken = [target.fingerprint for target in opened]
        scheme = url.split("://", 1)[0].strip().lower()
        opened.append(Target(position, scheme, _fingerprint(service, taken), service))
    return tuple(opened)


def _fingerprint(service: Apprise, taken: Sequence[str]) -> str:
    """Return what tells a target from others in the database, even after re-ordering.

    It is made of the URL with its secrets masked, so two targets may look the same: the
    later one is told apart by its number.
    """
    masked = service.urls(privacy=True)[0]
    number = 0
    while True:
        digest = hashlib.sha256(f"{number} {masked}".encode()).hexdigest()[:_FINGERPRINT]
        if digest not in taken:
            return digest
        number += 1
