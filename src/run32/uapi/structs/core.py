"""ELF and core files (core(5), elf(5)). Headers: linux/elf.h, and sys/procfs.h for what notes hold.

A 64-bit kernel writes the same for a 32-bit program (fs/compat_binfmt_elf.c).
"""

from run32.spec.layout import U8, U16, U32, Char, Int, Short, Struct, ULong, UShort
from run32.uapi.structs.time import timeval


class elf32_hdr(Struct, header="linux/elf.h"):
    e_ident: U8[16]
    e_type: U16
    e_machine: U16
    e_version: U32
    e_entry: U32
    e_phoff: U32
    e_shoff: U32
    e_flags: U32
    e_ehsize: U16
    e_phentsize: U16
    e_phnum: U16
    e_shentsize: U16
    e_shnum: U16
    e_shstrndx: U16


class elf32_phdr(Struct, header="linux/elf.h"):
    p_type: U32
    p_offset: U32
    p_vaddr: U32
    p_paddr: U32
    p_filesz: U32
    p_memsz: U32
    p_flags: U32
    p_align: U32


class elf32_note(Struct, header="linux/elf.h"):
    n_namesz: U32
    n_descsz: U32
    n_type: U32


class elf_siginfo(Struct, header="sys/procfs.h"):
    si_signo: Int
    si_code: Int
    si_errno: Int


class elf_prstatus(Struct, header="sys/procfs.h"):
    """NT_PRSTATUS of arm: r0 to r15, cpsr and the r0 that a system call began with."""

    pr_info: elf_siginfo
    pr_cursig: Short
    pr_sigpend: ULong
    pr_sighold: ULong
    pr_pid: Int
    pr_ppid: Int
    pr_pgrp: Int
    pr_sid: Int
    pr_utime: timeval
    pr_stime: timeval
    pr_cutime: timeval
    pr_cstime: timeval
    pr_reg: ULong[18]
    pr_fpvalid: Int


class elf_prpsinfo(Struct, header="sys/procfs.h"):
    """NT_PRPSINFO of guests: user and group in 16 bits."""

    pr_state: Char
    pr_sname: Char
    pr_zomb: Char
    pr_nice: Char
    pr_flag: ULong
    pr_uid: UShort
    pr_gid: UShort
    pr_pid: Int
    pr_ppid: Int
    pr_pgrp: Int
    pr_sid: Int
    pr_fname: Char[16]
    pr_psargs: Char[80]


class user_vfp(Struct, cname="", header=""):
    """NT_ARM_VFP."""

    fpregs: U8[256]
    fpscr: ULong


class file_note(Struct, cname="", header=""):
    """The head of NT_FILE; `mapped_file` follows `count` times, then the names."""

    count: ULong
    page_size: ULong


class mapped_file(Struct, cname="", header=""):
    """One entry of NT_FILE; the offset counts pages."""

    start: ULong
    end: ULong
    file_ofs: ULong
