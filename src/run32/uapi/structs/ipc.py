"""System V IPC. Headers: linux/{ipc,sem,msg,shm}.h, asm/{ipcbuf,sembuf,msgbuf,shmbuf}.h.

The 32-bit structs keep the upper halves of times apart; x86-64's semid64_ds has them as padding.
"""

from run32.spec.layout import Int, Long, Size, Struct, UInt, ULong, UShort

HOSTS = ("lp64", "x86_64", "aarch64")


class host_perm(Struct, cname="struct ipc64_perm", header="asm/ipcbuf.h"):
    key: Int
    uid: UInt
    gid: UInt
    cuid: UInt
    cgid: UInt
    mode: UInt
    seq: UShort
    pad2: UShort
    unused1: ULong
    unused2: ULong


_PERM: dict[str, type[Struct]] = dict.fromkeys(HOSTS, host_perm)


class ipc64_perm(Struct, variants=_PERM, header="asm/ipcbuf.h"):
    key: Int
    uid: UInt
    gid: UInt
    cuid: UInt
    cgid: UInt
    mode: UShort
    pad1: UShort
    seq: UShort
    pad2: UShort
    unused1: ULong
    unused2: ULong


class host_semid(Struct, cname="struct semid64_ds", header="asm/sembuf.h"):
    sem_perm: ipc64_perm
    sem_otime: Long
    sem_ctime: Long
    sem_nsems: ULong
    unused3: ULong
    unused4: ULong


class semid_x86_64(Struct, cname="struct semid64_ds", header="asm/sembuf.h"):
    sem_perm: ipc64_perm
    sem_otime: Long
    unused1: ULong
    sem_ctime: Long
    unused2: ULong
    sem_nsems: ULong
    unused3: ULong
    unused4: ULong


_SEMID: dict[str, type[Struct]] = {
    "lp64": host_semid,
    "x86_64": semid_x86_64,
    "aarch64": host_semid,
}


class semid64_ds(Struct, variants=_SEMID, header="asm/sembuf.h"):
    sem_perm: ipc64_perm
    sem_otime: ULong
    sem_otime_high: ULong
    sem_ctime: ULong
    sem_ctime_high: ULong
    sem_nsems: ULong
    unused3: ULong
    unused4: ULong


class host_msqid(Struct, cname="struct msqid64_ds", header="asm/msgbuf.h"):
    msg_perm: ipc64_perm
    msg_stime: Long
    msg_rtime: Long
    msg_ctime: Long
    msg_cbytes: ULong
    msg_qnum: ULong
    msg_qbytes: ULong
    msg_lspid: Int
    msg_lrpid: Int
    unused4: ULong
    unused5: ULong


_MSQID: dict[str, type[Struct]] = dict.fromkeys(HOSTS, host_msqid)


class msqid64_ds(Struct, variants=_MSQID, header="asm/msgbuf.h"):
    msg_perm: ipc64_perm
    msg_stime: ULong
    msg_stime_high: ULong
    msg_rtime: ULong
    msg_rtime_high: ULong
    msg_ctime: ULong
    msg_ctime_high: ULong
    msg_cbytes: ULong
    msg_qnum: ULong
    msg_qbytes: ULong
    msg_lspid: Int
    msg_lrpid: Int
    unused4: ULong
    unused5: ULong


class host_shmid(Struct, cname="struct shmid64_ds", header="asm/shmbuf.h"):
    shm_perm: ipc64_perm
    shm_segsz: Size
    shm_atime: Long
    shm_dtime: Long
    shm_ctime: Long
    shm_cpid: Int
    shm_lpid: Int
    shm_nattch: ULong
    unused4: ULong
    unused5: ULong


_SHMID: dict[str, type[Struct]] = dict.fromkeys(HOSTS, host_shmid)


class shmid64_ds(Struct, variants=_SHMID, header="asm/shmbuf.h"):
    shm_perm: ipc64_perm
    shm_segsz: Size
    shm_atime: ULong
    shm_atime_high: ULong
    shm_dtime: ULong
    shm_dtime_high: ULong
    shm_ctime: ULong
    shm_ctime_high: ULong
    shm_cpid: Int
    shm_lpid: Int
    shm_nattch: ULong
    unused4: ULong
    unused5: ULong


class shminfo64(Struct, header="asm/shmbuf.h"):
    shmmax: ULong
    shmmin: ULong
    shmmni: ULong
    shmseg: ULong
    shmall: ULong
    unused1: ULong
    unused2: ULong
    unused3: ULong
    unused4: ULong


class shm_info(Struct, header="linux/shm.h"):
    used_ids: Int
    shm_tot: ULong
    shm_rss: ULong
    shm_swp: ULong
    swap_attempts: ULong
    swap_successes: ULong
