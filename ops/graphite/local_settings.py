"""graphite-web's settings, for one machine and for containers; folders come from the environment.

graphite-web imports this file with its own Python; the control plane never does.
"""

import os

GRAPHITE_ROOT = os.environ.get("GRAPHITE_ROOT", "/opt/graphite")
CONF_DIR = os.environ.get("GRAPHITE_CONF_DIR", os.path.join(GRAPHITE_ROOT, "conf"))
STORAGE_DIR = os.environ.get("GRAPHITE_STORAGE_DIR", os.path.join(GRAPHITE_ROOT, "storage"))
WHISPER_DIR = os.path.join(STORAGE_DIR, "whisper")
LOG_DIR = os.path.join(STORAGE_DIR, "log", "webapp")
INDEX_FILE = os.path.join(STORAGE_DIR, "index")
LOG_ROTATION = False
LOG_INFO_PERFORMANCE = False
# Standard error, which the supervisor writes to a file and rotates.
LOG_FILE_INFO = "-"
LOG_FILE_EXCEPTION = "-"
LOG_FILE_CACHE = "-"
LOG_FILE_RENDERING = "-"

SECRET_KEY = os.environ.get("GRAPHITE_SECRET_KEY") or os.urandom(32).hex()
TIME_ZONE = "UTC"
# Grafana connects by the container's name. graphite-web listens on 127.0.0.1 or inside the Compose network only.
ALLOWED_HOSTS = ["*"]

CARBONLINK_HOSTS = ["127.0.0.1:" + os.environ.get("EUCORA_CARBON_QUERY_PORT", "7002")]
CARBONLINK_TIMEOUT = 1.0

# Other graphite-webs, each with a carbon of its own, as host:port and comma separated. They are asked as well, and a
# point that one carbon lacks is taken from another.
CLUSTER_SERVERS = [server for server in os.environ.get("GRAPHITE_CLUSTER_SERVERS", "").split(",") if server]

STORAGE_FINDERS = ("graphite.finders.remote.RemoteFinder", "whole_files.WholeFiles")

# Sums over a month read many files. On a busy machine they exceed the defaults of 3 and 6 s, which fails with 500.
FIND_TIMEOUT = 30.0
FETCH_TIMEOUT = 30.0

# graphite-web's own caches keep responses for 60 and 300 s, which would delay new points.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
FIND_CACHE_DURATION = 0
DEFAULT_CACHE_DURATION = 0

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("GRAPHITE_DATABASE", os.path.join(STORAGE_DIR, "graphite.db")),
    }
}
