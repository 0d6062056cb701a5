"""Reports as text for people and JSON for programs. Pure: values in, text out."""
