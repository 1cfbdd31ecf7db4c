//! Access tokens for an application: an assertion signed by RS512 is exchanged for one, as NHS
//! England's "application-restricted RESTful APIs, signed JWT authentication" has it
//! (<https://www.rfc-editor.org/rfc/rfc7523#section-2.2>).

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{Id, PKey, Private};
use openssl::sign::Signer;
use serde::Deserialize;
use serde_json::json;
use thiserror::Error;
use ureq::Agent;

use crate::demographics::Unavailable;
use crate::secrets::SecretText;
use crate::settings::matching::PeerUrl;
use crate::store::identifiers::id_of;

/// How long an assertion holds; the token service takes none of more than five minutes.
const ASSERTION_LIFETIME: TimeDelta = TimeDelta::minutes(4);
/// How long before its end a token is no longer used, so that none ends under way.
const MARGIN: Duration = Duration::from_secs(30);
/// How long a token is used of which nothing else is said: theirs hold for ten minutes.
const LIFETIME_UNSAID: Duration = Duration::from_secs(60);
/// The longest answer of the token service, in bytes.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// What an application proves who it is with: a secret.
pub struct ApplicationKey {
    /// The token endpoint: also who the assertion is for.
    token_url: PeerUrl,
    /// The application's API key.
    client_id: String,
    /// Which of its keys it is.
    key_id: String,
    key: PKey<Private>,
}

/// Why a key is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the file must hold an RSA private key in PEM, of at least 2048 bits")]
pub struct ApplicationKeyError;

impl ApplicationKey {
    /// Reads the key of an application.
    ///
    /// # Errors
    /// [`ApplicationKeyError`] when it is no RSA key that RS512 may be signed with.
    pub fn of(
        token_url: PeerUrl,
        client_id: &str,
        key_id: &str,
        pem: &[u8],
    ) -> Result<Self, ApplicationKeyError> {
        let key = PKey::private_key_from_pem(pem)
            .ok()
            .ok_or(ApplicationKeyError)?;
        if key.id() != Id::RSA || key.bits() < 2048 {
            return Err(ApplicationKeyError);
        }
        Ok(Self {
            token_url,
            client_id: client_id.to_owned(),
            key_id: key_id.to_owned(),
            key,
        })
    }

    /// An assertion of who the application is.
    fn assertion(&self, now: DateTime<Utc>) -> Result<String, ErrorStack> {
        let header = json!({"alg": "RS512", "typ": "JWT", "kid": self.key_id});
        let claims = json!({
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.token_url.as_str(),
            "jti": id_of(now),
            "exp": (now + ASSERTION_LIFETIME).timestamp(),
        });
        let encoded = |part: serde_json::Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let signed = format!("{}.{}", encoded(header), encoded(claims));
        let signature = Signer::new(MessageDigest::sha512(), &self.key)?
            .sign_oneshot_to_vec(signed.as_bytes())?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl fmt::Debug for ApplicationKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApplicationKey(hidden)")
    }
}

/// The application's present token, asked for when it is needed. Threads share it.
pub struct AccessTokens {
    application: ApplicationKey,
    held: Mutex<Option<Token>>,
}

struct Token {
    bearer: SecretText,
    used_until: Instant,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: SecretText,
    token_type: String,
    /// Seconds, which this token service writes as a text.
    expires_in: Option<serde_json::Value>,
}

impl AccessTokens {
    pub fn of(application: ApplicationKey) -> Self {
        Self {
            application,
            held: Mutex::default(),
        }
    }

    /// The value of the `Authorization` header. Others wait while one asks for a token.
    ///
    /// # Errors
    /// [`Unavailable::NoToken`] when the token service gives none.
    pub fn bearer(
        &self,
        agent: &Agent,
        now: DateTime<Utc>,
        wait: Duration,
    ) -> Result<SecretText, Unavailable> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(token) = held
            .as_ref()
            .filter(|token| Instant::now() < token.used_until)
        {
            return Ok(token.bearer.clone());
        }
        let token = self.ask(agent, now, wait).ok_or(Unavailable::NoToken)?;
        let bearer = token.bearer.clone();
        *held = Some(token);
        Ok(bearer)
    }

    /// Forgets a token that was refused.
    pub fn forget(&self) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn ask(&self, agent: &Agent, now: DateTime<Utc>, wait: Duration) -> Option<Token> {
        let assertion = self.application.assertion(now).ok()?;
        let form = [
            ("grant_type", "client_credentials"),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", &assertion),
        ];
        let mut response = agent
            .post(self.application.token_url.as_str())
            .config()
            .timeout_global(Some(wait))
            .build()
            .send_form(form)
            .ok()
            .filter(|response| response.status().is_success())?;
        let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        let answer: TokenAnswer = serde_json::from_slice(&body.read_to_vec().ok()?).ok()?;
        let token = answer.access_token.expose();
        let is_plain = token.bytes().all(|byte| byte.is_ascii_graphic());
        if !answer.token_type.eq_ignore_ascii_case("bearer") || !is_plain {
            return None;
        }
        let lifetime = answer.expires_in.as_ref().and_then(seconds);
        let used_for = lifetime.unwrap_or(LIFETIME_UNSAID).saturating_sub(MARGIN);
        Some(Token {
            bearer: format!("Bearer {token}").into(),
            used_until: Instant::now() + used_for.min(Duration::from_secs(3600)),
        })
    }
}

fn seconds(value: &serde_json::Value) -> Option<Duration> {
    let whole = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    Some(Duration::from_secs(whole))
}

impl fmt::Debug for AccessTokens {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AccessTokens(hidden)")
    }
}
