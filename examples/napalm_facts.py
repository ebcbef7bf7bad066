"""Facts and interfaces as data with NAPALM: python napalm_facts.py PORT. Needs napalm."""

import json
import sys

from napalm import get_network_driver

if __name__ == "__main__":
    driver = get_network_driver("ios")
    options = {"port": int(sys.argv[1]), "secret": "cisco"}
    with driver("127.0.0.1", "admin", "admin", optional_args=options) as device:
        print(json.dumps({"facts": device.get_facts(), "addresses": device.get_interfaces_ip()}, indent=1))
