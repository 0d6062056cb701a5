"""Providers and models: the catalogue, prices, endpoints, estimates, patience and errors."""
