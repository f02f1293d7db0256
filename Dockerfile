# One image for the API, the workers, the scheduler and the migrations.
FROM python:3.11-slim-bookworm AS build
RUN python -m venv /opt/venv
COPY requirements/run.lock /tmp/run.lock
RUN /opt/venv/bin/pip install --no-cache-dir --require-hashes -r /tmp/run.lock

FROM python:3.11-slim-bookworm
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1
# pg_dump and pg_restore, for `flask backup` and `flask restore`: Debian 12 has those of version 15, as the server's image.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client-15 && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin eucora
COPY --from=build /opt/venv /opt/venv
WORKDIR /srv/eucora
COPY wsgi.py gunicorn.conf.py ./
COPY app app
COPY client client
COPY workers workers
COPY ops/__init__.py ops/__init__.py
COPY ops/compose/__init__.py ops/compose/alive.py ops/compose/migrated.py ops/compose/
# What /dashboards draws.
COPY ops/grafana/dashboards ops/grafana/dashboards
# The program cannot write here, so its bytecode is made now.
RUN python -m compileall -q .
USER 10001
EXPOSE 8000
CMD ["gunicorn", "-c", "gunicorn.conf.py", "wsgi:app"]
