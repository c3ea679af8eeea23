"""Terminals. Headers: asm-generic/termbits.h, asm-generic/termios.h, linux/vt.h."""

from run32.spec.layout import U8, Struct, UInt, UShort


class termios(Struct, header="asm/termbits.h"):
    c_iflag: UInt
    c_oflag: UInt
    c_cflag: UInt
    c_lflag: UInt
    c_line: U8
    c_cc: U8[19]


class termios2(Struct, header="asm/termbits.h"):
    c_iflag: UInt
    c_oflag: UInt
    c_cflag: UInt
    c_lflag: UInt
    c_line: U8
    c_cc: U8[19]
    c_ispeed: UInt
    c_ospeed: UInt


class termio(Struct, header="asm/termios.h"):
    c_iflag: UShort
    c_oflag: UShort
    c_cflag: UShort
    c_lflag: UShort
    c_line: U8
    c_cc: U8[8]


class winsize(Struct, header="asm/termios.h"):
    ws_row: UShort
    ws_col: UShort
    ws_xpixel: UShort
    ws_ypixel: UShort


class vt_stat(Struct, header="linux/vt.h"):
    v_active: UShort
    v_signal: UShort
    v_state: UShort
