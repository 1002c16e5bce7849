#include "foreign_id.h"

#include <string.h>

#include <openssl/evp.h>

#include "report.h"

todo_uuid foreign_id(const todo_uuid *user, const char *name)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    todo_uuid id;
    EVP_MD_CTX *context = need_memory(EVP_MD_CTX_new());
    if (EVP_DigestInit_ex(context, EVP_sha1(), NULL) != 1 ||
        EVP_DigestUpdate(context, user->bytes, sizeof(user->bytes)) != 1 ||
        EVP_DigestUpdate(context, name, strlen(name)) != 1 || EVP_DigestFinal_ex(context, digest, NULL) != 1)
        need_memory(NULL); /* SHA-1 is part of every build of OpenSSL */
    EVP_MD_CTX_free(context);
    memcpy(id.bytes, digest, sizeof(id.bytes));
    id.bytes[6] = (unsigned char)((id.bytes[6] & 0x0f) | 0x50);
    id.bytes[8] = (unsigned char)((id.bytes[8] & 0x3f) | 0x80);
    return id;
}
