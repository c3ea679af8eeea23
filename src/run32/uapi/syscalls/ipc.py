"""System V and POSIX IPC, and keys."""

from run32.spec.layout import Int, Long, Size, UInt
from run32.spec.syscalls import TRUNCATE, syscall
from run32.spec.types import Addr, Count, Fd, In, InArray, InBuf, Mode, Out, OutBuf, Str, Zero
from run32.uapi.consts.files import OpenFlags
from run32.uapi.structs.process import mq_attr, sembuf
from run32.uapi.structs.time import timespec, timespec64


@syscall(arm=299, i386=393, man="semget(2)")
def semget(key: Int, count: Int, flags: Int) -> Int: ...


@syscall(arm=298, man="semop(2)")
def semop(id_: Int, operations: InArray[sembuf], count: UInt) -> Zero: ...


@syscall(arm=312, man="semtimedop(2)")
def semtimedop(
    id_: Int, operations: InArray[sembuf], count: UInt, timeout: In[timespec]
) -> Zero: ...


@syscall(arm=420, i386=420, man="semtimedop(2)", host="semtimedop")
def semtimedop_time64(
    id_: Int, operations: InArray[sembuf], count: UInt, timeout: In[timespec64]
) -> Zero: ...


@syscall(arm=300, i386=394, man="semctl(2)", slow="sysvipc")
def semctl(id_: Int, index: Int, cmd: Int, arg: Addr) -> Int: ...


@syscall(arm=303, i386=399, man="msgget(2)")
def msgget(key: Int, flags: Int) -> Int: ...


@syscall(arm=301, i386=400, man="msgsnd(2)", slow="sysvipc")
def msgsnd(id_: Int, message: Addr, size: Size, flags: Int) -> Zero: ...


@syscall(arm=302, i386=401, man="msgrcv(2)", slow="sysvipc")
def msgrcv(id_: Int, message: Addr, size: Size, kind: Long, flags: Int) -> Count: ...


@syscall(arm=304, i386=402, man="msgctl(2)", slow="sysvipc")
def msgctl(id_: Int, cmd: Int, buf: Addr) -> Int: ...


@syscall(arm=307, i386=395, man="shmget(2)")
def shmget(key: Int, size: Size, flags: Int) -> Int: ...


@syscall(arm=305, i386=397, man="shmat(2)", slow="sysvipc")
def shmat(id_: Int, address: Addr, flags: Int) -> Addr: ...


@syscall(arm=306, i386=398, man="shmdt(2)", slow="sysvipc")
def shmdt(address: Addr) -> Zero: ...


@syscall(arm=308, i386=396, man="shmctl(2)", slow="sysvipc")
def shmctl(id_: Int, cmd: Int, buf: Addr) -> Int: ...


@syscall(arm=274, i386=277, man="mq_open(2)")
def mq_open(name: Str, flags: OpenFlags, mode: Mode, attr: In[mq_attr]) -> Fd: ...


@syscall(arm=275, i386=278, man="mq_unlink(2)")
def mq_unlink(name: Str) -> Zero: ...


@syscall(arm=276, i386=279, man="mq_timedsend(2)")
def mq_timedsend(
    fd: Fd, message: InBuf, length: Size, priority: UInt, timeout: In[timespec]
) -> Zero: ...


@syscall(arm=418, i386=418, man="mq_timedsend(2)", host="mq_timedsend")
def mq_timedsend_time64(
    fd: Fd, message: InBuf, length: Size, priority: UInt, timeout: In[timespec64]
) -> Zero: ...


@syscall(arm=277, i386=280, man="mq_timedreceive(2)")
def mq_timedreceive(
    fd: Fd, message: OutBuf, length: Size, priority: Out[UInt], timeout: In[timespec]
) -> Count: ...


@syscall(arm=419, i386=419, man="mq_timedreceive(2)", host="mq_timedreceive")
def mq_timedreceive_time64(
    fd: Fd, message: OutBuf, length: Size, priority: Out[UInt], timeout: In[timespec64]
) -> Count: ...


@syscall(arm=278, i386=281, man="mq_notify(2)", slow="mqueue")
def mq_notify(fd: Fd, event: Addr) -> Zero: ...


@syscall(arm=279, i386=282, man="mq_getsetattr(2)", narrow=TRUNCATE)
def mq_getsetattr(fd: Fd, new: In[mq_attr], old: Out[mq_attr]) -> Zero: ...


@syscall(arm=309, i386=286, man="add_key(2)")
def add_key(kind: Str, description: Str, payload: InBuf, length: Size, keyring: Int) -> Int: ...


@syscall(arm=310, i386=287, man="request_key(2)")
def request_key(kind: Str, description: Str, callout: Str, keyring: Int) -> Int: ...


@syscall(arm=311, i386=288, man="keyctl(2)", slow="keys")
def keyctl(operation: Int, arg2: Addr, arg3: Addr, arg4: Addr, arg5: Addr) -> Int: ...
