"""What a model may ask for: one file for each tool, their table, who allows a call, and the edits that were made."""
