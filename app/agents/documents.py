"""What devices are answered, as DDI has it. Every link is absolute: clients take them as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.agents.due import Asking, Work
from app.connectors.pull.models import ActionState

Document = dict[str, Any]
Link = Callable[..., str]
"""`link("deploymentBase", action)`: the address of something of the device that asks."""


def poll(asking: Asking, sleep: str, wants_attributes: bool, link: Link) -> Document:
    """The answer to a poll: when to ask again, and a link for each thing to do."""
    links = {}
    if wants_attributes:
        links["configData"] = {"href": link("configData")}
    if asking.action_id is not None:
        kind = "cancelAction" if asking.action_state is ActionState.CANCELLING else "deploymentBase"
        links[kind] = {"href": link(kind, asking.action_id)}
    return {"config": {"polling": {"sleep": sleep}}, "_links": links}


def deployment(work: Work, link: Link) -> Document:
    """What a device is to install."""
    return {
        "id": str(work.action_id),
        "deployment": {"download": "forced", "update": "forced", "chunks": [_chunk(work, link)]},
    }


def cancel(work: Work) -> Document:
    """What a device is to stop."""
    return {"id": str(work.action_id), "cancelAction": {"stopId": str(work.action_id)}}


def _chunk(work: Work, link: Link) -> Document:
    return {
        "part": work.part,
        "version": work.version,
        "name": work.application,
        "artifacts": [_artifact(work, place, file, link) for place, file in enumerate(work.files)],
    }


def _artifact(work: Work, place: int, file: dict[str, Any], link: Link) -> Document:
    address = link("actions", work.action_id, place, file["name"])
    return {
        "filename": file["name"],
        "hashes": {name: file[name] for name in ("sha1", "md5", "sha256")},
        "size": file["size"],
        "_links": {
            "download": {"href": address},
            "download-http": {"href": address},
            "md5sum": {"href": f"{address}.MD5SUM"},
            "md5sum-http": {"href": f"{address}.MD5SUM"},
        },
    }
