"""Terminals and pseudo terminals. See ioctl_tty(2); all numbers but one are older than _IOR."""

from run32.spec.ioctls import VALUE, ioctls
from run32.spec.layout import Char, Int, UInt
from run32.spec.types import In, InOut, Out
from run32.uapi.structs.tty import termio, termios, termios2, vt_stat, winsize

TTY = ioctls("T", header="asm/ioctls.h")

# fmt: off
TTY.old(0x5401, "TCGETS", Out[termios])
TTY.old(0x5402, "TCSETS", In[termios])
TTY.old(0x5403, "TCSETSW", In[termios])
TTY.old(0x5404, "TCSETSF", In[termios])
TTY.old(0x5405, "TCGETA", Out[termio])
TTY.old(0x5406, "TCSETA", In[termio])
TTY.old(0x5407, "TCSETAW", In[termio])
TTY.old(0x5408, "TCSETAF", In[termio])
TTY.r(0x2A, "TCGETS2", termios2)
TTY.w(0x2B, "TCSETS2", termios2)
TTY.w(0x2C, "TCSETSW2", termios2)
TTY.w(0x2D, "TCSETSF2", termios2)
TTY.old(0x5456, "TIOCGLCKTRMIOS", Out[termios])
TTY.old(0x5457, "TIOCSLCKTRMIOS", In[termios])

TTY.old(0x5409, "TCSBRK", VALUE)
TTY.old(0x540A, "TCXONC", VALUE)
TTY.old(0x540B, "TCFLSH", VALUE)
TTY.old(0x5425, "TCSBRKP", VALUE)
TTY.old(0x5427, "TIOCSBRK", VALUE)
TTY.old(0x5428, "TIOCCBRK", VALUE)

TTY.old(0x540C, "TIOCEXCL", VALUE)
TTY.old(0x540D, "TIOCNXCL", VALUE)
TTY.old(0x540E, "TIOCSCTTY", VALUE)
TTY.old(0x5422, "TIOCNOTTY", VALUE)
TTY.old(0x540F, "TIOCGPGRP", Out[Int])
TTY.old(0x5410, "TIOCSPGRP", In[Int])
TTY.old(0x5429, "TIOCGSID", Out[Int])
TTY.old(0x5411, "TIOCOUTQ", Out[Int])
TTY.old(0x5412, "TIOCSTI", In[Char])
TTY.old(0x5413, "TIOCGWINSZ", Out[winsize])
TTY.old(0x5414, "TIOCSWINSZ", In[winsize])

TTY.old(0x5415, "TIOCMGET", Out[Int])
TTY.old(0x5416, "TIOCMBIS", In[Int])
TTY.old(0x5417, "TIOCMBIC", In[Int])
TTY.old(0x5418, "TIOCMSET", In[Int])
TTY.old(0x5419, "TIOCGSOFTCAR", Out[Int])
TTY.old(0x541A, "TIOCSSOFTCAR", In[Int])
TTY.old(0x545C, "TIOCMIWAIT", VALUE)
TTY.old(0x541D, "TIOCCONS", VALUE)
TTY.old(0x5420, "TIOCPKT", In[Int])
TTY.old(0x5423, "TIOCSETD", In[Int])
TTY.old(0x5424, "TIOCGETD", Out[Int])

TTY.r(0x30, "TIOCGPTN", UInt)
TTY.w(0x31, "TIOCSPTLCK", Int)
TTY.r(0x32, "TIOCGDEV", UInt)
TTY.w(0x36, "TIOCSIG", Int, really=VALUE)
TTY.old(0x5437, "TIOCVHANGUP", VALUE)
TTY.r(0x38, "TIOCGPKT", Int)
TTY.r(0x39, "TIOCGPTLCK", Int)
TTY.r(0x40, "TIOCGEXCL", Int)
TTY.io(0x41, "TIOCGPTPEER", slow="ioctl")

# What any descriptor knows, numbered among the terminal's.
TTY.old(0x541B, "FIONREAD", InOut[Int])
TTY.old(0x5421, "FIONBIO", In[Int])
TTY.old(0x5450, "FIONCLEX", VALUE)
TTY.old(0x5451, "FIOCLEX", VALUE)
TTY.old(0x5452, "FIOASYNC", In[Int])
TTY.old(0x5460, "FIOQSIZE", Out[Int[2]], arm=0x545E, slow="ioctl")

CONSOLE = ioctls("K", header="linux/kd.h")
CONSOLE.old(0x4B33, "KDGKBTYPE", Out[Char])
CONSOLE.old(0x4B3B, "KDGETMODE", Out[Int])
CONSOLE.old(0x4B44, "KDGKBMODE", Out[Int])
CONSOLE.old(0x4B31, "KDGETLED", Out[Char])

VT = ioctls("V", header="linux/vt.h")
VT.old(0x5603, "VT_GETSTATE", Out[vt_stat])
# fmt: on
