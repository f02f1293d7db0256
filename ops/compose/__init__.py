"""The production setup: what docker-compose.yml needs besides the program itself."""
