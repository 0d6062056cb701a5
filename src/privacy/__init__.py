"""What must not leave: keys, the redactor, the detector of secrets, hidden texts, uncaught errors."""
