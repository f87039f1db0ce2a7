"""PostgreSQL without a server: the binaries of a PyPI wheel, run in a folder, for the demo and the tests.

Knows neither Django nor the campaign. Never listens on the network: the only door is a socket in a private
folder.
"""

from portevoix.operations.embedded.cluster import DURABLE, THROWAWAY, Cluster
from portevoix.operations.embedded.faults import Fault, Unusable

__all__ = ["DURABLE", "THROWAWAY", "Cluster", "Fault", "Unusable"]
