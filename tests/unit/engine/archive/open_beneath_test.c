#include "engine/archive/open_beneath.h"

#include "scratch_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static int errno_of_opening(int folder, const char *name)
{
    int descriptor = open_beneath(folder, name);

    if (descriptor < 0)
        return errno;
    close(descriptor);
    return 0;
}

/* As a number, because the second test asks in a process of its own; 0: all is as it should be. */
static int find_fault(const char *path)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool faults[] = {
        folder < 0,
        errno_of_opening(folder, "file") != 0,
        errno_of_opening(folder, "pipe") != 0, /* which must not wait for a writer */
        errno_of_opening(folder, "link") != ELOOP,
        errno_of_opening(folder, "../elsewhere") != EXDEV,
        errno_of_opening(folder, "..") != EXDEV,
        errno_of_opening(folder, "/etc/passwd") != EXDEV,
        errno_of_opening(folder, "absent") != ENOENT,
    };

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (faults[i])
            return (int)i + 1;
    close(folder);
    return 0;
}

static void fill(void **state)
{
    char *link = scratch_path(state, "link"), *pipe_path = scratch_path(state, "pipe");

    scratch_write(*state, "file", "hello", 5);
    assert_int_equal(symlink("file", link), 0);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    free(pipe_path);
    free(link);
}

static void nothing_outside_of_the_folder_is_opened(void **state)
{
    fill(state);
    assert_int_equal(find_fault(*state), 0);
}

static bool forbid_openat2(int answer)
{
    struct sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)answer),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {.len = sizeof steps / sizeof steps[0], .filter = steps};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void nor_where_the_kernel_or_a_container_lacks_openat2(void **state)
{
    static const int answers[] = {ENOSYS, EPERM};

    fill(state);
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        int status = 0;
        pid_t child = fork();

        if (child == 0)
            _exit(forbid_openat2(answers[i]) ? find_fault(*state) : 99);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(nothing_outside_of_the_folder_is_opened),
        scratch_test(nor_where_the_kernel_or_a_container_lacks_openat2),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
