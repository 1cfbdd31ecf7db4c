"""An OAuth client from PyPI has tokens issued by the running server, and uses them.

https://github.com/authlib/authlib. Started by scripts/test-clients, which sets BASE_URL,
SANDBOX_DATA and ID_TOKEN.
"""

import json
import os
import time
import unittest
import uuid
from pathlib import Path

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from children import ONE_PLAN

BASE_URL = os.environ["BASE_URL"]
KEYS = Path(os.environ["SANDBOX_DATA"]) / "keys"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"
SMART = requests.get(f"{BASE_URL}/.well-known/smart-configuration", timeout=60).json()
ENDPOINT = SMART["token_endpoint"]


def session(client_id, **claims):
    """A client of the sandbox with its key, and what else its assertion says."""
    key_id = json.loads((KEYS / "client-jwks.json").read_text())["keys"][0]["kid"]
    made = OAuth2Session(
        client_id,
        ECKey.import_key((KEYS / "client.pem").read_text()),
        token_endpoint_auth_method="private_key_jwt",
    )
    # Its assertions hold for an hour unless told otherwise, and five minutes are the longest taken.
    said = {"exp": int(time.time()) + 240, "jti": str(uuid.uuid4())} | claims
    made.register_client_auth_method(
        PrivateKeyJWT(ENDPOINT, claims=said, headers={"kid": key_id}, alg="ES256")
    )
    return made


def exchanged(**more):
    """The session of a person whose id token is exchanged."""
    made = session("sandbox-exchanging-epr")
    made.fetch_token(
        ENDPOINT,
        grant_type=EXCHANGE,
        subject_token=os.environ["ID_TOKEN"],
        subject_token_type=ID_TOKEN,
        **more,
    )
    return made


class AuthlibTest(unittest.TestCase):
    """What an OAuth client asks."""

    def test_a_person_looks_with_the_token_that_an_id_token_was_exchanged_for(self):
        made = exchanged()
        self.assertLessEqual(made.token["expires_in"], 300)
        found = made.get(f"{BASE_URL}/Flag", params={"patient": ONE_PLAN}, timeout=60)
        self.assertEqual((found.status_code, found.json()["total"]), (200, 1))

    def test_a_narrower_scope_opens_less(self):
        made = exchanged(scope="user/Patient.r")
        self.assertEqual(made.token["scope"], "user/Patient.r")
        found = made.get(f"{BASE_URL}/Flag", params={"patient": ONE_PLAN}, timeout=60)
        self.assertEqual(found.status_code, 403)

    def test_a_local_authority_has_a_token_for_itself_which_opens_no_child(self):
        made = session("sandbox-authority")
        made.fetch_token(ENDPOINT, grant_type="client_credentials", scope="plans.upload")
        held = made.get(f"{BASE_URL}/$held-plans", timeout=60)
        self.assertEqual(held.status_code, 200)
        found = made.get(f"{BASE_URL}/Flag", params={"patient": ONE_PLAN}, timeout=60)
        self.assertEqual(found.status_code, 403)

    def test_a_system_that_somebody_answers_for_looks_in_that_persons_name(self):
        made = session("sandbox-unattended")
        made.fetch_token(ENDPOINT, grant_type="client_credentials", scope="system/Flag.rs")
        found = made.get(f"{BASE_URL}/Flag", params={"patient": ONE_PLAN}, timeout=60)
        self.assertEqual(found.json()["total"], 1)

    def test_the_published_keys_verify_the_token(self):
        keys = requests.get(SMART["jwks_uri"], timeout=60).json()
        read = jwt.decode(
            exchanged().token["access_token"], KeySet.import_key_set(keys), ["ES256"]
        )
        self.assertEqual(read.claims["iss"], SMART["issuer"])
        self.assertEqual(read.claims["aud"], BASE_URL)

    def test_an_assertion_that_is_used_again_or_is_too_long_is_refused(self):
        used = {"jti": str(uuid.uuid4())}
        session("sandbox-authority", **used).fetch_token(
            ENDPOINT, grant_type="client_credentials"
        )
        for claims in (used, {"exp": int(time.time()) + 3600}):
            with self.assertRaises(OAuthError) as refused:
                session("sandbox-authority", **claims).fetch_token(
                    ENDPOINT, grant_type="client_credentials"
                )
            self.assertEqual(refused.exception.error, "invalid_client")


if __name__ == "__main__":
    unittest.main(verbosity=2)
