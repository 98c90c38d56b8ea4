"""What a flow does: freeze inputs, check, partition, value a partition, reconcile, publish, report."""
