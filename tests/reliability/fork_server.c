/* pgfast, started once and run many times: for each line on stdin, words parted by tabs, a fork
 * runs that command as if it had just been started, which spares the loading of two dozen
 * libraries. The answer is "<wait status> <bytes>\n" and what the run said on stdout and stderr. A
 * run that takes too long is ended by SIGALRM. */
#include "cli/command.h"
#include "cli/signals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MOST 32
#define RUN_LIMIT_S 30

static int split(char *line, char **words)
{
    int count = 0;

    for (char *word = strtok(line, "\t\n"); word && count < WORDS_MOST; word = strtok(NULL, "\t\n"))
        words[count++] = word;
    words[count] = NULL;
    return count;
}

static _Noreturn void run(int count, char **words, int output)
{
    const struct command *command = command_find(words[0]);

    alarm(RUN_LIMIT_S);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    close(output);
    signals_ignore_failed_writes();
    int code = command ? command->run(command, count, words) : EXIT_FAILURE;
    fflush(stdout);
    _exit(code); /* not exit(), which would move the position in the commands that parent and child
                    share */
}

static void answer(int status, int output)
{
    struct stat said = {.st_size = 0};
    off_t from = 0;

    fstat(output, &said);
    printf("%d %lld\n", status, (long long)said.st_size);
    fflush(stdout);
    while (from < said.st_size &&
           sendfile(STDOUT_FILENO, output, &from, (size_t)(said.st_size - from)) > 0)
        continue;
}

int main(void)
{
    char *words[WORDS_MOST + 1];
    char *line = NULL;
    size_t room = 0;

    while (getline(&line, &room, stdin) > 0) {
        int count = split(line, words);
        int status = 0, output = memfd_create("said", 0);
        pid_t child = fork();
        if (output < 0 || child < 0 || count == 0)
            return EXIT_FAILURE;
        if (child == 0)
            run(count, words, output);
        waitpid(child, &status, 0);
        answer(status, output);
        close(output);
    }
    free(line);
    return EXIT_SUCCESS;
}
