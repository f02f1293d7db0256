"""Applications and releases by name, created when they are new."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.artifacts import hashes
from app.artifacts.references import Reference, ReferenceKind
from app.connectors.protocol import Package, ReleaseRef
from app.db import locked
from app.releases.errors import ArtifactMismatch
from app.releases.models import Application, Release


def application_exists(session: Session, name: str) -> bool:
    """Whether the application exists."""
    return bool(session.execute(select(exists().where(Application.name == name))).scalar_one())


def find_application(session: Session, name: str) -> Application | None:
    """The application of that name; None if it is new."""
    return session.execute(select(Application).where(Application.name == name)).scalar_one_or_none()


def locked_application(session: Session, name: str) -> Application:
    """The application of that name, created if it is new, and locked. It is the first lock in the common order."""
    session.execute(insert(Application).values(name=name).on_conflict_do_nothing())
    return session.execute(locked(select(Application).where(Application.name == name))).scalar_one()


def release_of(
    session: Session, application: Application, *, version: str, platform: str, artifact_hash: str
) -> Release:
    """The application's release, created if it is new. Raises ArtifactMismatch if it exists with another hash."""
    identity = {"version": version, "platform": platform, "artifact_hash": artifact_hash}
    release = find_release(session, application, **identity)
    if release is None:
        release = Release(application_id=application.id, **identity)
        session.add(release)
        session.flush()
    return release


def find_release(
    session: Session, application: Application, *, version: str, platform: str, artifact_hash: str
) -> Release | None:
    """The application's release; None if it is new. Raises ArtifactMismatch if it exists with another hash."""
    identity = {"application_id": application.id, "version": version, "platform": platform}
    release = session.execute(select(Release).filter_by(**identity)).scalar_one_or_none()
    if release is not None and release.artifact_hash != artifact_hash:
        raise ArtifactMismatch(
            f"{application.name} {version} on {platform} has the artifact hash {release.artifact_hash}; "
            "send that hash, or use a new version for a different artifact."
        )
    return release


def references(session: Session, wanted: Collection[str], most: int) -> Iterator[Reference]:
    """The releases with these artifact hashes, the newest first."""
    found = (
        select(
            Release.artifact_hash,
            Release.version,
            Release.platform,
            Application.name,
            func.count().over(partition_by=Release.artifact_hash).label("total"),
            func.row_number().over(partition_by=Release.artifact_hash, order_by=Release.id.desc()).label("place"),
        )
        .join(Application, Application.id == Release.application_id)
        .where(Release.artifact_hash.in_([hashes.PREFIX + sha256 for sha256 in wanted]))
        .subquery()
    )
    for row in session.execute(select(found).where(found.c.place <= most).order_by(found.c.place)):
        what = f"{row.name} {row.version} on {row.platform}"
        yield Reference(row.artifact_hash.removeprefix(hashes.PREFIX), ReferenceKind.RELEASE, None, what, row.total)


def reference(session: Session, release_id: int, package: Package | None = None) -> ReleaseRef:
    """A release as connectors know it."""
    release = session.get_one(Release, release_id)
    application = session.get_one(Application, release.application_id)
    return ReleaseRef(application.name, release.version, release.platform, release.artifact_hash, package)
