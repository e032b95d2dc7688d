#include "engine/base/checksum.h"

#include "engine/base/memory.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum { DIGEST_BYTES = (CHECKSUM_TEXT_BYTES - 1) / 2 };

/* OpenSSL's type hides behind ours. Nothing but a lack of memory can make its functions fail. */
static EVP_MD_CTX *context_of(struct checksum *checksum)
{
    return (EVP_MD_CTX *)(void *)checksum;
}

static void must_succeed(int outcome)
{
    if (outcome != 1)
        memory_end_program();
}

struct checksum *checksum_create(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    must_succeed(context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1);
    return (struct checksum *)(void *)context;
}

void checksum_free(struct checksum *checksum)
{
    EVP_MD_CTX_free(context_of(checksum));
}

void checksum_update(struct checksum *checksum, const void *bytes, size_t length)
{
    must_succeed(EVP_DigestUpdate(context_of(checksum), bytes, length));
}

static void print(const unsigned char digest[DIGEST_BYTES], char text[CHECKSUM_TEXT_BYTES])
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    text[CHECKSUM_TEXT_BYTES - 1] = '\0';
}

void checksum_end(struct checksum *checksum, char text[CHECKSUM_TEXT_BYTES])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length;

    must_succeed(EVP_DigestFinal_ex(context_of(checksum), digest, &length));
    assert(length == DIGEST_BYTES);
    print(digest, text);
}

void checksum_text_of(const void *bytes, size_t length, char text[CHECKSUM_TEXT_BYTES])
{
    unsigned char digest[EVP_MAX_MD_SIZE];

    must_succeed(EVP_Digest(bytes, length, digest, NULL, EVP_sha256(), NULL));
    print(digest, text);
}

bool checksum_text_is_valid(const char *text)
{
    return strlen(text) == CHECKSUM_TEXT_BYTES - 1 &&
           strspn(text, "0123456789abcdef") == CHECKSUM_TEXT_BYTES - 1;
}
