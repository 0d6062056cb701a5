"""Sloppy: a desktop bench for AI models. The window is `gui_2`; everything it owns is in `app_controller`."""
