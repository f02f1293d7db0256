"""What refers to artifacts. The rooms above, which have the references, say where to look.

A reference is a hash that some row names, whether or not the store has that content yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy.orm import Session

SHOWN = 20
"""The most references of each kind that are shown of one artifact."""


class ReferenceKind(StrEnum):
    """What has the reference."""

    RELEASE = "release"
    PACKAGE = "package"
    EVIDENCE = "evidence"


class Reference(NamedTuple):
    """One thing that names an artifact's hash."""

    sha256: str
    kind: ReferenceKind
    deployment_id: int | None
    """The deployment whose evidence it is."""
    what: str
    """As `vpn-client 5.2.1 on windows`, or the part of the evidence."""
    total: int
    """How many references of this kind the artifact has."""

    @property
    def sentence(self) -> str:
        """As `release vpn-client 5.2.1 on windows`, or `sbom of deployment 12`."""
        of = "" if self.deployment_id is None else f" of deployment {self.deployment_id}"
        return f"{self.what}{of}" if of else f"{self.kind} {self.what}"


class References(NamedTuple):
    """What refers to one artifact: the first of each kind, and how many there are."""

    shown: list[Reference]
    total: int


NONE = References([], 0)
Referrer = Callable[[Session, Collection[str], int], Iterable[Reference]]
"""The references to any of these hashes, for each hash and kind up to a number of them."""

_referrers: list[Referrer] = []


def install(referrer: Referrer) -> None:
    """Ask `referrer` too; called by the factory."""
    if referrer not in _referrers:
        _referrers.append(referrer)


def to(session: Session, hashes: Collection[str]) -> Mapping[str, References]:
    """What refers to each of these hashes, one query for each kind of reference; hashes without any are left out."""
    found: defaultdict[str, list[Reference]] = defaultdict(list)
    if hashes:
        for referrer in _referrers:
            for reference in referrer(session, hashes, SHOWN):
                found[reference.sha256].append(reference)
    return {sha256: References(each, _total(each)) for sha256, each in found.items()}


def _total(references: Iterable[Reference]) -> int:
    return sum({reference.kind: reference.total for reference in references}.values())
