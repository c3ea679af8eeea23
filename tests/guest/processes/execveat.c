/* execveat and fexecve. */
#include "../c/show.h"
#include <sys/prctl.h>
#include <sys/wait.h>

extern char **environ;

static int at(int fd, const char *path, int flags)
{
    char *argv[] = {"me", "child", NULL};
    int status;
    pid_t pid = fork();
    if (!pid) {
        syscall(SYS_execveat, fd, path, argv, environ, flags);
        printf("%s\n", strerrorname_np(errno));
        _exit(99);
    }
    waitpid(pid, &status, 0);
    return status;
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        char name[17] = "";
        prctl(PR_GET_NAME, name);
        printf("%s %s\n", argv[0], argv[argc - 1]);
        return 4;
    }
    char self[PATH_MAX] = "";
    readlink("/proc/self/exe", self, sizeof self - 1);
    char *base = strrchr(self, '/');
    int exe = open(self, O_RDONLY | O_CLOEXEC);
    *base = 0;
    int dir = open(self[0] ? self : "/", O_RDONLY | O_DIRECTORY);
    *base = '/';
    symlink(self, "link");
    printf("%#x\n", at(AT_FDCWD, self, 0));
    printf("%#x\n", at(dir, base + 1, 0));
    printf("%#x\n", at(exe, "", AT_EMPTY_PATH));
    printf("%#x\n", at(exe, "", 0));
    printf("%#x\n", at(exe, "x", 0));
    printf("%#x\n", at(99, "x", 0));
    printf("%#x\n", at(99, "", AT_EMPTY_PATH));
    printf("%#x\n", at(AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW));
    printf("%#x\n", at(AT_FDCWD, "link", 0));
    printf("%#x\n", at(AT_FDCWD, "link", 0x8000));
    printf("%#x\n", at(dir, "missing", 0));
    printf("%#x\n", at(dir, "", AT_EMPTY_PATH));
    write_file("script", "#!/proc/self/exe child\n", 23);
    chmod("script", 0755);
    int script = open("script", O_RDONLY);
    printf("%#x\n", at(script, "", AT_EMPTY_PATH));
    return 0;
}
