"""What a device's message does to its action: pure rules, apart from where both are stored.

The words are those of DDI, as hawkBit has them. What they mean here: `closed` with `success` or `failure` is an
outcome; `closed` without either says nothing, unless the connector's settings take it for a success; anything else is
progress, of which only the first step is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.connectors.pull.models import ActionState
from app.connectors.pull.reasons import reason_of, trouble

PERCENT_STEP = 10
"""By how much the progress must have grown to be stored again."""
DETAIL_LENGTH = 500


class About(StrEnum):
    """What a message answers."""

    DEPLOYMENT = "deployment"
    CANCEL = "cancel"


class Answer(StrEnum):
    """What the device is told."""

    TAKEN = "taken"
    GONE = "gone"
    """Its action is over."""
    UNKNOWN = "unknown"
    """It has no such action."""


@dataclass(frozen=True)
class Message:
    """One feedback of a device."""

    action_id: int
    external_id: str
    about: About
    execution: str
    finished: str
    details: Sequence[str] = ()
    percent: int | None = None


@dataclass(frozen=True)
class Action:
    """The part of an action that the rules read and write."""

    state: ActionState
    outcome: str | None = None
    detail: str | None = None
    percent: int | None = None


@dataclass(frozen=True)
class Step:
    """What follows from a message: the action as it is now, and the result to pass on, if there is a new one."""

    answer: Answer
    action: Action
    result: tuple[str, str] | None = None
    """Outcome and reason, as reports have them."""


def step(action: Action, message: Message, unconfirmed_is_success: bool) -> Step:
    """What a message does to the action that it is about."""
    if action.state is ActionState.OVER:
        return Step(Answer.GONE, action)
    if message.about is About.CANCEL:
        return _cancel(action, message)
    told = replace(action, detail=_last(message.details) or action.detail)
    match message.execution, message.finished:
        case "closed", "success":
            return _over(told, "succeeded", "")
        case "closed", "failure":
            words = [*(action.detail or "").splitlines(), *message.details]
            return _over(replace(told, detail=_last(words)), "failed", reason_of(words))
        case "closed", _ if unconfirmed_is_success:
            return _over(told, "succeeded", "unconfirmed")
        case "closed", _:
            return _going_on(action, told, "installing", "unconfirmed")
        case "canceled", _:
            return _over(told, "not_applicable", "cancelled")
        case "rejected", _:
            return _going_on(action, told, "deferred", "rejected")
        case _:
            return _progress(action, told, message)


def _cancel(action: Action, message: Message) -> Step:
    if action.state is not ActionState.CANCELLING:
        return Step(Answer.GONE, action)
    told = replace(action, detail=_last(message.details) or action.detail)
    match message.execution, message.finished:
        case ("closed", "success" | "none" | "") | ("canceled", _):
            return _over(told, "not_applicable", "cancelled")
        case ("closed", "failure") | ("rejected", _):
            return Step(Answer.TAKEN, replace(told, state=ActionState.UNCANCELLABLE))
        case _:
            return Step(Answer.TAKEN, action)


def _over(told: Action, outcome: str, reason: str) -> Step:
    return Step(Answer.TAKEN, replace(told, state=ActionState.OVER, outcome=outcome), (outcome, reason))


def _going_on(action: Action, told: Action, outcome: str, reason: str) -> Step:
    if action.outcome == outcome:
        return Step(Answer.TAKEN, action)
    return Step(Answer.TAKEN, replace(told, outcome=outcome), (outcome, reason))


def _progress(action: Action, told: Action, message: Message) -> Step:
    """The first sign of an installation is a result; after that, a good deal of progress and trouble are stored.

    swupdate tells why it failed in the log that it sends with its progress, and not when it is done.
    """
    percent = action.percent if message.percent is None else max(message.percent, action.percent or 0)
    if action.outcome != "installing":
        return Step(Answer.TAKEN, replace(told, outcome="installing", percent=percent), ("installing", ""))
    if errors := trouble(message.details):
        return Step(Answer.TAKEN, replace(action, detail=_last(errors), percent=percent))
    if (percent or 0) - (action.percent or 0) >= PERCENT_STEP:
        return Step(Answer.TAKEN, replace(told, percent=percent))
    return Step(Answer.TAKEN, action)


def _last(details: Sequence[str]) -> str | None:
    """The last words, as many as are kept."""
    text = "\n".join(details).replace("\0", "\ufffd").strip()
    return text[-DETAIL_LENGTH:] or None
