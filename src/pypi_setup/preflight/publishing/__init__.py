"""What uploads, how, and with which credentials."""
