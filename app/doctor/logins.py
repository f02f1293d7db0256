"""Check of the identity provider, if people log in."""

from __future__ import annotations

from app.doctor.check import CheckContext, CheckResult, CheckState
from app.identity.errors import ProviderUnavailable
from app.identity.provider import Provider

FIX = (
    "Correct EUCORA_OIDC_ISSUER, which is the `issuer` of <issuer>/.well-known/openid-configuration, or the network. "
    "For a certificate of your own, set SSL_CERT_FILE. Tokens and sessions work meanwhile."
)


def logins(context: CheckContext) -> CheckResult:
    """The identity provider publishes its configuration and its keys."""
    settings = context.settings
    if not settings.oidc_issuer:
        return CheckResult("logins", CheckState.OK, "off: people use tokens")
    try:
        keys = Provider(settings, "").published_keys()
    except ProviderUnavailable as error:
        return CheckResult("logins", CheckState.FAIL, f"EUCORA_OIDC_ISSUER {settings.oidc_issuer}: {error.detail}", FIX)
    if not keys:
        return CheckResult("logins", CheckState.FAIL, f"{settings.oidc_issuer} publishes no usable key", FIX)
    groups = len(settings.oidc_roles)
    return CheckResult("logins", CheckState.OK, f"{settings.oidc_issuer}, {keys} keys, {groups} groups with a role")
