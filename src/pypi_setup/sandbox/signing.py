"""The key with which the stand-in for GitHub signs OIDC tokens, and which the index trusts.

Needs PyJWT and cryptography (`pip install pypi-setup[sandbox]`), imported when a token is signed or read.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

KEY_ID = "pypi-sandbox"
LEEWAY = 30
"""Seconds that clocks may differ (warehouse/oidc/services.py)."""

_REQUIRED = ("iss", "iat", "exp", "aud")


@cache
def private_key() -> RSAPrivateKey:
    """Return this process's key; it is made when it is asked for first."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def signed(claims: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """Return the RS256 JSON Web Token with these claims."""
    import jwt

    return jwt.encode(dict(claims), private_key(), algorithm="RS256", headers=dict(headers))


def unverified(token: str) -> dict[str, Any]:
    """Return a token's claims without a look at its signature.

    Raises ValueError if it is no JSON Web Token.
    """
    import jwt

    try:
        return dict(jwt.decode(token, options={"verify_signature": False}))
    except jwt.PyJWTError as problem:
        raise ValueError("malformed JWT") from problem


def verified(token: str, issuer: str, audience: str) -> dict[str, Any]:
    """Return a token's claims.

    Raises ValueError if its signature, key, times, issuer or audience are not what they have to be.
    """
    import jwt

    try:
        if jwt.get_unverified_header(token).get("kid") != KEY_ID:
            raise ValueError("unknown key")
        return dict(
            jwt.decode(
                token,
                key=private_key().public_key(),
                algorithms=["RS256"],
                issuer=issuer,
                audience=audience,
                leeway=LEEWAY,
                options={"require": list(_REQUIRED), "strict_aud": True},
            )
        )
    except jwt.PyJWTError as problem:
        raise ValueError("invalid token") from problem
