"""Where graphite-web finds series: in whisper files that are whole.

carbon makes a file in several writes. graphite-web 1.1.10 answers a glob that matches a file between two of them with
500, for all the series it matched. Here such a file is one that is not there yet: its points are in carbon's cache and
show with the next question. A file that a crash left half-made hides only itself.

It is imported by graphite-web under its own Python, never by the control plane.
"""

import os

from graphite.finders.standard import StandardFinder
from graphite.logger import log
from whisper import CorruptWhisperFile


class WholeFiles(StandardFinder):
    """graphite-web's own finder without the files that cannot be read yet, or at all."""

    def find_nodes(self, query):
        return (node for node in StandardFinder.find_nodes(self, query) if not node.is_leaf or _is_whole(node.reader))


def _is_whole(reader):
    try:
        info = reader.info()  # kept by the reader, which needs it in any case
        size = os.path.getsize(reader.fs_path)
    except (OSError, CorruptWhisperFile) as problem:
        log.info(f"left out for now: {problem}")
        return False
    # Sparse files get their last byte last.
    return info is not None and size >= max(archive["offset"] + archive["size"] for archive in info["archives"])
