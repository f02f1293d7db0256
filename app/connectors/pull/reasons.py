"""What a device said, as a code of few: reasons label metrics, so words of a log cannot be one. Standard library only.

Patterns are from the messages of swupdate, RAUC and rauc-hawkbit-updater.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

UNKNOWN = "install_failed"
_TROUBLE = re.compile(
    r"error|fail|invalid|corrupt|denied|refused|mismatch|no space|not enough|timed? ?-?out|compatible|unable",
    re.IGNORECASE,
)
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (code, re.compile(pattern, re.IGNORECASE))
    for code, pattern in (
        ("bad_signature", r"signature|certificate|\bCMS\b|not signed"),
        ("hash_mismatch", r"checksum|hash|sha-?(1|256)|md5"),
        ("disk_full", r"no space|disk full|not enough (free )?(space|memory)"),
        ("script_failed", r"script|hook|handler|exit(ed)? (status|code|with)|postinst|preinst"),
        ("incompatible", r"compatib|wrong (board|hardware)|hardware revision"),
        ("download_failed", r"download|transfer|connection|HTTP|resolve|timed? ?out|timeout|curl"),
    )
)


def trouble(details: Sequence[str]) -> list[str]:
    """The lines that tell of something that went wrong."""
    return [line for line in details if _TROUBLE.search(line)]


def reason_of(details: Sequence[str]) -> str:
    """The code of a failure by the device's own words: what went wrong first is the cause of the rest."""
    for line in trouble(details):
        for code, pattern in _PATTERNS:
            if pattern.search(line):
                return code
    return UNKNOWN
