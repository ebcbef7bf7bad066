"""A Ray cluster on addresses of the loopback, as a program that takes orders from standard input.

`python ray_cluster.py DIRECTORY CPUS`: the head is at 127.0.0.2, the second node at 127.0.0.3; Ray takes 127.0.0.1 for
another name of the machine. It prints where the cluster is. The line `kill` kills the second node; the end of the input
ends all.
"""

import os
import sys

os.environ.update({
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_worker_niceness": "0",  # Ray's 15 leaves nothing for labs where others want the cores, too
    "RAY_enable_worker_prestart": "0",  # each loads Python and Ray for nobody
    "RAY_prestart_worker_first_driver": "0",
})  # fmt: skip
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each actor compiles the whole program

from ray.cluster_utils import Cluster


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(directory: str, cpus: int) -> None:
    cluster = Cluster(
        initialize_head=True,
        head_node_args={
            "num_cpus": cpus,
            "node_ip_address": "127.0.0.2",
            "include_dashboard": False,
            "object_store_memory": 80 << 20,
            "temp_dir": directory,
        },
    )
    node = cluster.add_node(num_cpus=cpus, node_ip_address="127.0.0.3", object_store_memory=80 << 20)
    say(f"cluster {cluster.address}")
    for line in sys.stdin:
        if line.strip() == "kill":
            cluster.remove_node(node, allow_graceful=False)
            say("killed")
    cluster.shutdown()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
