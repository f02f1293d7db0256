"""Packages: what a connector needs to install a version, as its own model accepts it. Every change is kept.

A deployment keeps the packages that were there when it was created (`deployments/packaged.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session

from app import clock
from app.artifacts import hashes, service as artifacts
from app.artifacts.models import Artifact
from app.artifacts.references import Reference, ReferenceKind
from app.connectors import protocol, registry
from app.connectors.packages import NamedFile, PackageContent
from app.db import db
from app.errors import FieldError
from app.events.unit import unit_of_work
from app.http.bodies import field_errors
from app.http.pagination import page, paged
from app.http.versions import IfMatch, require_version
from app.releases import service as releases
from app.releases.errors import InvalidPackage, NoSuchPackage
from app.releases.models import Application, Package, PackageArtifact, Release
from app.releases.schemas import PackagesQuery


@dataclass(frozen=True)
class Place:
    """What a package is for: one version of an application, on one connector, on a platform or on all others."""

    application: str
    version: str
    connector: str
    platform: str | None

    def __str__(self) -> str:
        on = f" on {self.platform}" if self.platform else ""
        return f"{self.application} {self.version}{on}"


def put(
    actor: str, place: Place, content: dict[str, Any], if_match: IfMatch = None, *, only_new: bool = False
) -> tuple[dict[str, Any], bool]:
    """Store the package unless the newest one is the same; returns it, and whether it is new.

    Raises NoSuchConnector, InvalidPackage, Stale, ContentMissing, StoreUnavailable.
    """
    model = _accepted(place, content)
    artifacts.complete([file.sha256 for file in _files(db.session(), place, model)])
    with unit_of_work(actor) as unit:
        application = releases.locked_application(unit.session, place.application)
        files = _named(unit.session, _files(unit.session, place, model))
        newest = unit.session.execute(_of(place).limit(1)).scalar_one_or_none()
        if only_new or if_match is not None:
            require_version(
                f"The package of {place}", newest.number if newest else 0, frozenset("0") if only_new else if_match
            )
        if newest is not None and newest.content == content and _stored_files(unit.session, newest.id) == files:
            return _shown(unit.session, newest, place.application), False
        package = Package(
            application_id=application.id,
            version=place.version,
            connector=place.connector,
            platform=place.platform,
            number=newest.number + 1 if newest else 1,
            content=content,
            created_by=unit.actor,
            created_at=clock.now(),
        )
        unit.session.add(package)
        unit.session.flush()
        unit.session.add_all(
            PackageArtifact(package_id=package.id, place=n, sha256=file.sha256, name=file.name)
            for n, file in enumerate(files)
        )
        unit.session.flush()
        unit.record("package.stored", {"package_id": package.id, **vars(place), "number": package.number})
        return _shown(unit.session, package, place.application), True


def get(place: Place, number: int | None = None) -> dict[str, Any]:
    """The newest package, or the one with that number. Raises NoSuchConnector, NoSuchPackage."""
    registry.require_known(place.connector)
    statement = _of(place)
    if number is not None:
        statement = statement.where(Package.number == number)
    package = db.session.execute(statement.limit(1)).scalar_one_or_none()
    if package is None:
        which = "" if number is None else f" number {number}"
        raise NoSuchPackage(f"{place} has no package{which} for connector {place.connector}. Store one with PUT.")
    return _shown(db.session(), package, place.application)


def listing(application: str, version: str, query: PackagesQuery) -> dict[str, Any]:
    """A page of the packages of a version."""
    conditions = [Application.name == application, Package.version == version]
    if query.connector is not None:
        conditions.append(Package.connector == query.connector)
    if query.platform is not None:
        conditions.append(Package.platform == query.platform)
    if query.newest:
        newest = select(func.max(Package.id)).group_by(*_WHAT)
        conditions.append(Package.id.in_(newest))
    statement = select(Package).join(Application).where(*conditions)
    found = db.session.execute(paged(statement, Package.id, query)).scalars()
    return page([_shown(db.session(), package, application) for package in found], query)


_WHAT = (Package.application_id, Package.version, Package.connector, Package.platform)


def applying(
    session: Session, application_id: int, version: str, platform: str, connectors: Collection[str]
) -> dict[str, int]:
    """The ids of the newest packages of a release, by connector; one for the platform goes before one for all."""
    statement = (
        select(Package.connector, Package.id)
        .where(
            Package.application_id == application_id,
            Package.version == version,
            Package.connector.in_(connectors),
            Package.platform.is_(None) | (Package.platform == platform),
        )
        .order_by(Package.connector, Package.platform.nulls_first(), Package.number)
    )
    return {row.connector: row.id for row in session.execute(statement)}


def reference(session: Session, package_id: int) -> protocol.Package:
    """A package as its connector gets it."""
    package = session.get_one(Package, package_id)
    files = [
        protocol.PackageFile(row.name, row.size, row.media_type, row.sha256, row.sha1 or "", row.md5 or "")
        for row in session.execute(_FILES.where(PackageArtifact.package_id == package_id))
    ]
    return protocol.Package(package.id, package.content, files)


def references(session: Session, wanted: Collection[str], most: int) -> Iterator[Reference]:
    """The packages with these files, the newest first."""
    found = (
        select(
            PackageArtifact.sha256,
            Package.version,
            Package.connector,
            Package.number,
            Application.name,
            func.count().over(partition_by=PackageArtifact.sha256).label("total"),
            func.row_number().over(partition_by=PackageArtifact.sha256, order_by=Package.id.desc()).label("place"),
        )
        .join(Package, Package.id == PackageArtifact.package_id)
        .join(Application, Application.id == Package.application_id)
        .where(PackageArtifact.sha256.in_(wanted))
        .subquery()
    )
    for row in session.execute(select(found).where(found.c.place <= most).order_by(found.c.place)):
        what = f"{row.number} of {row.name} {row.version} for {row.connector}"
        yield Reference(row.sha256, ReferenceKind.PACKAGE, None, what, row.total)


_FILES = (
    select(
        PackageArtifact.name, PackageArtifact.sha256, Artifact.size, Artifact.media_type, Artifact.sha1, Artifact.md5
    )
    .join(Artifact, Artifact.sha256 == PackageArtifact.sha256)
    .order_by(PackageArtifact.place)
)


@dataclass(frozen=True)
class _File:
    """A file with the name that devices see."""

    sha256: str
    name: str


def _accepted(place: Place, content: dict[str, Any]) -> PackageContent:
    """The content as the connector's model has it. Raises NoSuchConnector, InvalidPackage."""
    kind = registry.kind(place.connector)
    try:
        return kind.package.model_validate(content)
    except ValidationError as error:
        raise InvalidPackage(
            f"Connector {place.connector} does not take this package; docs/connectors.md says what it needs.",
            fields=field_errors(error),
        ) from None


def _files(session: Session, place: Place, content: PackageContent) -> Sequence[NamedFile]:
    """The files that a content names; some kinds take the release's own file if it names none."""
    hash_of = (
        select(Release.artifact_hash)
        .join(Application)
        .where(Application.name == place.application, Release.version == place.version)
        .order_by((Release.platform == place.platform).desc(), Release.id.desc())
    )
    own = session.execute(hash_of.limit(1)).scalar_one_or_none()
    return content.named_files(None if own is None else hashes.named_in(own))


def _named(session: Session, files: Sequence[NamedFile]) -> list[_File]:
    """The files with their names. Raises InvalidPackage for one that is not stored, or that has no name."""
    statement = select(Artifact.sha256, Artifact.name).where(Artifact.sha256.in_([file.sha256 for file in files]))
    known = {row.sha256: row.name for row in session.execute(statement)}
    problems = [
        FieldError(
            f"files.{n}.sha256", "is not in the store of artifacts; upload it first with PUT /artifacts/{sha256}"
        )
        for n, file in enumerate(files)
        if file.sha256 not in known
    ]
    named = [_File(file.sha256, file.name or known.get(file.sha256) or file.sha256) for file in files]
    if problems:
        raise InvalidPackage("The package names a file that is not stored; nothing was changed.", fields=problems)
    return named


def _stored_files(session: Session, package_id: int) -> list[_File]:
    rows = session.execute(_FILES.where(PackageArtifact.package_id == package_id))
    return [_File(row.sha256, row.name) for row in rows]


def _of(place: Place) -> Select[Package]:
    """The packages for a place, the newest first."""
    is_platform: ColumnElement[bool] = Package.platform.is_not_distinct_from(place.platform)
    return (
        select(Package)
        .join(Application)
        .where(
            Application.name == place.application,
            tuple_(Package.version, Package.connector) == (place.version, place.connector),
            is_platform,
        )
        .order_by(Package.number.desc())
    )


def _shown(session: Session, package: Package, application: str) -> dict[str, Any]:
    files = session.execute(_FILES.where(PackageArtifact.package_id == package.id)).mappings()
    return {
        "id": package.id,
        "application": application,
        "release": package.version,
        "connector": package.connector,
        "platform": package.platform,
        "version": package.number,
        "content": package.content,
        "files": [{name: file[name] for name in ("name", "size", "sha256", "sha1", "md5")} for file in files],
        "created_by": package.created_by,
        "created_at": package.created_at,
    }
