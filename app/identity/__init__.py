"""Who may do what: subjects, roles, tokens, and the authentication of requests."""
