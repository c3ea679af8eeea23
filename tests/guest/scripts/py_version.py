import platform
import sys

print(sys.version_info[:2], sys.maxsize, sys.byteorder, platform.machine(), sys.argv)
