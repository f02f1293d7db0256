"""What every view shares: request bodies, errors, pages, idempotency, and the OpenAPI document."""
