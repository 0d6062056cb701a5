"""What must not leave this machine: keys, the redactor, the detector of secrets, hidden texts, uncaught errors."""
