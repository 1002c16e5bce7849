/**
 * @file messages.h
 * What is said about a token that was refused: the words of the HTTP contract, which both components share.
 */
#ifndef EDGE_MESSAGES_H
#define EDGE_MESSAGES_H

#define TOKEN_MISSING            "Missing token"
#define TOKEN_FORMAT             "Invalid token format"
#define TOKEN_HEADER_ENCODING    "Invalid header encoding"
#define TOKEN_HEADER_JSON        "Invalid header JSON"
#define TOKEN_ALGORITHM          "Unsupported algorithm: "
#define TOKEN_SIGNATURE_ENCODING "Invalid signature encoding"
#define TOKEN_SIGNATURE          "Invalid signature"
#define TOKEN_PAYLOAD_ENCODING   "Invalid payload encoding"
#define TOKEN_PAYLOAD_JSON       "Invalid payload JSON"
#define TOKEN_EXPIRED            "Token expired"
#define TOKEN_NOT_YET_VALID      "Token not yet valid"
#define TOKEN_ISSUED_AHEAD       "Token issued in the future"
#define TOKEN_ISSUER             "Wrong issuer"
#define TOKEN_AUDIENCE           "Wrong audience"
#define TOKEN_SUBJECT            "Missing subject claim"

/* Not the client's fault, so not among the contract's words: the gateway answers 503. */
#define TOKEN_VERIFIER_UNCONFIGURED "Token verification is not configured"

#endif
