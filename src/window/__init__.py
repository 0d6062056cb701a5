"""What the panels share: the table of commands, look, fonts, controls, dialogs, questions, Markdown, hot reload."""
