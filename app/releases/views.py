"""`/applications/…/packages`."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, Flask, Response
from pydantic import TypeAdapter, ValidationError

from app.artifacts.errors import ContentMissing, StoreUnavailable
from app.connectors.registry import NoSuchConnector
from app.errors import FieldError, Invalid, OutOfScope, Stale
from app.http import exports
from app.http.bodies import field_errors
from app.http.fields import Name
from app.http.idempotency import idempotent
from app.http.operations import created, listed, ok, operation
from app.http.versions import if_match, must_be_new, with_etag
from app.identity.authentication import caller
from app.identity.scopes import Limit, Scopes
from app.releases import packages
from app.releases.errors import InvalidPackage, NoSuchPackage
from app.releases.packages import Place
from app.releases.responses import Package
from app.releases.schemas import PackageContentIn, PackageQuery, PackagesQuery, PlatformQuery
from app.spelling import spelled
from app.vocabulary import Platform

LIMITS = frozenset({Limit.APPLICATIONS})

blueprint = Blueprint("releases", __name__)
_NAME: TypeAdapter[str] = TypeAdapter(Name)
_VERSION = "/applications/<application>/releases/<version>/packages"


@blueprint.get(_VERSION)
@operation("list_packages", "releases", listed(Package))
def index(application: str, version: str, query: PackagesQuery) -> Response:
    """List the packages of a version, those that were replaced too."""
    return exports.answer(Package, query, partial(packages.listing, spelled(application), spelled(version)))


@blueprint.get(f"{_VERSION}/<connector>")
@operation("get_package", "releases", ok(Package, etag=True), errors=(NoSuchConnector, NoSuchPackage))
def show(application: str, version: str, connector: str, query: PackageQuery) -> Response:
    """Show what a connector needs to install a version: the newest package, or an earlier one by its number."""
    return with_etag(packages.get(_place(application, version, connector, query.platform), query.number))


@blueprint.put(f"{_VERSION}/<connector>")
@idempotent
@operation(
    "put_package",
    "releases",
    ok(Package, "The newest package is the same.", etag=True),
    created(Package, "Stored as the newest package.", etag=True, location=False),
    errors=(NoSuchConnector, InvalidPackage, Stale, ContentMissing, StoreUnavailable),
    if_match=True,
)
def store(application: str, version: str, connector: str, query: PlatformQuery, json: PackageContentIn) -> Response:
    """Say what a connector needs to install a version. Deployments that exist keep the package that they have."""
    place = _place(application, version, connector, query.platform)
    package, is_new = packages.put(caller().subject, place, json.root, if_match(), only_new=must_be_new())
    return with_etag(package, 201 if is_new else 200)


def require(application: str, scopes: Scopes) -> None:
    """Raise OutOfScope for an application that a token does not reach."""
    if (problem := scopes.refusal(application=spelled(application))) is not None:
        raise OutOfScope(f"This token is limited to {scopes}.", fields=[problem])


def _place(application: str, version: str, connector: str, platform: Platform | None) -> Place:
    """What a path names. Raises Invalid for a name that no application or version can have."""
    return Place(_named("application", application), _named("version", version), connector, platform)


def _named(field: str, name: str) -> str:
    try:
        return _NAME.validate_python(name)
    except ValidationError as error:
        problems = [FieldError(field, each.message) for each in field_errors(error)]
        raise Invalid("The path is invalid; nothing was changed.", fields=problems) from None


def install(app: Flask) -> None:
    """Serve the packages."""
    app.register_blueprint(blueprint, url_prefix="/api/v1")
