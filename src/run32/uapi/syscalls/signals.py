"""Signals. Dispositions and masks are ours to keep; see kernel/signals.py and kernel/sigwait.py."""

from run32.spec.layout import Int, Size, UInt, ULong
from run32.spec.syscalls import syscall
from run32.spec.types import Addr, Fd, In, Out, Pid, Ptr, Zero
from run32.uapi.consts.net import EventfdFlags
from run32.uapi.consts.process import SigHow, Signal
from run32.uapi.structs.process import sigaction as sigact
from run32.uapi.structs.process import sigaltstack as altstack
from run32.uapi.structs.process import sigset
from run32.uapi.structs.time import timespec, timespec64


@syscall(arm=67, i386=67, man="sigaction(2)", slow="signals")
def sigaction(signal: Signal, new: Addr, old: Addr) -> Zero: ...


@syscall(arm=174, i386=174, man="rt_sigaction(2)", slow="signals")
def rt_sigaction(signal: Signal, new: In[sigact], old: Out[sigact], size: Size) -> Zero: ...


@syscall(arm=126, i386=126, man="sigprocmask(2)", slow="signals")
def sigprocmask(how: SigHow, new: In[UInt], old: Out[UInt]) -> Zero: ...


@syscall(
    arm=175, i386=175, man="rt_sigprocmask(2)", slow="signals", fast=True, rule="rt_sigprocmask"
)
def rt_sigprocmask(how: SigHow, new: In[sigset], old: Out[sigset], size: Size) -> Zero: ...


@syscall(arm=73, i386=73, man="sigpending(2)", slow="signals")
def sigpending(pending: Out[UInt]) -> Zero: ...


@syscall(arm=176, i386=176, man="rt_sigpending(2)", slow="signals")
def rt_sigpending(pending: Out[sigset], size: Size) -> Zero: ...


@syscall(arm=186, i386=186, man="sigaltstack(2)", slow="signals")
def sigaltstack(new: In[altstack], old: Out[altstack]) -> Zero: ...


@syscall(arm=37, i386=37, man="kill(2)", slow="signals", fast=True, rule="send")
def kill(pid: Pid, signal: Signal) -> Zero: ...


@syscall(arm=238, i386=238, man="tkill(2)", slow="signals", fast=True, rule="send")
def tkill(tid: Pid, signal: Signal) -> Zero: ...


@syscall(arm=268, i386=270, man="tgkill(2)", slow="signals", fast=True, rule="send")
def tgkill(pid: Pid, tid: Pid, signal: Signal) -> Zero: ...


@syscall(arm=72, i386=72, man="sigsuspend(2)", slow="sigwait")
def sigsuspend(unused1: Int, unused2: Int, mask: ULong) -> Zero: ...


@syscall(arm=179, i386=179, man="rt_sigsuspend(2)", slow="sigwait")
def rt_sigsuspend(mask: In[sigset], size: Size) -> Zero: ...


@syscall(arm=29, i386=29, man="pause(2)", slow="sigwait")
def pause() -> Zero: ...


@syscall(arm=177, i386=177, man="rt_sigtimedwait(2)", slow="sigwait")
def rt_sigtimedwait(mask: In[sigset], info: Ptr, timeout: In[timespec], size: Size) -> Signal: ...


@syscall(arm=421, i386=421, man="rt_sigtimedwait(2)", slow="sigwait")
def rt_sigtimedwait_time64(
    mask: In[sigset], info: Ptr, timeout: In[timespec64], size: Size
) -> Signal: ...


@syscall(arm=178, i386=178, man="rt_sigqueueinfo(2)", slow="sigwait")
def rt_sigqueueinfo(pid: Pid, signal: Signal, info: Ptr) -> Zero: ...


@syscall(arm=363, i386=335, man="rt_tgsigqueueinfo(2)", slow="sigwait")
def rt_tgsigqueueinfo(pid: Pid, tid: Pid, signal: Signal, info: Ptr) -> Zero: ...


@syscall(arm=424, i386=424, man="pidfd_send_signal(2)", slow="sigwait")
def pidfd_send_signal(pidfd: Fd, signal: Signal, info: Ptr, flags: UInt) -> Zero: ...


@syscall(arm=119, i386=119, man="sigreturn(2)", slow="signals")
def sigreturn() -> Int: ...


@syscall(arm=173, i386=173, man="rt_sigreturn(2)", slow="signals")
def rt_sigreturn() -> Int: ...


@syscall(arm=349, i386=321, man="signalfd(2)", slow="sigwait")
def signalfd(fd: Fd, mask: In[sigset], size: Size) -> Fd: ...


@syscall(arm=355, i386=327, man="signalfd4(2)", slow="sigwait")
def signalfd4(fd: Fd, mask: In[sigset], size: Size, flags: EventfdFlags) -> Fd: ...
