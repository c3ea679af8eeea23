"""`Memory`: a guest's address space, complete.

The class is built in layers, each a module: `space` (reservation, access), `stack` (growth),
`mappings` (mmap, munmap, mprotect, brk), `mremap`, and here the calls that advise, lock, query and
share. Sources: mm/madvise.c, mm/msync.c, mm/mincore.c, mm/mlock.c, ipc/shm.c, mm/mmap.c
(`remap_file_pages`).
"""

from __future__ import annotations

from run32.kernel import cdata, cpus, host
from run32.kernel import vma as v
from run32.kernel.mappings import EACCES, EINVAL, ENOMEM, EPERM, MLOCK_ONFAULT
from run32.kernel.mremap import Moves
from run32.kernel.space import SPACE, Fault, ReservationError, Space
from run32.kernel.vma import Vma

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Fault", "Memory", "ReservationError", "Space", "Vma"]

EFAULT, EBUSY = 14, 16
MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MADV_DOFORK, MADV_DONTNEED_LOCKED = 4, 8, 9, 11, 24
MS_ASYNC, MS_INVALIDATE, MS_SYNC = 1, 2, 4
MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT = 1, 2, 4
SHM_RDONLY, SHM_RND, SHM_REMAP, SHM_EXEC = 0o10000, 0o20000, 0o40000, 0o100000
IPC_STAT = 2
MAP_FIXED, MAP_SHARED = 0x10, 0x01
RLIMIT_MEMLOCK = 8
NR = host.NR


class Memory(Moves):
    """One guest address space. All addresses are guest addresses; results are -errno on failure.

    `on_exec_change` hooks get (start, end, executable) whenever executable pages appear, disappear
    or have their contents replaced. `on_rewrite` hooks, if there are any, are told instead of them
    when single bytes of code change. `on_growth` hooks are told that from now on an access that
    faults may be worth retrying (`fault`).
    """

    cpu = cpus.ARM["v7"]
    """The ARM machine that the guest is told it runs on."""

    def _walk(
        self, start: int, end: int, call: Callable[[Vma, int, int], int], stop: bool = True
    ) -> int:
        """`call` each mapped part of [start, end); a hole makes the result -ENOMEM.

        With `stop` the first hole ends the walk; otherwise the rest is done first.
        """
        result = 0
        at = start
        for vma in list(self.table.overlapping(start, end)):
            if vma.start > at:
                result = -ENOMEM
                if stop:
                    return result
            at = min(vma.end, end)
            error = call(vma, max(vma.start, start), at)
            if error:
                return error
        return result if at >= end else -ENOMEM

    # -- advice and write-back

    def madvise(self, addr: int, length: int, advice: int) -> int:
        """madvise(2): every advice goes to the host for the mapped parts of the range."""
        with self.lock:
            error = host.syscall(NR["madvise"], self.base, 0, advice)
            if error:
                return error
            if addr & (self.page - 1):
                return -EINVAL
            length = self.layout.align(length)
            if not length:
                return 0
            self._enter(addr, addr + length)

            def advise(vma: Vma, start: int, end: int) -> int:
                return self._advise(vma, start, end, advice)

            return self._walk(addr, addr + length, advise, stop=False)

    def _advise(self, vma: Vma, start: int, end: int, advice: int) -> int:
        if advice == MADV_DOFORK and vma.flags & v.SPECIAL:
            return -EINVAL
        result = host.syscall(NR["madvise"], self.base + start, end - start, advice)
        if result == 0 and advice in v.ADVICE:
            self._mark(start, end, *v.ADVICE[advice])
        if result == 0 and vma.prot & v.PROT_EXEC:
            if advice in (MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MADV_DONTNEED_LOCKED):
                self._tell_exec(start, end, True)
        return result

    def _mark(self, start: int, end: int, clear: int, mark: int) -> None:
        """Change the flags of the mapped parts of [start, end)."""
        for vma in self.table.remove(start, end):
            changed = vma.copy()
            changed.flags = vma.flags & ~clear | mark
            self.table.insert(changed)

    def msync(self, addr: int, length: int, flags: int) -> int:
        """msync(2)."""
        with self.lock:
            if flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) or addr & (self.page - 1):
                return -EINVAL
            if flags & MS_ASYNC and flags & MS_SYNC:
                return -EINVAL
            length = self.layout.align(length)
            if not length:
                return 0
            self._enter(addr, addr + length)

            def sync(vma: Vma, start: int, end: int) -> int:
                return host.syscall(NR["msync"], self.base + start, end - start, flags)

            return self._walk(addr, addr + length, sync, stop=False)

    def mincore(self, addr: int, length: int, vec: int) -> int:
        """mincore(2)."""
        with self.lock:
            if addr & (self.page - 1):
                return -EINVAL
            end = addr + self.layout.align(length)
            self._enter(addr, end)
            while addr < end:
                vma = self.table.at(addr)
                if vma is None:
                    return -ENOMEM
                size = min(vma.end, end, addr + self.page * self.page) - addr
                count = size // self.page
                states = cdata.create_string_buffer(count)
                where = cdata.addressof(states)
                error = host.syscall(NR["mincore"], self.base + addr, size, where)
                if error:
                    return error
                try:
                    self.write(vec, states.raw)
                except Fault:
                    return -EFAULT
                addr, vec = addr + size, vec + count
            return 0

    # -- locking

    def mlock(self, addr: int, length: int, flags: int = 0) -> int:
        """mlock(2) and mlock2(2)."""
        with self.lock:
            if flags & ~MLOCK_ONFAULT:
                return -EINVAL
            refused = host.syscall(NR["mlock"], self.base, 0)
            if refused:
                return refused
            mark = v.LOCKED | (v.LOCKONFAULT if flags else 0)

            def lock(vma: Vma, start: int, end: int) -> int:
                args = (self.base + start, end - start)
                nr = NR["mlock2"] if flags else NR["mlock"]
                error = host.syscall(nr, *args, flags)
                if not error:
                    self._mark(start, end, v.LOCKED | v.LOCKONFAULT, mark)
                return error

            return self._lock_range(addr, length, lock)

    def munlock(self, addr: int, length: int) -> int:
        """munlock(2)."""
        with self.lock:

            def unlock(vma: Vma, start: int, end: int) -> int:
                self._mark(start, end, v.LOCKED | v.LOCKONFAULT, 0)
                return host.syscall(NR["munlock"], self.base + start, end - start)

            return self._lock_range(addr, length, unlock)

    def _lock_range(self, addr: int, length: int, call: Callable[[Vma, int, int], int]) -> int:
        length = self.layout.align(length + (addr & (self.page - 1)))
        addr &= -self.page
        if not length:
            return 0
        self._enter(addr, addr + length)
        return self._walk(addr, addr + length, call)

    def mlockall(self, flags: int) -> int:
        """mlockall(2). The host's own call would lock the whole reservation: never made."""
        with self.lock:
            if not flags or flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT):
                return -EINVAL
            if flags == MCL_ONFAULT:
                return -EINVAL
            refused = host.syscall(NR["mlock"], self.base, 0)
            if refused:
                return refused
            if flags & MCL_CURRENT and self.table.total > self._memlock_limit():
                return -ENOMEM
            onfault = MLOCK_ONFAULT if flags & MCL_ONFAULT else 0
            self.lock_future = 2 | onfault if flags & MCL_FUTURE else 0
            if flags & MCL_CURRENT:
                for vma in list(self.vmas()):
                    if not vma.flags & v.SPECIAL:
                        self.mlock(vma.start, vma.end - vma.start, onfault)
            return 0

    def _memlock_limit(self) -> int:
        import resource

        if self.is_privileged():
            return SPACE
        soft = resource.getrlimit(RLIMIT_MEMLOCK)[0]
        return SPACE if soft < 0 else soft & -self.page

    def munlockall(self) -> int:
        """munlockall(2)."""
        with self.lock:
            self.lock_future = 0
            for vma in list(self.table):
                if vma.flags & v.LOCKED:
                    self.munlock(vma.start, vma.end - vma.start)
            return 0

    # -- System V shared memory

    def shmat(self, shmid: int, addr: int, flags: int) -> int:
        """shmat(2), at a place Linux would choose inside the guest."""
        with self.lock:
            if shmid < 0:
                return -EINVAL
            unit = 4 * self.page if self.abi == "arm" else self.page
            if addr & (unit - 1):
                if flags & SHM_RND:
                    addr &= -unit
                    if not addr and flags & SHM_REMAP:
                        return -EINVAL
                elif addr & (self.page - 1):
                    return -EINVAL
            elif not addr and flags & SHM_REMAP:
                return -EINVAL
            size, key = self._shm_info(shmid)
            if size < 0:
                return size
            length = self.layout.align(size)
            self._enter(addr, addr + length)
            if addr and not flags & SHM_REMAP and self.table.overlapping(addr, addr + length):
                return -EINVAL
            return self._shm_map(shmid, addr, flags, length, key)

    def _shm_map(self, shmid: int, addr: int, flags: int, length: int, key: int) -> int:
        addr = self._get_area(addr, length, MAP_FIXED if addr else 0)
        if addr < 0:
            return addr
        prot = v.PROT_READ if flags & SHM_RDONLY else 3
        if flags & SHM_EXEC or self.read_implies_exec:
            prot |= v.PROT_EXEC
        if not self._may_expand(length - self.table.covered(addr, addr + length), False):
            return -ENOMEM
        self._claim(addr, addr + length)
        how = flags & SHM_RDONLY | SHM_REMAP
        result = host.syscall(NR["shmat"], shmid, self.base + addr, how)
        if result != self.base + addr:
            return result if result < 0 else -ENOMEM
        may = 5 if flags & SHM_RDONLY else 7
        name = b"/SYSV%08x (deleted)" % (key & 0xFFFFFFFF)
        marks = v.SHARED | v.SHM
        self._record(
            Vma(addr, addr + length, prot, marks, path=name, dev=1, ino=shmid, offset=0, may=may)
        )
        return addr

    def _shm_info(self, shmid: int) -> tuple[int, int]:
        """Size and key of a segment, or (-errno, 0)."""
        info = cdata.create_string_buffer(256)
        error = host.syscall(NR["shmctl"], shmid, IPC_STAT, cdata.addressof(info))
        if error:
            return (-EACCES if error == -EPERM else error), 0
        raw = info.raw
        # shmid64_ds of both hosts: ipc64_perm (48 bytes, key first), then the size.
        return int.from_bytes(raw[48:56], "little"), int.from_bytes(raw[:4], "little")

    def shmdt(self, addr: int) -> int:
        """shmdt(2): unmap what is left of the attachment that began at `addr`."""
        with self.lock:
            if addr & (self.page - 1):
                return -EINVAL
            parts = [
                vma
                for vma in self.table
                if vma.flags & v.SHM and vma.start >= addr and vma.start - addr == vma.offset
            ]
            if not parts:
                return -EINVAL
            shmid = parts[0].ino
            for vma in parts:
                if vma.ino == shmid:
                    self._unmap(vma.start, vma.end)
            return 0

    # -- the rest

    def remap_file_pages(self, addr: int, size: int, prot: int, pgoff: int, flags: int) -> int:
        """remap_file_pages(2): within one shared mapping; the host kernel emulates it in place."""
        with self.lock:
            if prot:
                return -EINVAL
            start = addr & -self.page
            size &= -self.page
            vma = self.table.at(start)
            if not size or vma is None or not vma.flags & v.SHARED:
                return -EINVAL
            end = start + size
            if end > vma.end:
                return -EINVAL
            unit = 4096
            result = host.syscall(
                NR["remap_file_pages"], self.base + start, size, 0, pgoff * unit // self.page, flags
            )
            if result < 0:
                return result
            changed = vma.slice(start, end)
            changed.offset = pgoff * unit
            self.table.remove(start, end)
            self.table.insert(changed)
            if vma.prot & v.PROT_EXEC:
                self._tell_exec(start, end, True)
            return 0

    def after_fork_child(self) -> None:
        """In the child of fork(2): locks are not inherited, MADV_DONTFORK ranges are gone."""
        from _thread import RLock

        self.lock = RLock()
        self.lock_future = 0
        found = 0
        for vma in self.table:
            found |= vma.flags
        if found & v.DONTCOPY:
            for vma in list(self.table):
                if vma.flags & v.DONTCOPY:
                    self._host_none(vma.start, vma.end)
                    self._forget(vma.start, vma.end)
        if found & (v.LOCKED | v.LOCKONFAULT):
            self._mark(0, SPACE, v.LOCKED | v.LOCKONFAULT, 0)
