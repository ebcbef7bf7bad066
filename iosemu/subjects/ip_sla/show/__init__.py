"""What `show ip sla` prints."""
