"""Deployments: the rollout or rollback of one release through the rings of one plan."""
