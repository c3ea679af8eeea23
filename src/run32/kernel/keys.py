"""keyctl(2): which arguments are addresses depends on the operation.

Operations whose structs hold addresses (Diffie-Hellman, public keys, vectors, watches) are
EOPNOTSUPP, as on a kernel built without them. See security/keys/compat.c.
"""

from __future__ import annotations

from run32.kernel import host
from run32.kernel.buf import syscall
from run32.kernel.errno import EOPNOTSUPP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from run32.kernel.task import Task

NR = host.NR
# fmt: off
OPERATIONS = (
    "nn",    # GET_KEYRING_ID
    "p",     # JOIN_SESSION_KEYRING: name
    "npl",   # UPDATE: key, payload, length
    "n",     # REVOKE
    "nnn",   # CHOWN
    "nn",    # SETPERM
    "npl",   # DESCRIBE: key, buffer, length
    "n",     # CLEAR
    "nn",    # LINK
    "nn",    # UNLINK
    "nppn",  # SEARCH: keyring, type, description, destination
    "npl",   # READ: key, buffer, length
    "npln",  # INSTANTIATE: key, payload, length, keyring
    "nnn",   # NEGATE
    "n",     # SET_REQKEY_KEYRING
    "nn",    # SET_TIMEOUT
    "n",     # ASSUME_AUTHORITY
    "npl",   # GET_SECURITY: key, buffer, length
    "",      # SESSION_TO_PARENT
    "nnnn",  # REJECT
    None,    # INSTANTIATE_IOV
    "n",     # INVALIDATE
    "nn",    # GET_PERSISTENT
    None, None, None, None, None, None,  # DH_COMPUTE, PKEY_*
    "npp",   # RESTRICT_KEYRING: keyring, type, restriction
    "nnnn",  # MOVE
    "pl",    # CAPABILITIES: buffer, length
)
# fmt: on
"""Per operation: `n` a number, `p` an address or NULL, `l` the length of what is there."""


def keyctl(task: Task, operation: int, arg2: int, arg3: int, arg4: int, arg5: int) -> int:
    """keyctl(2)."""
    kinds = OPERATIONS[operation] if 0 <= operation < len(OPERATIONS) else None
    if kinds is None:
        return -EOPNOTSUPP
    values = [arg2, arg3, arg4, arg5]
    for index, kind in enumerate(kinds):
        if kind == "p" and values[index]:
            values[index] += task.mem.base
        elif kind == "l":
            values[index] = min(values[index], (1 << 32) - (arg2, arg3, arg4)[index - 1])
    return syscall(NR["keyctl"], operation, *values)
