"""The committed dashboards, drawn by a page of our own: what Grafana reads, read from Graphite."""
