#include "engine/dump/child.h"

#include "engine/base/clock.h"
#include "engine/base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Between fork and exec of a program with threads: system calls only. */
static void become(const char *path, char *const *arguments, char *const *environment, int captured,
                   int output)
{
    sigset_t none;
    int nothing = open("/dev/null", O_RDWR);

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    /* Keys typed at the terminal are for us: we end the child. */
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++)
        dup2(descriptor == captured ? output : nothing, descriptor);
    execve(path, arguments, environment);
    _exit(127);
}

bool child_start(struct child *child, const char *path, char *const *arguments,
                 char *const *environment, int captured, struct error *error)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set_os(error, errno, "could not make a pipe");

    pid_t pid = FAULT_CALL("child.start", fork());

    if (pid == 0)
        become(path, arguments, environment, captured, ends[1]);
    close(ends[1]);
    if (pid < 0) {
        int reason = errno;

        close(ends[0]);
        return error_set_os(error, reason, "could not start \"%s\"", path);
    }
    child->pid = pid;
    child->output = ends[0];
    return true;
}

static void close_output(struct child *child)
{
    if (child->output >= 0)
        close(child->output);
    child->output = -1;
}

bool child_has_ended(struct child *child, int *status)
{
    if (child->pid <= 0 || waitpid(child->pid, status, WNOHANG) != child->pid)
        return false;
    child->pid = 0;
    return true;
}

void child_pause(struct child *child)
{
    if (child->pid > 0)
        kill(child->pid, SIGSTOP);
}

void child_resume(struct child *child)
{
    if (child->pid > 0)
        kill(child->pid, SIGCONT);
}

void child_end(struct child *child)
{
    uint64_t patience = clock_now_us() + 5000000;
    int status;

    close_output(child);
    if (child->pid > 0)
        kill(child->pid, SIGTERM);
    child_resume(child);
    while (child->pid > 0 && !child_has_ended(child, &status)) {
        if (clock_now_us() > patience)
            kill(child->pid, SIGKILL);
        poll(NULL, 0, 2);
    }
}
