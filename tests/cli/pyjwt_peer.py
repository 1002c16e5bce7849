"""PyJWT as a peer: JSON on standard input, {"do": "sign" or "verify", "jwk": ..., "payload"/"token": ...}; JSON as the answer."""

import json
import sys

import jwt

asked = json.load(sys.stdin)
jwk = asked["jwk"]
key = jwt.PyJWK(jwk, algorithm=jwk["alg"]).key
if asked["do"] == "sign":
    print(json.dumps({"token": jwt.encode(asked["payload"], key, algorithm=jwk["alg"], headers={"kid": jwk["kid"]})}))
else:
    payload = jwt.decode(asked["token"], key, algorithms=[jwk["alg"]])
    print(json.dumps({"payload": payload, "header": jwt.get_unverified_header(asked["token"])}))
