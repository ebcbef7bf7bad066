"""Port access control (IEEE 802.1X-2004 clause 8): the two ends of a port, sans-IO."""
