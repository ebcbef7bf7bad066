"""An SNMP agent without sockets and clocks: security, views, objects, answers."""
