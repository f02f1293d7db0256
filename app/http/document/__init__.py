"""The OpenAPI document, built from what the views declare."""
