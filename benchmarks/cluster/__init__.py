"""Several Rasa and action servers behind nginx on this machine, and what is measured on them."""

from benchmarks.cluster.cluster import Cluster, ClusterError

__all__ = ["Cluster", "ClusterError"]
