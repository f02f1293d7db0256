"""What an auditor asks for about one deployment."""
