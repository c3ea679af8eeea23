"""Interfaces and sockets: netdevice(7), arp(7), packet time stamps.

struct ifreq ends in a union whose widest member has longs, so it is larger on the host although
most requests use nothing of that.
"""

from run32.spec.ioctls import ioctls
from run32.spec.types import In, InOut, Out
from run32.uapi.structs.net import arpreq, ifconf, ifreq
from run32.uapi.structs.time import timespec, timeval

# fmt: off
STAMPS = ioctls(0x89, header="asm/sockios.h")
STAMPS.old(0x8906, "SIOCGSTAMP_OLD", Out[timeval], slow="netioctl")
STAMPS.old(0x8907, "SIOCGSTAMPNS_OLD", Out[timespec], slow="netioctl")

NET = ioctls(0x89, header="linux/sockios.h")
NET.old(0x8910, "SIOCGIFNAME", InOut[ifreq], slow="netioctl")
NET.old(0x8912, "SIOCGIFCONF", InOut[ifconf], slow="netioctl")
NET.old(0x8913, "SIOCGIFFLAGS", InOut[ifreq], slow="netioctl")
NET.old(0x8914, "SIOCSIFFLAGS", In[ifreq], slow="netioctl")
NET.old(0x8915, "SIOCGIFADDR", InOut[ifreq], slow="netioctl")
NET.old(0x8916, "SIOCSIFADDR", In[ifreq], slow="netioctl")
NET.old(0x8917, "SIOCGIFDSTADDR", InOut[ifreq], slow="netioctl")
NET.old(0x8918, "SIOCSIFDSTADDR", In[ifreq], slow="netioctl")
NET.old(0x8919, "SIOCGIFBRDADDR", InOut[ifreq], slow="netioctl")
NET.old(0x891A, "SIOCSIFBRDADDR", In[ifreq], slow="netioctl")
NET.old(0x891B, "SIOCGIFNETMASK", InOut[ifreq], slow="netioctl")
NET.old(0x891C, "SIOCSIFNETMASK", In[ifreq], slow="netioctl")
NET.old(0x891D, "SIOCGIFMETRIC", InOut[ifreq], slow="netioctl")
NET.old(0x891E, "SIOCSIFMETRIC", In[ifreq], slow="netioctl")
NET.old(0x8921, "SIOCGIFMTU", InOut[ifreq], slow="netioctl")
NET.old(0x8922, "SIOCSIFMTU", In[ifreq], slow="netioctl")
NET.old(0x8923, "SIOCSIFNAME", In[ifreq], slow="netioctl")
NET.old(0x8924, "SIOCSIFHWADDR", In[ifreq], slow="netioctl")
NET.old(0x8927, "SIOCGIFHWADDR", InOut[ifreq], slow="netioctl")
NET.old(0x8931, "SIOCADDMULTI", In[ifreq], slow="netioctl")
NET.old(0x8932, "SIOCDELMULTI", In[ifreq], slow="netioctl")
NET.old(0x8933, "SIOCGIFINDEX", InOut[ifreq], slow="netioctl")
NET.old(0x8934, "SIOCSIFPFLAGS", In[ifreq], slow="netioctl")
NET.old(0x8935, "SIOCGIFPFLAGS", InOut[ifreq], slow="netioctl")
NET.old(0x8937, "SIOCSIFHWBROADCAST", In[ifreq], slow="netioctl")
NET.old(0x8942, "SIOCGIFTXQLEN", InOut[ifreq], slow="netioctl")
NET.old(0x8943, "SIOCSIFTXQLEN", In[ifreq], slow="netioctl")
NET.old(0x8946, "SIOCETHTOOL", In[ifreq], slow="netioctl")
NET.old(0x8947, "SIOCGMIIPHY", InOut[ifreq], slow="netioctl")
NET.old(0x8948, "SIOCGMIIREG", InOut[ifreq], slow="netioctl")
NET.old(0x8949, "SIOCSMIIREG", In[ifreq], slow="netioctl")
NET.old(0x8953, "SIOCDARP", In[arpreq])
NET.old(0x8954, "SIOCGARP", InOut[arpreq])
NET.old(0x8955, "SIOCSARP", In[arpreq])
NET.old(0x8970, "SIOCGIFMAP", InOut[ifreq], slow="netioctl")
NET.old(0x8971, "SIOCSIFMAP", In[ifreq], slow="netioctl")
# fmt: on
