"""A relying party on Authlib, with Debian's python3-authlib and python3-requests.

Settings come from the environment, as everywhere in this folder: ISSUER, CLIENT_ID, CLIENT_KEY (a JWK
with the private key), BASE, LISTEN, and REQUESTS_CA_BUNDLE.
"""

import html
import json
import os
import secrets
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, JsonWebToken
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken

ISSUER, BASE = os.environ["ISSUER"], os.environ["BASE"]
CLIENT = os.environ["CLIENT_ID"]
with open(os.environ["CLIENT_KEY"], encoding="utf-8") as f:
    KEY = JsonWebKey.import_key(json.load(f))
META = requests.get(ISSUER + "/.well-known/openid-configuration", timeout=10).json()


class ShortAssertion(PrivateKeyJWT):
    """Authlib's assertion lives an hour; FAPI and idp want minutes."""

    def sign(self, auth, token_endpoint):
        self.claims = {"exp": int(time.time()) + 60, "jti": secrets.token_urlsafe(16)}
        return super().sign(auth, token_endpoint)


class Party:
    """One relying party with one person in front of it."""

    def __init__(self):
        self.session = OAuth2Session(
            CLIENT, KEY, token_endpoint_auth_method="private_key_jwt", redirect_uri=BASE + "/callback",
            scope="openid email offline_access", code_challenge_method="S256",
        )
        self.session.register_client_auth_method(ShortAssertion(META["token_endpoint"], alg="ES256"))
        self.state = self.nonce = self.verifier = self.token = self.claims = None

    def login(self, query):
        self.verifier, self.nonce = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
        extra = {"acr_values": query["acr"][0]} if "acr" in query else {}
        url, self.state = self.session.create_authorization_url(
            META["authorization_endpoint"], code_verifier=self.verifier, nonce=self.nonce, **extra)
        return url

    def callback(self, url):
        answer = parse_qs(urlsplit(url).query)
        if answer.get("iss") != [ISSUER] or answer.get("state") != [self.state]:
            raise ValueError("iss or state")
        self.token = self.session.fetch_token(META["token_endpoint"], authorization_response=url, code_verifier=self.verifier)
        return self.take(self.token, {"nonce": self.nonce})

    def take(self, token, params):
        """Verify the ID token, ask userinfo with the access token."""
        keys = JsonWebKey.import_key_set(requests.get(META["jwks_uri"], timeout=10).json())
        options = {"iss": {"essential": True, "value": ISSUER}, "aud": {"essential": True, "value": CLIENT}}
        claims = JsonWebToken(["ES256"]).decode(
            token["id_token"], keys, claims_cls=CodeIDToken, claims_options=options,
            claims_params={"client_id": CLIENT, "access_token": token["access_token"], **params})
        claims.validate()
        if self.claims and "nonce" not in params:
            if any(claims.get(c) != self.claims.get(c) for c in ("sub", "acr", "auth_time")):
                raise ValueError("the refreshed ID token speaks of another sign-in")
        self.claims = claims
        info = self.session.get(META["userinfo_endpoint"]).json()
        if info["sub"] != claims["sub"]:
            raise ValueError("userinfo speaks of somebody else")
        return f"sub={claims['sub']} acr={claims['acr']} email={info['email']}"

    def refresh(self):
        old = dict(self.token)
        self.token = self.session.refresh_token(META["token_endpoint"], refresh_token=old["refresh_token"])
        if self.token["access_token"] == old["access_token"] or self.token["refresh_token"] == old["refresh_token"]:
            raise ValueError("nothing was renewed")
        return self.take(self.token, {})

    def logout(self):
        hint = self.token["id_token"]
        self.claims = None
        return META["end_session_endpoint"] + "?" + urlencode(
            {"id_token_hint": hint, "post_logout_redirect_uri": BASE + "/bye", "state": "s"})


PARTY = Party()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        path = urlsplit(self.path)
        try:
            if path.path == "/login":
                return self.go(PARTY.login(parse_qs(path.query)))
            if path.path == "/logout":
                return self.go(PARTY.logout())
            pages = {
                "/": lambda: "signed in" if PARTY.claims else "nobody is signed in",
                "/callback": lambda: PARTY.callback(BASE + self.path),
                "/refresh": PARTY.refresh,
                "/bye": lambda: "goodbye",
            }
            self.show(200, pages[path.path]())
        except Exception as e:  # whatever it is, the test is to see it
            self.show(502, f"error: {e!r}")

    def go(self, url):
        self.send_response(302)
        self.send_header("Location", url)
        self.end_headers()

    def show(self, status, text):
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        page = f"<!doctype html><html lang=en><title>Authlib</title><body><p>{html.escape(text)}</p></body></html>"
        self.wfile.write(page.encode())


host, port = os.environ["LISTEN"].split(":")
HTTPServer((host, int(port)), Handler).serve_forever()
