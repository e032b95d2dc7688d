/* A disk that takes 5 MB a second, for a whole program (LD_PRELOAD). */
#include <dlfcn.h>
#include <pthread.h>
#include <sys/types.h>
#include <time.h>

enum { BYTES_PER_SECOND = 5 << 20 };

/* One after the other: writing in many threads makes it no faster. */
static void write_slowly(size_t length)
{
    static pthread_mutex_t disk = PTHREAD_MUTEX_INITIALIZER;
    unsigned long long nanoseconds = length * 1000000000ULL / BYTES_PER_SECOND;
    struct timespec pause = {(time_t)(nanoseconds / 1000000000), (long)(nanoseconds % 1000000000)};

    pthread_mutex_lock(&disk);
    nanosleep(&pause, NULL);
    pthread_mutex_unlock(&disk);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    ssize_t (*really)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite");

    write_slowly(length);
    return really(fd, bytes, length, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset)
{
    return pwrite(fd, bytes, length, offset);
}
