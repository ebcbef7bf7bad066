"""Run a command on all hosts with Nornir: python nornir_facts.py hosts.yaml.

The hosts are what `iosemu inventory --format nornir` writes. Needs nornir and nornir-netmiko.
"""

import sys

from nornir import InitNornir
from nornir_netmiko.tasks import netmiko_send_command

if __name__ == "__main__":
    nornir = InitNornir(
        inventory={"plugin": "SimpleInventory", "options": {"host_file": sys.argv[1]}},
        logging={"enabled": False},
    )
    answers = nornir.run(task=netmiko_send_command, command_string="show ip interface brief")
    for host, answer in sorted(answers.items()):
        print(f"== {host}\n{answer[0].result}")
    sys.exit(1 if answers.failed else 0)
