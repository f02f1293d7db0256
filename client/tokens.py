"""`/tokens`, `/subjects`, `/whoami`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Unpack

from client.session import Subject as ApiSubject, present
from client.types import (
    IssuedToken,
    Page,
    Role,
    Subject,
    SubjectKind,
    Token,
    TokenFilter,
    TokenScopes,
    Whoami,
)


class Tokens(ApiSubject):
    """Bearer tokens. All but `whoami` needs a token of role admin."""

    def whoami(self) -> Whoami:
        """Who this client's token speaks for, in which role, within which limits, and until when."""
        return self._session.get(Whoami, "/whoami")

    def create(
        self,
        subject: str,
        role: Role,
        *,
        kind: SubjectKind | None = None,
        description: str = "",
        expires_in_days: int | None = None,
        scopes: TokenScopes | None = None,
        grant_role: bool = False,
        idempotency_key: str | None = None,
    ) -> IssuedToken:
        """Create a token. Its `secret` is answered once; a repeated request gets null."""
        body = present(
            subject=subject,
            role=role,
            kind=kind,
            description=description,
            expires_in_days=expires_in_days,
            scopes=scopes,
            grant_role=grant_role,
        )
        return self._session.change(IssuedToken, "POST", "/tokens", body, idempotency_key=idempotency_key)

    def rotate(
        self,
        token_id: int,
        *,
        overlap_hours: int = 0,
        expires_in_days: int | None = None,
        idempotency_key: str | None = None,
    ) -> IssuedToken:
        """Give a token a new secret and a new expiry; the old secret works on for `overlap_hours`."""
        path, body = f"/tokens/{token_id}/rotate", present(overlap_hours=overlap_hours, expires_in_days=expires_in_days)
        return self._session.change(IssuedToken, "POST", path, body, idempotency_key=idempotency_key)

    def revoke(
        self, token_id: int, reason: str, *, compromised: bool = False, idempotency_key: str | None = None
    ) -> Token:
        """End a token at once. With `compromised`, what its subject approved is also asked for again."""
        path, body = f"/tokens/{token_id}/revoke", {"reason": reason, "compromised": compromised}
        return self._session.change(Token, "POST", path, body, idempotency_key=idempotency_key)

    def get(self, token_id: int) -> Token:
        """One token."""
        return self._session.get(Token, f"/tokens/{token_id}")

    def list(self, *, limit: int = 50, cursor: int = 0, **filters: Unpack[TokenFilter]) -> Page[Token]:
        """One page of the tokens that match every filter."""
        return self._session.get(Page[Token], "/tokens", {**filters, "limit": limit, "cursor": cursor})

    def each(self, *, cursor: int = 0, **filters: Unpack[TokenFilter]) -> Iterator[Token]:
        """Every token that matches every filter, after the cursor."""
        return self._session.each(Token, "/tokens", filters, cursor)


class Subjects(ApiSubject):
    """People and services, and the roles that their tokens may have. Needs a token of role admin."""

    def list(self, *, limit: int = 50, cursor: int = 0) -> Page[Subject]:
        """One page of the subjects."""
        return self._session.get(Page[Subject], "/subjects", {"limit": limit, "cursor": cursor})

    def each(self, *, cursor: int = 0) -> Iterator[Subject]:
        """Every subject after the cursor."""
        return self._session.each(Subject, "/subjects", {}, cursor)

    def set_roles(
        self, subject_id: int, roles: Sequence[Role], reason: str, *, idempotency_key: str | None = None
    ) -> Subject:
        """Replace a subject's roles; its tokens above them are revoked. Without any role, all of them are."""
        path, body = f"/subjects/{subject_id}/roles", {"roles": [*roles], "reason": reason}
        return self._session.change(Subject, "PUT", path, body, idempotency_key=idempotency_key)
