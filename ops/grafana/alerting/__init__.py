"""Alert rules for Grafana: declared once, written as provisioning files, and evaluated in tests as Grafana would."""
