"""The table of the packages that deployments keep."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class DeploymentPackage(Model):
    """The package that a deployment installs through a connector: later rings get what the first ones tried."""

    __tablename__ = "deployment_packages"

    deployment_id: Mapped[int] = mapped_column(ForeignKey("deployments.id"), primary_key=True)
    connector: Mapped[str] = mapped_column(primary_key=True)
    package_id: Mapped[int] = mapped_column(ForeignKey("packages.id"))
