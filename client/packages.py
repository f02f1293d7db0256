"""`/applications/…/packages`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Unpack

from client.session import Subject, segment
from client.types import Package, PackageFilter, Page, Platform


class Packages(Subject):
    """What the connectors need to install each version of an application."""

    def put(
        self,
        application: str,
        version: str,
        connector: str,
        content: Mapping[str, Any],
        *,
        platform: Platform | None = None,
        if_match: int | None = None,
        idempotency_key: str | None = None,
    ) -> Package:
        """Store what a connector needs to install a version, unless the newest package is the same.

        Without a platform, it is for every platform that has no package of its own.
        """
        path = f"{_path(application, version)}/{segment(connector)}"
        if platform is not None:
            path += f"?platform={platform}"
        return self._session.change(
            Package, "PUT", path, dict(content), if_match=if_match, idempotency_key=idempotency_key
        )

    def get(
        self,
        application: str,
        version: str,
        connector: str,
        *,
        platform: Platform | None = None,
        number: int | None = None,
    ) -> Package:
        """The newest package, or the one with that number."""
        query = {"platform": platform, "number": number}
        return self._session.get(Package, f"{_path(application, version)}/{segment(connector)}", query)

    def list(
        self, application: str, version: str, *, limit: int = 50, cursor: int = 0, **filters: Unpack[PackageFilter]
    ) -> Page[Package]:
        """One page of the packages of a version, those that were replaced too."""
        query = {**filters, "limit": limit, "cursor": cursor}
        return self._session.get(Page[Package], _path(application, version), query)

    def each(
        self, application: str, version: str, *, cursor: int = 0, **filters: Unpack[PackageFilter]
    ) -> Iterator[Package]:
        """Every package of a version that matches every filter, the oldest first."""
        return self._session.each(Package, _path(application, version), filters, cursor)


def _path(application: str, version: str) -> str:
    return f"/applications/{segment(application)}/releases/{segment(version)}/packages"
