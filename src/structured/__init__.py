"""Answers that follow a JSON Schema: the schema as providers take it, whether an answer fits, how it is shown."""
