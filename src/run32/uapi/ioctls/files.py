"""Files, block devices, random numbers, socket ownership.

Several macros say `long` or `size_t` where the kernel copies an int; their numbers then differ from
the host's although their arguments do not. See linux/fs.h.
"""

from run32.spec.ioctls import VALUE, ioctls
from run32.spec.layout import Int, Long, Size, UInt, ULong, UShort
from run32.spec.types import In, InOut, Out
from run32.uapi.structs.files import fiemap, file_clone_range, fstrim_range

# fmt: off
FS = ioctls("f", header="linux/fs.h")
FS.r(1, "FS_IOC_GETFLAGS", Long, really=Out[Int])
FS.w(2, "FS_IOC_SETFLAGS", Long, really=In[Int])
FS.rw(11, "FS_IOC_FIEMAP", fiemap, slow="ioctl")

VERSION = ioctls("v", header="linux/fs.h")
VERSION.r(1, "FS_IOC_GETVERSION", Long, really=Out[Int])
VERSION.w(2, "FS_IOC_SETVERSION", Long, really=In[Int])

XFS = ioctls("X", header="linux/fs.h")
XFS.rw(119, "FIFREEZE", Int)
XFS.rw(120, "FITHAW", Int)
XFS.rw(121, "FITRIM", fstrim_range)

CLONE = ioctls(0x94, header="linux/fs.h")
CLONE.w(9, "FICLONE", Int, really=VALUE)
CLONE.w(13, "FICLONERANGE", file_clone_range)

BLOCK = ioctls(0x12, header="linux/fs.h")
BLOCK.io(93, "BLKROSET", In[Int])
BLOCK.io(94, "BLKROGET", Out[Int])
BLOCK.io(95, "BLKRRPART", VALUE)
BLOCK.io(96, "BLKGETSIZE", Out[ULong], slow="ioctl")
BLOCK.io(97, "BLKFLSBUF", VALUE)
BLOCK.io(99, "BLKRAGET", Out[Long], slow="ioctl")
BLOCK.io(104, "BLKSSZGET", Out[Int])
BLOCK.r(112, "BLKBSZGET", Size, really=Out[Int])
BLOCK.w(113, "BLKBSZSET", Size, really=In[Int])
BLOCK.r(114, "BLKGETSIZE64", Size, really=Out[Int[2]])
BLOCK.io(120, "BLKIOMIN", Out[UInt])
BLOCK.io(121, "BLKIOOPT", Out[UInt])
BLOCK.io(122, "BLKALIGNOFF", Out[Int])
BLOCK.io(123, "BLKPBSZGET", Out[UInt])
BLOCK.io(124, "BLKDISCARDZEROES", Out[UInt])
BLOCK.io(125, "BLKSECDISCARD", In[Int[4]])
BLOCK.io(126, "BLKROTATIONAL", Out[UShort])

MAPPING = ioctls(0, header="linux/fs.h")
MAPPING.io(1, "FIBMAP", InOut[Int])
MAPPING.io(2, "FIGETBSZ", Out[Int])

RANDOM = ioctls("R", header="linux/random.h")
RANDOM.r(0, "RNDGETENTCNT", Int)

SOCKET = ioctls(0x89, header="asm/sockios.h")
SOCKET.old(0x8901, "FIOSETOWN", In[Int])
SOCKET.old(0x8902, "SIOCSPGRP", In[Int])
SOCKET.old(0x8903, "FIOGETOWN", Out[Int])
SOCKET.old(0x8904, "SIOCGPGRP", Out[Int])
SOCKET.old(0x8905, "SIOCATMARK", Out[Int])
# fmt: on
