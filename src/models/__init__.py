"""Models and their providers: catalogue, prices, endpoints, token estimates, patience, errors."""
