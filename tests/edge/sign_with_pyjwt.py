"""Signs {"sub": SUB, "exp": EXP} with PyJWT: ALG SUB EXP on the command line, the key on standard input."""
import sys

import jwt

algorithm, subject, expiry = sys.argv[1:]
print(jwt.encode({"sub": subject, "exp": int(expiry)}, sys.stdin.read(), algorithm=algorithm))
