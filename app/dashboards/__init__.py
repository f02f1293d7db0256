"""The committed dashboards on a page of our own: the files that Grafana reads, with data from Graphite."""
