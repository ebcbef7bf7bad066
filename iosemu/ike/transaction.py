"""The transaction exchange (draft-dukes-ike-mode-cfg-02, 3.1).

Initiator                    Responder
HDR*, HASH, ATTR       -->
                       <--   HDR*, HASH, ATTR

Either end of the ISAKMP SA may begin one; each has a message ID of its own.
"""

from __future__ import annotations

import hmac

from iosemu.ike import quick_mode, trace
from iosemu.ike.exchange import Transaction
from iosemu.ike.header import ExchangeType, Header, MalformedMessage, NotifyType
from iosemu.ike.machine import NODE_LINGER, Machine
from iosemu.ike.message import Message, chain
from iosemu.ike.mode_config import Attributes, ConfigKind
from iosemu.ike.payloads import ConfigurationData, HashData
from iosemu.ike.retransmit import Retransmission
from iosemu.ike.sa import IsakmpSa


def begin(machine: Machine, sa: IsakmpSa, kind: ConfigKind, attributes: Attributes) -> Transaction:
    """Send a REQUEST or a SET."""
    assert sa.keys is not None
    message_id = quick_mode.new_message_id(machine, sa)
    node = Transaction(message_id, True, sa.keys.message_iv(sa.iv, message_id))
    node.identifier = int.from_bytes(machine.randbytes(2), "big")
    machine.add_node(sa, node)
    machine.emit(trace.TransactionBegun, sa, message_id)
    _send(machine, sa, node, kind, attributes)
    return node


def answer(
    machine: Machine, sa: IsakmpSa, node: Transaction, kind: ConfigKind, attributes: Attributes
) -> None:
    """Send the REPLY or the ACK; the transaction is over."""
    machine.emit(trace.TransactionAnswered, sa, node.message_id)
    _send(machine, sa, node, kind, attributes)


def _send(
    machine: Machine, sa: IsakmpSa, node: Transaction, kind: ConfigKind, attributes: Attributes
) -> None:
    assert sa.keys is not None
    payload = ConfigurationData(int(kind), node.identifier, attributes)
    digest = HashData(sa.keys.hash_1(node.message_id, chain([payload])))
    header = Header(sa.cookie_i, sa.cookie_r, 0, ExchangeType.TRANSACTION, message_id=node.message_id)
    data, node.iv = machine.encrypt(sa, header, [digest, payload], node.iv)
    node.last_sent = data
    node.retransmission = Retransmission.start(data, machine.now) if node.initiator else None
    machine.touch(sa, node)
    machine.transmit(sa, data)


def read(sa: IsakmpSa, node: Transaction, message: Message) -> ConfigurationData:
    """The attributes of a message that is authentic; `MalformedMessage` otherwise."""
    assert sa.keys is not None
    leading = message.parts[0].payload
    expected = sa.keys.hash_1(node.message_id, message.after_hash)
    if not isinstance(leading, HashData) or not hmac.compare_digest(leading.data, expected):
        raise MalformedMessage(NotifyType.INVALID_HASH_INFORMATION, "HASH payload does not verify")
    return message.one(ConfigurationData)


def finish(machine: Machine, sa: IsakmpSa, node: Transaction, *, error: bool, reason: str) -> None:
    """The node is done; it stays a while for duplicates."""
    node.done = True
    node.retransmission = None
    node.purge_at = machine.now + NODE_LINGER
    machine.touch(sa, node)
    machine.emit(trace.NodeDeleted, sa, node.message_id, error, reason)
