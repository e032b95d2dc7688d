/* Runs a fuzz target over files and folders of inputs, where libFuzzer is not at hand: what was
 * found stays found. */
#include "tests/fuzz/fuzz_target.h"

#include <dirent.h>
#include <sys/stat.h>

static int replay_file(const char *path)
{
    struct stat status;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &status) != 0) {
        perror(path);
        return 1;
    }
    size_t size = (size_t)status.st_size;
    uint8_t *data = malloc(size ? size : 1); /* to the byte, for the address sanitizer */
    int is_read = data && fread(data, 1, size, file) == size;
    fclose(file);
    if (is_read)
        LLVMFuzzerTestOneInput(data, size);
    else
        fprintf(stderr, "could not read %s\n", path);
    free(data);
    return !is_read;
}

static int replay_folder(const char *path)
{
    int failures = 0;
    const struct dirent *item;
    DIR *folder = opendir(path);
    if (!folder) {
        perror(path);
        return 1;
    }
    while ((item = readdir(folder)) != NULL) {
        char name[4096];
        if (item->d_name[0] == '.')
            continue;
        snprintf(name, sizeof(name), "%s/%s", path, item->d_name);
        failures += replay_file(name);
    }
    closedir(folder);
    return failures;
}

int main(int count, char **paths)
{
    int failures = 0;
    for (int i = 1; i < count; i++) {
        struct stat status;
        int is_folder = stat(paths[i], &status) == 0 && S_ISDIR(status.st_mode);
        failures += is_folder ? replay_folder(paths[i]) : replay_file(paths[i]);
    }
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
