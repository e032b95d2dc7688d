/* Reads what statements send and throws it away: drain SOCKET USER DATABASE STATEMENT…, each in a
 * session and a thread of its own. No client can be cheaper than one that looks at nothing, so this
 * and the codec are the least that a dump can take once rows have to leave the server (floor.py).
 *
 * It speaks the protocol itself, as much as is needed: a local socket, no password, no TLS. */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>

enum {
    BUFFER_BYTES = 256 << 10,
    PROTOCOL_VERSION = 3 << 16,
    /* The server sends 8 kB at a time. Who sleeps a little before each read finds many of them
     * there, and spares the server waking it for each. */
    NAP_NS = 200 * 1000,
};

/* ReadyForQuery outside a transaction. Text of COPY holds no zero byte, so it is nothing else. */
static const unsigned char ready[] = {'Z', 0, 0, 0, 5, 'I'};

struct reader {
    pthread_t thread;
    const char *const *arguments; /* SOCKET USER DATABASE */
    const char *statement;
    unsigned long long bytes; /* received for the statement */
};

static void die(const char *what)
{
    fprintf(stderr, "drain: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);

    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        die(path);
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0)
        die(path);
    return descriptor;
}

/* A message: its type, unless that is 0 (the first of a session has none), its length, its body. */
static void send_message(int descriptor, char type, const void *body, size_t length)
{
    unsigned char head[1 + sizeof(uint32_t)] = {(unsigned char)type};
    uint32_t told = htonl((uint32_t)(length + sizeof(uint32_t)));
    size_t skip = type == 0;

    memcpy(head + 1, &told, sizeof told);
    if (send(descriptor, head + skip, sizeof head - skip, MSG_NOSIGNAL) < 0 ||
        send(descriptor, body, length, MSG_NOSIGNAL) != (ssize_t)length)
        die("cannot send");
}

static void send_startup(int descriptor, const char *user, const char *database)
{
    char body[1024];
    uint32_t version = htonl(PROTOCOL_VERSION);

    memcpy(body, &version, sizeof version);
    int length = snprintf(body + sizeof version, sizeof body - sizeof version,
                          "user%c%s%cdatabase%c%s%c", 0, user, 0, 0, database, 0);
    if (length < 0 || (size_t)length + sizeof version + 1 > sizeof body) {
        errno = ENAMETOOLONG;
        die(database);
    }
    send_message(descriptor, 0, body, sizeof version + (size_t)length + 1);
}

/* The most that is there, once there is something. */
static size_t receive_some(int descriptor, unsigned char *buffer)
{
    ssize_t got = recv(descriptor, buffer, BUFFER_BYTES, 0);

    if (got < 0)
        die("cannot receive");
    if (got == 0) {
        fputs("drain: the server has closed the session\n", stderr);
        exit(1);
    }
    return (size_t)got;
}

/* An answer that begins with an error is one: its fields are short strings, which a terminal shows
 * well enough. */
static void check_answer(const unsigned char *buffer, size_t length)
{
    if (buffer[0] != 'E')
        return;
    fputs("drain: the server says ", stderr);
    fwrite(buffer + 1 + sizeof(uint32_t), 1, length - 1 - sizeof(uint32_t), stderr);
    fputc('\n', stderr);
    exit(1);
}

/* All that comes before the server is ready for another query, in bytes. */
static unsigned long long drain(int descriptor, unsigned char *buffer, bool naps)
{
    const struct timespec nap = {.tv_nsec = NAP_NS};
    unsigned char tail[sizeof ready] = {0}; /* of all that was received */
    unsigned long long bytes = 0;

    do {
        if (naps)
            nanosleep(&nap, NULL);
        size_t got = receive_some(descriptor, buffer);
        if (bytes == 0)
            check_answer(buffer, got);
        size_t fresh = got < sizeof tail ? got : sizeof tail;
        memmove(tail, tail + fresh, sizeof tail - fresh);
        memcpy(tail + sizeof tail - fresh, buffer + got - fresh, fresh);
        bytes += got;
    } while (memcmp(tail, ready, sizeof tail) != 0);
    return bytes;
}

static void *read_all(void *argument)
{
    struct reader *reader = argument;
    unsigned char *buffer = malloc(BUFFER_BYTES);

    if (buffer == NULL)
        die("no memory");
    int descriptor = connect_to(reader->arguments[0]);
    send_startup(descriptor, reader->arguments[1], reader->arguments[2]);
    drain(descriptor, buffer, false);
    send_message(descriptor, 'Q', reader->statement, strlen(reader->statement) + 1);
    reader->bytes = drain(descriptor, buffer, true);
    close(descriptor);
    free(buffer);
    return NULL;
}

static double processor_seconds(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argument_count, char **arguments)
{
    if (argument_count < 5) {
        fputs("usage: drain SOCKET USER DATABASE STATEMENT...\n", stderr);
        return 2;
    }

    size_t count = (size_t)argument_count - 4;
    struct reader *readers = calloc(count, sizeof *readers);
    unsigned long long bytes = 0;

    for (size_t i = 0; readers != NULL && i < count; i++) {
        readers[i].arguments = (const char *const *)arguments + 1;
        readers[i].statement = arguments[4 + i];
        errno = pthread_create(&readers[i].thread, NULL, read_all, &readers[i]);
        if (errno != 0)
            die("cannot start a thread");
    }
    for (size_t i = 0; readers != NULL && i < count; i++) {
        pthread_join(readers[i].thread, NULL);
        bytes += readers[i].bytes;
    }
    printf("{\"cpu_seconds\": %.4f, \"bytes\": %llu}\n", processor_seconds(), bytes);
    free(readers);
    return readers == NULL;
}
