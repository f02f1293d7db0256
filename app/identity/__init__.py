"""Who may do what: subjects, roles, tokens, and how a request proves whose it is."""
