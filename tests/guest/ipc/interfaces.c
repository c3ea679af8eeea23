#include "net.h"
#include <net/if.h>
#include <net/if_arp.h>
int main(void)
{
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    struct ifreq r = {.ifr_name = "lo"};
    printf("%zu %zu\n", sizeof r, sizeof(struct ifconf));
    SHOW(ioctl(s, SIOCGIFFLAGS, &r));
    printf("%d\n", (r.ifr_flags & (IFF_UP | IFF_LOOPBACK)) == (IFF_UP | IFF_LOOPBACK));
    SHOW(ioctl(s, SIOCGIFADDR, &r));
    puts(inet_ntoa(((struct sockaddr_in *)&r.ifr_addr)->sin_addr));
    SHOW(ioctl(s, SIOCGIFNETMASK, &r));
    puts(inet_ntoa(((struct sockaddr_in *)&r.ifr_addr)->sin_addr));
    SHOW(ioctl(s, SIOCGIFINDEX, &r));
    SHOW(r.ifr_ifindex);
    SHOW(ioctl(s, SIOCGIFMTU, &r));
    SHOW(r.ifr_mtu);
    SHOW(ioctl(s, SIOCGIFHWADDR, &r));
    SHOW(r.ifr_hwaddr.sa_family == ARPHRD_LOOPBACK);
    SHOW(ioctl(s, SIOCGIFMAP, &r));
    printf("%lx %lx %x\n", r.ifr_map.mem_start, r.ifr_map.mem_end, r.ifr_map.irq);
    memset(&r, 0, sizeof r), r.ifr_ifindex = 1;
    SHOW(ioctl(s, SIOCGIFNAME, &r));
    puts(r.ifr_name);
    r.ifr_ifindex = 12345;
    SHOW(ioctl(s, SIOCGIFNAME, &r));
    strcpy(r.ifr_name, "nosuch");
    SHOW(ioctl(s, SIOCGIFADDR, &r));
    SHOW(ioctl(s, SIOCGIFADDR, 8));
    struct ifreq all[40];
    struct ifconf c = {.ifc_len = sizeof all, .ifc_req = all};
    SHOW(ioctl(s, SIOCGIFCONF, &c));
    int found = 0;
    for (unsigned i = 0; i < c.ifc_len / sizeof *all; i++)
        found += !strcmp(all[i].ifr_name, "lo");
    printf("%d %d\n", found, c.ifc_len % 32);
    int whole = c.ifc_len;
    c.ifc_req = NULL, c.ifc_len = 0;
    SHOW(ioctl(s, SIOCGIFCONF, &c));
    printf("%d\n", c.ifc_len == whole);
    c.ifc_req = all, c.ifc_len = 31;
    SHOW(ioctl(s, SIOCGIFCONF, &c));
    SHOW(c.ifc_len);
    c.ifc_len = 63;
    SHOW(ioctl(s, SIOCGIFCONF, &c));
    SHOW(c.ifc_len);
    SHOW(if_nametoindex("lo"));
    SHOW(ioctl(0, SIOCGIFFLAGS, &r));
    SHOW(ioctl(99, SIOCGIFFLAGS, &r));
}
