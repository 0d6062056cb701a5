"""What an import costs: estimated from what the trace knows, or measured."""

from importguard.costs.estimate import ModuleCost, estimate

__all__ = ["ModuleCost", "estimate"]
