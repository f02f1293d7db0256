"""The production shape: what docker-compose.yml needs beside the program itself."""
