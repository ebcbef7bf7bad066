"""Authentication, authorization and accounting with servers: clients and servers of RADIUS and TACACS+, sans-IO."""
