"""What a device said, as a code of few: reasons label metrics, so words of a log cannot be one. Standard library only.

Patterns are from the messages of swupdate, RAUC and rauc-hawkbit-updater.
"""

from __future__ import annotations

import re

UNKNOWN = "install_failed"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (code, re.compile(pattern, re.IGNORECASE))
    for code, pattern in (
        ("bad_signature", r"signature|certificate|verif(y|ication)|CMS|not signed"),
        ("hash_mismatch", r"checksum|hash|sha-?(1|256)|md5"),
        ("disk_full", r"no space|disk full|not enough (free )?(space|memory)"),
        ("incompatible", r"compatib|not for this|wrong (board|hardware)|hardware (revision|compat)"),
        ("download_failed", r"download|transfer|connection|HTTP|resolve|timed? ?out|timeout|curl"),
        ("script_failed", r"script|hook|handler|exit(ed)? (status|code|with)|postinst|preinst"),
    )
)


def reason_of(details: list[str]) -> str:
    """The code of a failure by the device's own words, the last of which weigh most."""
    for detail in reversed(details):
        for code, pattern in _PATTERNS:
            if pattern.search(detail):
                return code
    return UNKNOWN
